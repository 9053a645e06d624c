import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Cluster, WriteScope } from "./call.ts";
import type { Writer } from "./field_manager.ts";
import { type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";

/** Writes an arranged object, new or in place of `before`; gives what the answer shows. */
export function put(
  { cluster, resource, collection, dryRun }: WriteScope,
  { before, object: written }: { before?: ObjectVersion; object: Frozen<KubernetesObject> },
): Frozen<KubernetesObject> {
  const object = resource.stored?.(written) ?? written;
  if (!dryRun) return servedObject(cluster.store.put(collection, { before, object }), resource);
  if (before) return servedObject(objectVersion(object, before.revision), resource);
  const { resourceVersion: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** Removes an object. */
export function remove({ cluster, collection, dryRun }: WriteScope, before: ObjectVersion): void {
  if (!dryRun) cluster.store.remove(collection, before);
}

/** The server itself as a writer of its own accord. */
export function ownWriter(
  { cluster, resource }: { cluster: Cluster; resource: { group: string; version: string } },
  { subresource = "" }: { subresource?: string } = {},
): Writer {
  const apiVersion = formatGroupVersion(resource);
  return { manager: "kube-apiserver", apiVersion, subresource, time: timestamp(cluster) };
}

/** Now, as metadata says it: in whole seconds. */
export function timestamp({ wallClock }: Pick<Cluster, "wallClock">): string {
  return `${wallClock().toISOString().slice(0, -".000Z".length)}Z`;
}
