import { type Frozen, type KubernetesObject, objectKey } from "../../lib/kubernetes/object.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { type Call, storedObject } from "./call.ts";
import { createFrom } from "./create.ts";
import { finalizersOf, isHeld } from "./delete.ts";
import { forbiddenValue, invalidValue } from "./field_cause.ts";
import { type ObjectWrite, ownedObject } from "./field_manager.ts";
import { revisionOf } from "./list_options.ts";
import { withManagedFields, withoutTimes } from "./managed_fields.ts";
import { metadataCauses } from "./metadata_validation.ts";
import { arranged, type ObjectVersion, objectVersion, servedObject } from "./object_version.ts";
import { withOwnersOnce } from "./owner_references.ts";
import { bodyObject } from "./request_body.ts";
import { isSame } from "./same_value.ts";
import { badRequest, conflict, type InvalidCause, internalError, invalid, notFound } from "./status_error.ts";
import { put, remove } from "./write.ts";

const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

/** Where the API server stores kinds that are not stored under their plural. */
const STORED_UNDER: Readonly<Record<string, string>> = {
  services: "services/specs",
  ingresses: "ingress",
  nodes: "minions",
};

/** What only the server sets. */
const FIXED_METADATA = [
  ...["name", "namespace", "uid", "generation", "creationTimestamp"],
  ...["deletionTimestamp", "deletionGracePeriodSeconds"],
];

/** PUT of an object or of a subresource. */
export function updateObject(call: Call): Answer {
  const { resource, target } = call;
  const body = bodyObject(call);
  const { name = "", uid = "" } = body.metadata ?? {};
  checkSameName(call, name);
  const object = withOwnersOnce(body, { warnings: call.warnings, moment: "as it came" });
  const before = storedObject(call);
  if (!before) {
    if (!resource.createOnUpdate || target.subresource !== "") throw notFound(resource, target.name);
    checkReadable(object.metadata?.resourceVersion ?? "");
    if (uid !== "") throw otherUid(call, { uid, storedUid: "" });
    const { resourceVersion: _, ...metadata } = object.metadata ?? {};
    return jsonAnswer(createFrom(call, { ...object, metadata }), { status: 201 });
  }
  const storedUid = before.object.metadata?.uid ?? "";
  if (uid !== "" && uid !== storedUid) throw otherUid(call, { uid, storedUid });
  return jsonAnswer(replaceObject(call, { before, object }));
}

/** A PUT of an object with the uid of another, in the words of the API server's storage. */
function otherUid(
  { resource, target, namespace, dryRun }: Call,
  { uid, storedUid }: { uid: string; storedUid: string },
): Error {
  const folder = STORED_UNDER[resource.resource] ?? resource.resource;
  const key = objectKey({ namespace, name: target.name }).replace(/^\//, "");
  const place = `${resource.custom ? `${resource.group}/` : ""}${folder}/${key}`;
  const why = `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${storedUid}`;
  return conflict(resource, {
    name: target.name,
    why: `StorageError: invalid object, Code: 4, Key: ${dryRun ? "" : "/registry"}/${place}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`,
  });
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
  resource.normalize?.(next);
  const { managedFields } = object.metadata ?? {};
  const write = { type: resource.fieldType, writer: call.writer, live: old };
  const placed = arranged(next, resource);
  const owned = isApplied
    ? { ...placed, metadata: withManagedFields(placed.metadata, managedFields) }
    : {
        ...placed,
        metadata: withManagedFields(placed.metadata, ownersOf(call, { write, old, object, placed })),
      };
  resource.finish?.(owned);
  checkValid(call, { old, next: owned, uid: object.metadata?.uid ?? "" });
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

/**
 * On the status path, what a custom object says of its metadata counts as set, though it is not stored. And whoever owns
 * the mark of a deletion loses it to a body without: the mark is put back after the owners are told.
 */
function ownersOf(
  { resource, target }: Call,
  {
    write,
    old,
    object,
    placed,
  }: { write: ObjectWrite; old: KubernetesObject; object: KubernetesObject; placed: KubernetesObject },
): unknown[] | undefined {
  const isAsked = resource.custom && target.subresource === "status";
  const { deletionTimestamp, deletionGracePeriodSeconds } = object.metadata ?? {};
  const next = isAsked
    ? { ...object, spec: old.spec }
    : { ...placed, metadata: { ...placed.metadata, deletionTimestamp, deletionGracePeriodSeconds } };
  return ownedObject(write, {
    next: arranged(next as KubernetesObject, resource),
    asked: object.metadata?.managedFields,
  }).metadata?.managedFields;
}

function checkValid(
  { resource, target }: Call,
  { old, next, uid }: { old: KubernetesObject; next: KubernetesObject; uid: string },
): void {
  const { group, kind, schema } = resource;
  // The status path of a custom object heeds nothing of its metadata.
  const isHeeded = !(resource.custom && target.subresource === "status");
  const isOther = isHeeded && uid !== "" && uid !== old.metadata?.uid;
  const foreign = isOther ? [invalidValue("metadata.uid", uid, "field is immutable")] : [];
  const causes = [
    ...[...foreign, ...foreign], // it is found twice
    ...addedFinalizerCauses({ old, next }),
    ...metadataCauses(next, resource),
    ...((target.subresource === "status" ? schema?.statusCauses(next, old) : schema?.causes(next, old)) ??
      []),
    ...(resource.causes?.(next, old) ?? []),
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
        status: object.status ?? undefined,
      } as KubernetesObject;
    case "finalize":
      return { ...old, spec: specWithFinalizers(old.spec, finalizersOf(object.spec)) };
    default:
      return {
        ...object,
        metadata,
        ...(resource.subresources.includes("status") && { status: old.status }),
        ...(resource.subresources.includes("finalize") && {
          spec: specWithFinalizers(object.spec, finalizersOf(old.spec)),
        }),
      };
  }
}

function checkResourceVersion(
  { resource, target }: Call,
  { before, resourceVersion }: { before: ObjectVersion; resourceVersion: string },
): void {
  const { group, resource: kind } = resource;
  const revision = checkReadable(resourceVersion);
  if (revision === before.revision) return;
  if (revision !== 0) throw conflict(resource, { name: target.name, why: MODIFIED });
  if (resource.unconditionalUpdate) return;
  const message = "Invalid value: 0: must be specified for an update";
  throw invalid({ group, kind, name: target.name }, [
    { reason: "FieldValueInvalid", message, field: "metadata.resourceVersion" },
  ]);
}

/** The number that a resource version is. */
function checkReadable(resourceVersion: string): number {
  const revision = revisionOf(resourceVersion);
  if (revision !== undefined) return revision;
  throw internalError(`strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`);
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
function addedFinalizerCauses({
  old,
  next,
}: {
  old: KubernetesObject;
  next: KubernetesObject;
}): InvalidCause[] {
  const { deletionTimestamp, finalizers = [] } = old.metadata ?? {};
  if (deletionTimestamp === undefined) return [];
  const added = (next.metadata?.finalizers ?? []).filter((finalizer) => !finalizers.includes(finalizer));
  if (added.length === 0) return [];
  const found = added.map((finalizer) => `"${finalizer}"`).join(", ");
  const why = `no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  const cause = forbiddenValue("metadata.finalizers", why);
  return [cause, cause]; // it is found twice
}

function specWithFinalizers(spec: unknown, finalizers: readonly unknown[]): object {
  const { finalizers: _, ...rest } = (spec ?? {}) as { finalizers?: unknown };
  return finalizers.length === 0 ? rest : { ...rest, finalizers };
}
