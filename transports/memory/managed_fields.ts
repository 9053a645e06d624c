import type { KubernetesObject, ObjectMeta } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { FieldSet } from "./field_set.ts";

/** One entry of `metadata.managedFields`. */
export interface ManagedFieldsEntry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  readonly time?: string;
  readonly fieldsType: "FieldsV1";
  readonly fieldsV1: object;
  readonly subresource?: string;
}

/** Who owns which fields: one manager, by one operation, on one path. */
export interface FieldOwner {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly apiVersion: string;
  /** "" for the object itself. */
  readonly subresource: string;
  /** When it last changed something; undefined where all was as it asked for. */
  readonly time: string | undefined;
  readonly fields: FieldSet;
}

/** Owners by what tells them apart. */
export type FieldOwners = ReadonlyMap<string, FieldOwner>;

const MOST_UPDATERS = 10;
/** Who owns what the oldest updaters owned, once there are too many. */
const ANCIENT = "ancient-changes";

/** What tells an owner from others. One who applies is the same in all versions. */
export function ownerKey({
  manager,
  operation,
  apiVersion,
  subresource,
}: Omit<FieldOwner, "time" | "fields">): string {
  return JSON.stringify({
    manager,
    operation,
    ...(operation === "Update" && { apiVersion }),
    ...(subresource !== "" && { subresource }),
  });
}

/** The owners that `metadata.managedFields` names: nobody, where something in it is wrong. */
export function parseManagedFields(managedFields: unknown): FieldOwners {
  const owners = Array.isArray(managedFields) ? managedFields.map(parsedOwner) : [];
  const known = owners.filter((owner) => owner !== undefined);
  return new Map(known.length < owners.length ? [] : known.map((owner) => [ownerKey(owner), owner]));
}

/** Whether `metadata.managedFields` asks for forgetting all owners. */
export function isReset(managedFields: unknown): boolean {
  if (!Array.isArray(managedFields) || managedFields.length > 1) return false;
  const [entry = {}] = managedFields as unknown[];
  return isJsonObject(entry) && Object.keys(entry).length === 0;
}

/** Metadata with its owners; without any, it has no `managedFields`. */
export function withManagedFields(
  metadata: ObjectMeta | undefined,
  managedFields: unknown[] | undefined,
): ObjectMeta {
  const { managedFields: _, ...rest } = metadata ?? {};
  return managedFields ? { ...rest, managedFields } : rest;
}

/** `metadata.managedFields`: who applies first, then by time and name; undefined for nobody. */
export function formatManagedFields(owners: FieldOwners): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined;
  return [...owners.values()]
    .sort(compareOwners)
    .map(({ manager, operation, apiVersion, time, fields, subresource }) => ({
      ...{ manager, operation, apiVersion },
      ...(time !== undefined && { time }),
      ...{ fieldsType: "FieldsV1", fieldsV1: fields.format() },
      ...(subresource !== "" && { subresource }),
    }));
}

/** An object as it is, but for when its owners were last at it. */
export function withoutTimes(object: KubernetesObject): KubernetesObject {
  const managedFields = object.metadata?.managedFields?.map((entry) => ({
    ...Object(entry),
    time: undefined,
  }));
  return managedFields ? { ...object, metadata: { ...object.metadata, managedFields } } : object;
}

/** The owners with the oldest updaters taken together, so that no more than ten are left. */
export function cappedOwners(owners: FieldOwners): FieldOwners {
  const updaters = [...owners.values()].filter(({ operation }) => operation === "Update").sort(compareOwners);
  const capped = new Map(owners);
  const firsts = new Map<string, FieldOwner>();
  let count = updaters.length;
  for (const updater of updaters) {
    if (count <= MOST_UPDATERS) break;
    const { apiVersion, time, fields } = updater;
    const first = firsts.get(apiVersion);
    if (!first) {
      firsts.set(apiVersion, updater);
      continue;
    }
    const bucket: FieldOwner = { ...updater, manager: ANCIENT, subresource: "" };
    const before = capped.get(ownerKey(bucket)) ?? first;
    if (before === first) capped.delete(ownerKey(first));
    capped.delete(ownerKey(updater));
    capped.set(ownerKey(bucket), { ...bucket, time, fields: fields.union(before.fields) });
    count -= 1;
  }
  return capped;
}

function parsedOwner(entry: unknown): FieldOwner | undefined {
  if (!isJsonObject(entry)) return undefined;
  const { manager = "", operation, apiVersion, time, fieldsType, fieldsV1 = {}, subresource = "" } = entry;
  const fields = FieldSet.parse(fieldsV1);
  if (operation !== "Apply" && operation !== "Update") return undefined;
  if (!isText(apiVersion) || apiVersion === "" || fieldsType !== "FieldsV1" || !fields) return undefined;
  if (!isText(manager) || !isText(subresource)) return undefined;
  return { manager, operation, apiVersion, subresource, time: isText(time) ? time : undefined, fields };
}

function compareOwners(a: FieldOwner, b: FieldOwner): number {
  const keys = ["operation", "time", "manager", "apiVersion", "subresource"] as const;
  for (const key of keys) {
    const [left, right] = [a[key] ?? "", b[key] ?? ""];
    if (left !== right) return left < right ? -1 : 1;
  }
  return 0;
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}
