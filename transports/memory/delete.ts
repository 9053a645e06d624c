import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { type Call, existingObject, type WriteScope } from "./call.ts";
import { deleteOptions, type PropagationPolicy } from "./delete_options.ts";
import { listOptions } from "./list_options.ts";
import { arranged, type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";
import { listBody, pageOf } from "./read.ts";
import { isSame } from "./same_value.ts";
import { conflict } from "./status_error.ts";
import { put, remove, timestamp } from "./write.ts";

/** What holds an object until the garbage collector has dealt with those that it owns. This server has none. */
const POLICY_FINALIZER: Readonly<Partial<Record<PropagationPolicy, string>>> = {
  Foreground: "foregroundDeletion",
  Orphan: "orphan",
};
const POLICY_FINALIZERS: readonly unknown[] = Object.values(POLICY_FINALIZER);

/** DELETE of an object: a Status where it is gone, the object itself where something holds it. */
export function deleteObject(call: Call): Answer {
  const { resource, target } = call;
  const { dryRun, preconditions, isCascading, policy } = deleteOptions(call);
  const before = existingObject(call);
  checkPreconditions(call, { before, preconditions });
  const deleting = deleteVersion({ ...call, dryRun }, { before, policy });
  if (deleting)
    return jsonAnswer(deleting, { status: isCascading && isHeld(deleting, resource) ? 202 : 200 });
  if (resource.answersWithDeleted) {
    return jsonAnswer(servedObject(objectVersion(before.object, call.cluster.store.revision), resource));
  }
  const { group, resource: kind } = resource;
  const details = { name: target.name, ...(group && { group }), kind, uid: before.object.metadata?.uid };
  return jsonAnswer({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

/** DELETE of a collection: answers with what was selected, as it was. */
export function deleteCollection(call: Call): Answer {
  const { resource, cluster } = call;
  const options = listOptions(call);
  const { dryRun, policy } = deleteOptions(call);
  const page = pageOf(call, { options, revision: cluster.store.revision, after: "" });
  for (const before of page.items) deleteVersion({ ...call, dryRun }, { before, policy });
  return jsonAnswer(listBody(page, resource));
}

/** Deletes an object, or marks it while something holds it. Gives it as it is then; undefined where it just went. */
export function deleteVersion(
  scope: WriteScope,
  { before, policy }: { before: ObjectVersion; policy?: PropagationPolicy | undefined },
): Frozen<KubernetesObject> | undefined {
  const { resource, collection } = scope;
  const stored = before.object as KubernetesObject;
  scope.admit?.({ operation: "DELETE", oldObject: servedObject(before, resource), dryRun: scope.dryRun });
  const old = underPolicy(stored, { policy, resource });
  const isDeleting = old.metadata?.deletionTimestamp !== undefined;
  if (isDeleting && old === stored && isHeld(old, resource)) return servedObject(before, resource);
  const marked = isDeleting && isHeld(old, resource) ? arranged(old, resource) : markedDeleted(old, scope);
  if (!isHeld(marked, resource) && !resource.graceful) {
    remove(scope, before);
    return undefined;
  }
  const answer = put(scope, { before, object: marked });
  const after = collection.get(before.key);
  if (!after || scope.dryRun || isHeld(marked, resource)) return answer;
  remove(scope, after);
  return servedObject(objectVersion(after.object, scope.cluster.store.revision), resource);
}

/** Whether a deleted object stays until somebody has taken a finalizer away. */
export function isHeld({ metadata, spec }: Frozen<KubernetesObject>, { subresources }: ApiResource): boolean {
  const ofSpec = subresources.includes("finalize") ? finalizersOf(spec) : [];
  return ofSpec.length > 0 || (metadata?.finalizers ?? []).length > 0;
}

/** The finalizers that a namespace has in its spec. */
export function finalizersOf(spec: unknown): readonly unknown[] {
  return isJsonObject(spec) && Array.isArray(spec.finalizers) ? spec.finalizers : [];
}

/** The object with the finalizer by which the garbage collector is asked to do as the policy says. */
function underPolicy(
  object: KubernetesObject,
  { policy, resource: { subresources } }: { policy: PropagationPolicy | undefined; resource: ApiResource },
): KubernetesObject {
  // A namespace is held by the finalizers of its spec only.
  if (policy === undefined || subresources.includes("finalize")) return object;
  const finalizers = object.metadata?.finalizers ?? [];
  const others = finalizers.filter((finalizer) => !POLICY_FINALIZERS.includes(finalizer));
  const wanted = POLICY_FINALIZER[policy];
  const next = wanted === undefined ? others : [...others, wanted];
  return isSame(finalizers, next)
    ? object
    : { ...object, metadata: { ...object.metadata, finalizers: next } };
}

function markedDeleted(object: KubernetesObject, { resource, cluster }: WriteScope): KubernetesObject {
  const deletionTimestamp = timestamp(cluster);
  const draft = { ...object };
  if (resource.markDeleted) resource.markDeleted(draft, deletionTimestamp);
  else {
    draft.metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    const { generation = 0 } = object.metadata ?? {};
    if (resource.counted || generation > 0) draft.metadata.generation = generation + 1;
  }
  return arranged(draft, resource);
}

function checkPreconditions(
  { resource, target }: Call,
  { before: { object, revision }, preconditions }: { before: ObjectVersion; preconditions: JsonObject },
): void {
  const { uid, resourceVersion } = preconditions;
  const storedUid = object.metadata?.uid;
  // The words name the kind here, not the plural.
  const kind = { group: resource.group, resource: resource.kind };
  const name = target.name;
  if (uid !== undefined && uid !== storedUid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${storedUid}). The object might have been deleted and then recreated`;
    throw conflict(kind, { name, why });
  }
  if (resourceVersion !== undefined && resourceVersion !== String(revision)) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${revision}). The object might have been modified`;
    throw conflict(kind, { name, why });
  }
}
