package main

import (
	"context"
	"encoding/json"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/discovery/cached/memory"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"
)

// session asks discovery where kinds are, by the mapper that controllers use, and then goes through the verbs of the
// dynamic client on a ConfigMap. An error that the server is meant to answer with is printed by its reason.
func session(ctx context.Context, config *rest.Config, namespace string) error {
	if err := printDiscovery(config); err != nil {
		return err
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return err
	}
	configMaps := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "configmaps"}).Namespace(namespace)

	created, err := configMaps.Create(ctx, configMap("settings", "red"), metav1.CreateOptions{})
	report("create", created, err)
	again, err := configMaps.Create(ctx, configMap("settings", "red"), metav1.CreateOptions{})
	report("create again", again, err)
	generated := configMap("", "red")
	generated.SetGenerateName("generated-")
	named, err := configMaps.Create(ctx, generated, metav1.CreateOptions{DryRun: []string{metav1.DryRunAll}})
	if err != nil || len(named.GetName()) != len("generated-")+5 {
		return fmt.Errorf("cannot create with a generated name: %v %v", named, err)
	}

	got, err := configMaps.Get(ctx, "settings", metav1.GetOptions{})
	report("get", got, err)
	if err := unstructured.SetNestedField(got.Object, "green", "data", "colour"); err != nil {
		return err
	}
	updated, err := configMaps.Update(ctx, got, metav1.UpdateOptions{})
	report("update", updated, err)
	stale, err := configMaps.Update(ctx, got, metav1.UpdateOptions{})
	report("update of a stale version", stale, err)

	merged, err := configMaps.Patch(ctx, "settings", types.MergePatchType, []byte(`{"data":{"colour":"blue"}}`), metav1.PatchOptions{})
	report("merge patch", merged, err)
	operations := []byte(`[{"op":"replace","path":"/data/colour","value":"black"}]`)
	patched, err := configMaps.Patch(ctx, "settings", types.JSONPatchType, operations, metav1.PatchOptions{})
	report("json patch", patched, err)

	applied, err := configMaps.Apply(ctx, "applied", configMap("applied", "white"), metav1.ApplyOptions{FieldManager: "one"})
	report("apply", applied, err)
	conflict, err := configMaps.Apply(ctx, "applied", configMap("applied", "pink"), metav1.ApplyOptions{FieldManager: "two"})
	report("apply against another manager", conflict, err)
	forced, err := configMaps.Apply(ctx, "applied", configMap("applied", "pink"), metav1.ApplyOptions{FieldManager: "two", Force: true})
	report("apply with force", forced, err)

	page, err := configMaps.List(ctx, metav1.ListOptions{Limit: 1})
	if err != nil {
		return err
	}
	rest, err := configMaps.List(ctx, metav1.ListOptions{Continue: page.GetContinue()})
	if err != nil {
		return err
	}
	fmt.Println("list:", page.Items[0].GetName(), "then", len(rest.Items), "more")

	report("delete", nil, configMaps.Delete(ctx, "settings", metav1.DeleteOptions{}))
	report("delete again", nil, configMaps.Delete(ctx, "settings", metav1.DeleteOptions{}))
	report("delete all", nil, configMaps.DeleteCollection(ctx, metav1.DeleteOptions{}, metav1.ListOptions{FieldSelector: "metadata.name=applied"}))
	gone, err := configMaps.Get(ctx, "applied", metav1.GetOptions{})
	report("get of what is gone", gone, err)
	return nil
}

func printDiscovery(config *rest.Config) error {
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return err
	}
	version, err := client.ServerVersion()
	if err != nil {
		return err
	}
	fmt.Println("version:", version.GitVersion)
	mapper := restmapper.NewShortcutExpander(restmapper.NewDeferredDiscoveryRESTMapper(memory.NewMemCacheClient(client)), client, nil)
	for _, kind := range []schema.GroupKind{{Kind: "Pod"}, {Kind: "Node"}, {Group: "apps", Kind: "Deployment"}, {Group: "example.com", Kind: "Widget"}, {Kind: "Nothing"}} {
		mapping, err := mapper.RESTMapping(kind)
		switch {
		case meta.IsNoMatchError(err):
			fmt.Println("mapping:", kind, "no match")
		case err != nil:
			return err
		default:
			fmt.Println("mapping:", kind, mapping.Resource.GroupVersion(), mapping.Resource.Resource, mapping.Scope.Name())
		}
	}
	for _, name := range []string{"deploy", "cm", "wd"} {
		found, err := mapper.ResourceFor(schema.GroupVersionResource{Resource: name})
		if err != nil {
			return err
		}
		fmt.Println("short name:", name, found.GroupResource())
	}
	return nil
}

func configMap(name, colour string) *unstructured.Unstructured {
	object := &unstructured.Unstructured{Object: map[string]any{"data": map[string]any{"colour": colour}}}
	object.SetAPIVersion("v1")
	object.SetKind("ConfigMap")
	object.SetName(name)
	return object
}

func report(what string, object *unstructured.Unstructured, err error) {
	switch {
	case err != nil:
		fmt.Println(what+":", apierrors.ReasonForError(err))
	case object == nil:
		fmt.Println(what + ": done")
	default:
		data, _ := json.Marshal(object.Object["data"])
		fmt.Println(what+":", object.GetName(), string(data))
	}
}
