import { formatGroupVersion, type GroupVersionKind } from "../../lib/kubernetes/group_version.ts";
import {
  deepFreeze,
  type Frozen,
  type KubernetesObject,
  type Labels,
  type ObjectMeta,
  objectKey,
} from "../../lib/kubernetes/object.ts";
import { METADATA_FIELDS } from "./metadata_fields.ts";

/** What a kind says of how its objects are written. */
interface WrittenKind extends GroupVersionKind {
  readonly custom: boolean;
  readonly fields: readonly string[];
  readonly zero: Readonly<Record<string, unknown>>;
}

/** One version of one stored object. */
export interface ObjectVersion {
  /** Its place in the order of lists. */
  readonly key: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly revision: number;
  /** In the order of its kind. */
  readonly object: Frozen<KubernetesObject>;
}

const MANAGED_FIELDS_ENTRY = [
  ...["manager", "operation", "apiVersion", "time", "fieldsType", "fieldsV1", "subresource"],
];
const OWNER_REFERENCE = ["apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion"];
const MAP_FIELDS = new Set(["labels", "annotations", "data", "binaryData", "stringData"]);
const NO_LABELS: Labels = Object.freeze({});

/** A version of an arranged object. */
export function objectVersion(object: Frozen<KubernetesObject>, revision: number): ObjectVersion {
  const { namespace = "", name = "", labels = NO_LABELS } = object.metadata ?? {};
  const metadata = { ...object.metadata, resourceVersion: String(revision) };
  return {
    key: objectKey({ namespace, name }),
    namespace,
    name,
    labels,
    revision,
    object: deepFreeze({ ...object, metadata }),
  };
}

/**
 * The object with its fields in the order in which its kind is written: built-in types in the order of their
 * declaration, with sorted maps, without empty ones and with what nobody set; custom kinds sorted by key at every level.
 */
export function arranged(object: KubernetesObject, resource: WrittenKind): KubernetesObject {
  const { kind: _kind, apiVersion: _apiVersion, metadata = {}, ...body } = object;
  const head = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
  // The resource version is set with each write; here it only gets its place.
  const orderedMetadata = typedMetadata({ ...metadata, resourceVersion: "0" });
  if (resource.custom) return sorted({ ...head, ...body, metadata: orderedMetadata }) as KubernetesObject;
  const set = Object.entries(body).filter(([, value]) => value !== null);
  const filled: Record<string, unknown> = { ...resource.zero, ...Object.fromEntries(set) };
  const fields = [
    ...resource.fields,
    ...Object.keys(filled).filter((field) => !resource.fields.includes(field)),
  ];
  const isAbsent = (value: unknown, field: string) =>
    value === undefined || (MAP_FIELDS.has(field) && isEmpty(value));
  return { ...head, metadata: orderedMetadata, ...ordered(filled, fields, isAbsent) };
}

/** Metadata in the order of built-in types. */
export function typedMetadata(metadata: Frozen<ObjectMeta>): Record<string, unknown> {
  const { managedFields, ownerReferences, ...rest } = metadata;
  const owners = ownerReferences?.map((owner) => ordered(Object(owner), OWNER_REFERENCE, isUndefined));
  const entries = managedFields?.map((entry) => ordered(Object(entry), MANAGED_FIELDS_ENTRY, isUndefined));
  return ordered({ ...rest, ownerReferences: owners, managedFields: entries }, METADATA_FIELDS, isEmpty);
}

/** What an object of a kind holds when nobody sets anything. */
export function emptyObject(resource: WrittenKind): KubernetesObject {
  return { kind: resource.kind, apiVersion: formatGroupVersion(resource), ...resource.zero };
}

/** The object in the served version of its kind, which may not be the one that it was written in. */
export function servedObject({ object }: ObjectVersion, resource: WrittenKind): Frozen<KubernetesObject> {
  const apiVersion = formatGroupVersion(resource);
  return object.apiVersion === apiVersion ? object : { ...object, apiVersion };
}

function ordered(
  value: Readonly<Record<string, unknown>>,
  fields: readonly string[],
  isAbsent: (value: unknown, field: string) => boolean,
): Record<string, unknown> {
  const present = fields.filter((field) => !isAbsent(value[field], field));
  return Object.fromEntries(
    present.map((field) => [field, MAP_FIELDS.has(field) ? sorted(value[field]) : value[field]]),
  );
}

function isUndefined(value: unknown): boolean {
  return value === undefined;
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

function sorted(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted);
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
  const entries = present.sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sorted(inner)]));
}
