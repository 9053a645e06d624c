import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { type Call, existingObject, type WriteScope } from "./call.ts";
import { isAmong, listOptions } from "./list_options.ts";
import { arranged, type ObjectVersion, servedObject } from "./object_version.ts";
import { listBody } from "./read.ts";
import { badRequest, conflict } from "./status_error.ts";
import { put, remove, timestamp } from "./write.ts";

/** DELETE of an object: a Status where it is gone, the object itself where something holds it. */
export function deleteObject(call: Call): Answer {
  const { resource, target } = call;
  const before = existingObject(call);
  checkPreconditions(call, before);
  const deleting = deleteVersion(call, before);
  if (deleting) return jsonAnswer(deleting);
  const { group, resource: kind } = resource;
  const details = { name: target.name, ...(group && { group }), kind, uid: before.object.metadata?.uid };
  return jsonAnswer({ kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details });
}

/** DELETE of a collection: answers with what was selected, as it was. */
export function deleteCollection(call: Call): Answer {
  const { resource, collection, cluster } = call;
  const { revision } = cluster.store;
  const { filter } = listOptions(call);
  const items = collection.values().filter((version) => isAmong(filter, version));
  for (const version of items) deleteVersion(call, version);
  return jsonAnswer(listBody({ revision, items, continueToken: "", remaining: undefined }, resource));
}

/** Deletes an object, or marks it while something holds it. Gives it as it is then; undefined where it just went. */
export function deleteVersion(
  scope: WriteScope,
  before: ObjectVersion,
): Frozen<KubernetesObject> | undefined {
  const { resource, collection } = scope;
  const old = before.object as KubernetesObject;
  if (old.metadata?.deletionTimestamp !== undefined && isHeld(old, resource))
    return servedObject(before, resource);
  const marked = markedDeleted(old, scope);
  if (!isHeld(marked, resource) && !resource.graceful) {
    remove(scope, before);
    return undefined;
  }
  const answer = put(scope, { before, object: marked });
  const after = collection.get(before.key);
  if (after && !isHeld(marked, resource)) remove(scope, after);
  return answer;
}

/** Whether a deleted object stays until somebody has taken a finalizer away. */
export function isHeld({ metadata, spec }: KubernetesObject, { subresources }: ApiResource): boolean {
  const ofSpec = subresources.includes("finalize") ? finalizersOf(spec) : [];
  return ofSpec.length > 0 || (metadata?.finalizers ?? []).length > 0;
}

/** The finalizers that a namespace has in its spec. */
export function finalizersOf(spec: unknown): readonly unknown[] {
  return isJsonObject(spec) && Array.isArray(spec.finalizers) ? spec.finalizers : [];
}

function markedDeleted(object: KubernetesObject, { resource, cluster }: WriteScope): KubernetesObject {
  const deletionTimestamp = timestamp(cluster);
  const draft = { ...object };
  if (resource.markDeleted) resource.markDeleted(draft, deletionTimestamp);
  else {
    draft.metadata = { ...object.metadata, deletionTimestamp, deletionGracePeriodSeconds: 0 };
    if (resource.counted) draft.metadata.generation = (object.metadata?.generation ?? 0) + 1;
  }
  return arranged(draft, resource);
}

function checkPreconditions({ request, resource, target }: Call, { object, revision }: ObjectVersion): void {
  const { uid, resourceVersion } = preconditions(request.body);
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

function preconditions(body: string): { uid?: unknown; resourceVersion?: unknown } {
  if (body === "") return {};
  try {
    const options: unknown = JSON.parse(body);
    return isJsonObject(options) && isJsonObject(options.preconditions) ? options.preconditions : {};
  } catch {
    throw badRequest("the object provided is unrecognized (must be of type DeleteOptions)");
  }
}
