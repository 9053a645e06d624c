package main

import (
	"context"
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/cache"
)

// informer prints "synced" and, as the informer's handlers are told: "add|update|delete NAME COLOUR".
func informer(ctx context.Context, config *rest.Config, resource, namespace string) error {
	gvr, _ := schema.ParseResourceArg(resource)
	if gvr == nil {
		return fmt.Errorf("cannot watch %q: it is not RESOURCE.VERSION.GROUP", resource)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	factory := dynamicinformer.NewFilteredDynamicSharedInformerFactory(client, 0, namespace, func(*metav1.ListOptions) {})
	shared := factory.ForResource(*gvr).Informer()
	_, err = shared.AddEventHandler(cache.ResourceEventHandlerFuncs{
		AddFunc: func(object any) { printEvent("add", object) },
		UpdateFunc: func(before, after any) {
			// A list that finds nothing new is an update to the handlers too.
			if version(before) != version(after) {
				printEvent("update", after)
			}
		},
		DeleteFunc: func(object any) {
			if gone, ok := object.(cache.DeletedFinalStateUnknown); ok {
				object = gone.Obj
			}
			printEvent("delete", object)
		},
	})
	if err != nil {
		return err
	}
	factory.Start(ctx.Done())
	if cache.WaitForCacheSync(ctx.Done(), shared.HasSynced) {
		fmt.Println("synced")
	}
	<-ctx.Done()
	factory.Shutdown()
	return nil
}

func printEvent(event string, object any) {
	seen := object.(*unstructured.Unstructured)
	colour, _, _ := unstructured.NestedString(seen.Object, "data", "colour")
	fmt.Println(event, seen.GetName(), colour)
}

func version(object any) string {
	return object.(*unstructured.Unstructured).GetResourceVersion()
}
