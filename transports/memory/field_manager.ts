import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { applyConflict } from "./apply_conflict.ts";
import { type FieldChanges, fieldChanges, fieldsOf } from "./field_changes.ts";
import { mergedFields, withDeclaredFields, withoutFields } from "./field_merge.ts";
import { FieldSet, NO_FIELDS } from "./field_set.ts";
import type { FieldType } from "./field_type.ts";
import {
  cappedOwners,
  type FieldOwner,
  type FieldOwners,
  formatManagedFields,
  isReset,
  ownerKey,
  parseManagedFields,
  withManagedFields,
} from "./managed_fields.ts";
import { isSame } from "./same_value.ts";

/** In whose name, where and when an object is written. */
export interface Writer {
  readonly manager: string;
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  readonly time: string;
}

/** An object that is written. */
export interface ObjectWrite {
  readonly type: FieldType;
  readonly writer: Writer;
  /** As it is; for a new one, what its kind holds when nobody sets anything. */
  readonly live: KubernetesObject;
}

/** An object that a configuration is applied to. */
interface Application extends ObjectWrite {
  /** What the kind holds when nobody sets anything. */
  readonly empty: KubernetesObject;
  /** What the path does not let one set. */
  readonly ignored: FieldSet;
  /** Whether fields of others are taken over. */
  readonly force: boolean;
}

/** Who owns what was there before the first apply, if nobody is known to. */
const BEFORE_FIRST_APPLY = "before-first-apply";

/** Nobody owns what the server sets, or what makes the object this one. */
const UNOWNED = FieldSet.of([
  ...[["f:apiVersion"], ["f:kind"], ["f:metadata"]],
  ...[
    "name",
    "namespace",
    "creationTimestamp",
    "uid",
    "generation",
    "managedFields",
    "resourceVersion",
    "selfLink",
  ].map((name) => ["f:metadata", `f:${name}`]),
]);

/**
 * The object `next` with its `metadata.managedFields` after a create, an update or a patch: who writes owns what that
 * changed. What the request says of `managedFields` is `asked` for, except on a subresource's path. An object whose
 * owners were forgotten has none until something is applied.
 */
export function ownedObject(
  { type, writer, live }: ObjectWrite,
  { next, asked }: { next: KubernetesObject; asked: unknown },
): KubernetesObject {
  const owners = ownersFor({ writer, live, asked });
  const isForgotten = owners.size === 0 && live.metadata?.uid !== undefined;
  const changes = fieldChanges(type, { before: live, after: next });
  const after = isForgotten ? owners : cappedOwners(ownersAfterUpdate(owners, { changes, writer }));
  return { ...next, metadata: withManagedFields(next.metadata, formatManagedFields(after)) };
}

/**
 * What applying a configuration makes of an object, with its `metadata.managedFields`: what was applied before and is
 * left out now goes, unless somebody else owns it too.
 *
 * @throws StatusError (409) for fields of others that would change, unless by `force`
 */
export function appliedObject(application: Application, config: KubernetesObject): KubernetesObject {
  const { type, writer, live, ignored, force } = application;
  const owners = new Map(ownersBeforeApply(application));
  const fields = fieldsOf(type, config).excluding(ignored);
  const owner: FieldOwner = { ...writer, operation: "Apply", time: undefined, fields };
  const last = owners.get(ownerKey(owner));
  owners.set(ownerKey(owner), owner);
  const merged = mergedFields(type, { live, applied: config });
  const object = last ? pruned(type, { merged, last: last.fields, owners }) : merged;
  const changes = excluding(fieldChanges(type, { before: live, after: object }), ignored);
  owners.delete(ownerKey(owner));
  const others = withoutTaken(owners, { changes, force });
  const time = isSame(live, object) ? last?.time : writer.time;
  const managedFields = formatManagedFields(withOwner(others, { ...owner, time }));
  return { ...object, metadata: withManagedFields((object as KubernetesObject).metadata, managedFields) };
}

function ownersFor({ writer, live, asked }: Omit<ObjectWrite, "type"> & { asked: unknown }): FieldOwners {
  if (writer.subresource === "") {
    if (isReset(asked)) return new Map();
    const owners = parseManagedFields(asked);
    if (owners.size > 0) return owners;
  }
  return parseManagedFields(live.metadata?.managedFields);
}

function ownersBeforeApply({ type, writer, live, empty, ignored }: Application): FieldOwners {
  const owners = parseManagedFields(live.metadata?.managedFields);
  if (owners.size > 0) return owners;
  const changes = excluding(fieldChanges(type, { before: empty, after: live }), ignored);
  return ownersAfterUpdate(owners, { changes, writer: { ...writer, manager: BEFORE_FIRST_APPLY } });
}

function excluding({ added, modified, removed }: FieldChanges, ignored: FieldSet): FieldChanges {
  return {
    added: added.excluding(ignored),
    modified: modified.excluding(ignored),
    removed: removed.excluding(ignored),
  };
}

function ownersAfterUpdate(
  owners: FieldOwners,
  { changes, writer }: { changes: FieldChanges; writer: Writer },
): FieldOwners {
  const others = withoutTaken(owners, { changes, force: true });
  const fields = changes.added.union(changes.modified).difference(UNOWNED);
  if (fields.isEmpty) return others;
  const owner: FieldOwner = { ...writer, operation: "Update", fields };
  const before = others.get(ownerKey(owner));
  return withOwner(others, before ? { ...owner, fields: fields.union(before.fields) } : owner);
}

/** Takes from owners what changes, and refuses that without force; what nobody has any more was removed. */
function withoutTaken(
  owners: FieldOwners,
  { changes, force }: { changes: FieldChanges; force: boolean },
): FieldOwners {
  const changed = changes.added.union(changes.modified);
  const taken = [...owners.values()].map((owner) => [owner, owner.fields.intersection(changed)] as const);
  const conflict = force ? undefined : applyConflict(new Map(taken));
  if (conflict) throw conflict;
  const left = [...owners].map(([key, owner]) => {
    const fields = owner.fields.difference(changed).difference(changes.removed);
    return [key, { ...owner, fields }] as const;
  });
  return new Map(left.filter(([, { fields }]) => !fields.isEmpty));
}

function withOwner(owners: FieldOwners, owner: FieldOwner): FieldOwners {
  const fields = owner.fields.difference(UNOWNED);
  const outcome = new Map(owners);
  if (fields.isEmpty) outcome.delete(ownerKey(owner));
  else outcome.set(ownerKey(owner), { ...owner, fields });
  return outcome;
}

/** Takes away what was applied the last time, and adds back what an owner still has, or nobody ever applied. */
function pruned(
  type: FieldType,
  { merged, last, owners }: { merged: KubernetesObject; last: FieldSet; owners: FieldOwners },
): KubernetesObject {
  const declared = (fields: FieldSet) => withDeclaredFields(type, fields);
  const all = declared(fieldsOf(type, merged));
  const owned = [...owners.values()].reduce((fields, owner) => fields.union(owner.fields), NO_FIELDS);
  const rest = withoutFields(type, merged, declared(last));
  const kept = declared(fieldsOf(type, rest)).union(declared(owned));
  const remaining = withoutFields(type, merged, all.difference(kept));
  const gone = all.difference(declared(fieldsOf(type, remaining)));
  return withoutFields(type, merged, gone.intersection(declared(last)));
}
