import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { type Call, storedObject } from "./call.ts";
import { createFrom } from "./create.ts";
import { finalizersOf, isHeld } from "./delete.ts";
import { invalidValue } from "./field_cause.ts";
import { ownedObject } from "./field_manager.ts";
import { revisionOf } from "./list_options.ts";
import { withManagedFields, withoutTimes } from "./managed_fields.ts";
import { metadataCauses } from "./metadata_validation.ts";
import { arranged, type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";
import { bodyObject } from "./request_body.ts";
import { isSame } from "./same_value.ts";
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
  if (name === "") {
    throw badRequest(
      `the name of the object (${target.name} based on URL) was undeterminable: name must be provided`,
    );
  }
  throw badRequest(`the name of the object (${name}) does not match the name on the URL (${target.name})`);
}

/** Refuses an object with the uid of another. */
export function checkSameUid(
  { resource: { group, kind }, target }: Call,
  { before, uid }: { before: ObjectVersion; uid: string },
): void {
  if (uid === "" || uid === before.object.metadata?.uid) return;
  const cause = invalidValue("metadata.uid", uid, "field is immutable");
  throw invalid({ group, kind, name: target.name }, [cause, cause]); // it is found twice
}

/**
 * Puts an object in the place of its version before, as far as the path allows; gives it as it now is. An applied one
 * says itself who owns its fields.
 */
export function replaceObject(
  call: Call,
  {
    before,
    object,
    isApplied = false,
  }: { before: ObjectVersion; object: KubernetesObject; isApplied?: boolean },
): Frozen<KubernetesObject> {
  const { resource, target } = call;
  checkResourceVersion(call, { before, resourceVersion: object.metadata?.resourceVersion ?? "" });
  // In the served version: which one the object was written in does not count.
  const old = servedObject(before, resource) as KubernetesObject;
  checkDeletion(call, { old, object });
  const next = merged(call, { old, object });
  checkFinalizers(resource, { old, next });
  resource.normalize?.(next);
  const { managedFields } = object.metadata ?? {};
  const write = { type: resource.fieldType, writer: call.writer, live: old };
  const placed = arranged(next, resource);
  const owned = isApplied
    ? { ...placed, metadata: withManagedFields(placed.metadata, managedFields) }
    : ownedObject(write, { next: placed, asked: managedFields });
  checkValid(call, { old, next: owned });
  const draft = arranged(owned, resource);
  const metadata = { ...draft.metadata, resourceVersion: String(before.revision) };
  if (
    resource.counted &&
    target.subresource === "" &&
    !isSame(resource.counted(old), resource.counted(draft))
  ) {
    metadata.generation = (old.metadata?.generation ?? 0) + 1;
  }
  const stored = { ...draft, metadata };
  call.admit?.({ operation: "UPDATE", object: stored, oldObject: old, dryRun: call.dryRun });
  if (isSame(withoutTimes(old), withoutTimes(stored))) return old;
  if (metadata.deletionTimestamp === undefined || isHeld(stored, resource)) {
    return put(call, { before, object: stored });
  }
  // The last finalizer went: so does the object, and the answer shows it at its old version.
  remove(call, before);
  return servedObject(objectVersion(stored, before.revision), resource);
}

function checkValid(
  { resource, target }: Call,
  { old, next }: { old: KubernetesObject; next: KubernetesObject },
): void {
  const { group, kind, schema } = resource;
  const causes = [
    ...metadataCauses(next, resource),
    ...((target.subresource === "status" ? schema?.statusCauses(next, old) : schema?.causes(next, old)) ??
      []),
  ];
  if (causes.length > 0) throw invalid({ group, kind, name: target.name }, causes);
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

/** Only a DELETE marks an object as deleted. */
function checkDeletion(
  { resource: { group, kind }, target }: Call,
  { old, object }: { old: KubernetesObject; object: KubernetesObject },
): void {
  if (target.subresource !== "" || old.metadata?.deletionTimestamp !== undefined) return;
  const causes = ["deletionTimestamp", "deletionGracePeriodSeconds"].flatMap((field) => {
    const value = object.metadata?.[field] ?? undefined;
    if (value === undefined) return [];
    const message = `Invalid value: ${JSON.stringify(value)}: field is immutable`;
    return [{ reason: "FieldValueInvalid", message, field: `metadata.${field}` } as const];
  });
  if (causes.length > 0) throw invalid({ group, kind, name: target.name }, [...causes, ...causes]); // they are found twice
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
