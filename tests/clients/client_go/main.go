// A program over client-go for the tests of the API server in memory. What it sees and does, it prints, a line each.
//
//	client_go informer RESOURCE.VERSION.GROUP NAMESPACE   prints each event until the end of its standard input
//	client_go session NAMESPACE                           discovery, then each verb of the dynamic client
//
// KUBECONFIG names the server.
package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
)

func main() {
	// What client-go has to say of its troubles is no part of what is compared.
	klog.LogToStderr(false)
	klog.SetOutput(io.Discard)
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	// Its limit of five requests a second would only slow the tests.
	config.QPS = -1
	switch {
	case len(args) == 3 && args[0] == "informer":
		return informer(untilStdinEnds(), config, args[1], args[2])
	case len(args) == 2 && args[0] == "session":
		return session(context.Background(), config, args[1])
	}
	return fmt.Errorf("cannot run %q: it is no command", args)
}

// untilStdinEnds gives a context that ends with the standard input, so that the program never outlives who started it.
func untilStdinEnds() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	return ctx
}
