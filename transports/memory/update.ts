import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { diff } from "../../lib/kubernetes/patch.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { type Call, storedObject } from "./call.ts";
import { createFrom } from "./create.ts";
import { finalizersOf, isHeld } from "./delete.ts";
import { revisionOf } from "./list_options.ts";
import { arranged, type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";
import { bodyObject } from "./request_body.ts";
import { badRequest, conflict, internalError, invalid, notFound } from "./status_error.ts";
import { put, remove } from "./write.ts";

const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

/** What only the server sets. */
const FIXED_METADATA = [
  ...["name", "namespace", "uid", "generateName", "generation", "creationTimestamp"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds"],
];

/** PUT of an object or of a subresource. */
export function updateObject(call: Call): Answer {
  const { resource, target } = call;
  const object = bodyObject(call);
  const { name = "", uid = "" } = object.metadata ?? {};
  if (name === "") {
    throw badRequest(
      `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  checkSameName(call, name);
  const before = storedObject(call);
  if (!before) {
    if (!resource.createOnUpdate || target.subresource !== "") throw notFound(resource, target.name);
    const { resourceVersion: _, ...metadata } = object.metadata ?? {};
    return jsonAnswer(createFrom(call, { ...object, metadata }), { status: 201 });
  }
  const storedUid = before.object.metadata?.uid;
  if (uid !== "" && uid !== storedUid) {
    const place = `${resource.custom ? `${resource.group}/` : ""}${resource.resource}/${before.key.replace(/^\//, "")}`;
    const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${storedUid}`;
    throw conflict(resource, {
      name,
      why: `StorageError: invalid object, Code: 4, Key: /registry/${place}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
    });
  }
  return jsonAnswer(replaceObject(call, { before, object }));
}

/** Refuses an object whose name is not the path's. */
export function checkSameName({ target }: Call, name: string): void {
  if (name === target.name) return;
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
}

/** Puts an object in the place of its version before, as far as the path allows; gives it as it now is. */
export function replaceObject(
  call: Call,
  { before, object }: { before: ObjectVersion; object: KubernetesObject },
): Frozen<KubernetesObject> {
  const { resource, target } = call;
  checkResourceVersion(call, { before, resourceVersion: object.metadata?.resourceVersion ?? "" });
  // In the served version: which one the object was written in does not count.
  const old = servedObject(before, resource) as KubernetesObject;
  const next = merged(call, { old, object });
  checkFinalizers(resource, { old, next });
  resource.normalize?.(next);
  const draft = arranged(next, resource);
  const metadata = { ...draft.metadata, resourceVersion: String(before.revision) };
  if (
    resource.counted &&
    target.subresource === "" &&
    isDifferent(resource.counted(old), resource.counted(draft))
  ) {
    metadata.generation = (old.metadata?.generation ?? 0) + 1;
  }
  const stored = { ...draft, metadata };
  if (!isDifferent(old, stored)) return old;
  if (metadata.deletionTimestamp === undefined || isHeld(stored, resource)) {
    return put(call, { before, object: stored });
  }
  // The last finalizer went: so does the object, and the answer shows it at its old version.
  remove(call, before);
  return servedObject(objectVersion(stored, before.revision), resource);
}

/** What a write to this path makes of the object: each may set its own part only. */
function merged(
  { resource, target }: Call,
  { old, object }: { old: KubernetesObject; object: KubernetesObject },
): KubernetesObject {
  const fixed = Object.fromEntries(FIXED_METADATA.map((field) => [field, old.metadata?.[field]]));
  const metadata = { ...object.metadata, ...fixed };
  switch (target.subresource) {
    case "status":
      return {
        ...old,
        metadata: resource.custom ? old.metadata : { ...metadata, labels: old.metadata?.labels },
        status: object.status,
      } as KubernetesObject;
    case "finalize":
      return { ...old, spec: specWithFinalizers(old.spec, finalizersOf(object.spec)) };
    default:
      return resource.subresources.includes("status")
        ? { ...object, metadata, status: old.status }
        : { ...object, metadata };
  }
}

function checkResourceVersion(
  { resource, target }: Call,
  { before, resourceVersion }: { before: ObjectVersion; resourceVersion: string },
): void {
  const { group, resource: kind } = resource;
  const revision = revisionOf(resourceVersion);
  if (revision === undefined) {
    throw internalError(`strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`);
  }
  if (revision === before.revision) return;
  if (revision !== 0) throw conflict(resource, { name: target.name, why: MODIFIED });
  if (resource.unconditionalUpdate) return;
  const message = "Invalid value: 0: must be specified for an update";
  throw invalid({ group, kind, name: target.name }, [
    { reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" },
  ]);
}

/** An object that is being deleted takes updates, but nothing new may hold it. */
function checkFinalizers(
  { group, kind }: ApiResource,
  { old, next }: { old: KubernetesObject; next: KubernetesObject },
): void {
  const { deletionTimestamp, finalizers = [], name = "" } = old.metadata ?? {};
  if (deletionTimestamp === undefined) return;
  const added = (next.metadata?.finalizers ?? []).filter((finalizer) => !finalizers.includes(finalizer));
  if (added.length === 0) return;
  const found = added.map((finalizer) => `"${finalizer}"`).join(", ");
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  const cause = {
    reason: "FieldValueForbidden",
    message: `Forbidden: ${why}`,
    field: "metadata.finalizers",
  } as const;
  throw invalid({ group, kind, name }, [cause, cause]); // it is found twice
}

function specWithFinalizers(spec: unknown, finalizers: readonly unknown[]): object {
  const { finalizers: _, ...rest } = (spec ?? {}) as { finalizers?: unknown };
  return finalizers.length === 0 ? rest : { ...rest, finalizers };
}

function isDifferent(a: unknown, b: unknown): boolean {
  return diff([a], [b]).length > 0;
}
