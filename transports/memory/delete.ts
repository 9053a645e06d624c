import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
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
  const options = deleteOptions(call.request.body);
  const before = existingObject(call);
  checkPreconditions(call, { before, options });
  const deleting = deleteVersion({ ...call, dryRun: call.dryRun || isDryRun(options) }, before);
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
  const scope = { ...call, dryRun: call.dryRun || isDryRun(deleteOptions(call.request.body)) };
  for (const version of items) deleteVersion(scope, version);
  return jsonAnswer(listBody({ revision, items, continueToken: "", remaining: undefined }, resource));
}

/** Deletes an object, or marks it while something holds it. Gives it as it is then; undefined where it just went. */
export function deleteVersion(
  scope: WriteScope,
  before: ObjectVersion,
): Frozen<KubernetesObject> | undefined {
  const { resource, collection } = scope;
  const old = before.object as KubernetesObject;
  scope.admit?.({ operation: "DELETE", oldObject: servedObject(before, resource), dryRun: scope.dryRun });
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

function checkPreconditions(
  { resource, target }: Call,
  { before: { object, revision }, options }: { before: ObjectVersion; options: JsonObject },
): void {
  const { uid, resourceVersion } = isJsonObject(options.preconditions) ? options.preconditions : {};
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

function isDryRun({ dryRun }: JsonObject): boolean {
  return Array.isArray(dryRun) && dryRun.includes("All");
}

function deleteOptions(body: string): JsonObject {
  if (body === "") return {};
  try {
    const options: unknown = JSON.parse(body);
    if (isJsonObject(options)) return options;
  } catch {
    // Refused below, like what is no object.
  }
  throw badRequest("couldn't get version/kind; json parse error: the body is no JSON object");
}
