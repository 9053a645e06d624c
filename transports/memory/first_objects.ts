import { NoVersionedResourceError } from "../../lib/kubernetes/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Cluster } from "./call.ts";
import { createFrom } from "./create.ts";
import { defaultRoles } from "./default_roles.ts";
import { RBAC_GROUP } from "./rbac.ts";
import { ownWriter } from "./write.ts";

const NAMESPACES = ["default", "kube-node-lease", "kube-public", "kube-system"];

/** Makes what every cluster has from the beginning: namespaces, and the roles where they are looked at. */
export function makeFirstObjects(cluster: Cluster, { withRoles }: { withRoles: boolean }): void {
  for (const name of NAMESPACES)
    make(cluster, { group: "", resource: "namespaces", object: { metadata: { name } } });
  if (!withRoles) return;
  for (const role of defaultRoles()) make(cluster, { group: RBAC_GROUP, ...role });
}

function make(
  cluster: Cluster,
  { object, ...place }: { group: string; resource: string; object: KubernetesObject },
): void {
  const resource = cluster.registry.find({ ...place, version: "v1" });
  if (!resource) throw new NoVersionedResourceError(`v1 ${place.resource}`);
  const collection = cluster.store.collection(resource);
  const writer = ownWriter({ cluster, resource });
  createFrom({ cluster, resource, collection, namespace: "", dryRun: false, writer }, object);
}
