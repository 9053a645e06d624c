import { isJsonObject } from "../../lib/support/json.ts";
import { builtInBody, isKnownInFull, OBJECT_META } from "./body_types.ts";
import { keyElement, type PathElement, valueElement } from "./path_element.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** How values at one place are owned and merged by server-side apply. */
export interface FieldType {
  /** Whether maps and lists are owned as a whole. */
  readonly isAtomic: boolean;
  /** The type of a declared field; undefined where `name` is none, but may be a key. */
  field(name: string): FieldType | undefined;
  /** The type of what is at other keys; undefined where there may be none. */
  readonly values: FieldType | undefined;
  /** The items of a list, each owned by itself unless this is atomic; undefined: a list is owned as a whole. */
  readonly items: ItemType | undefined;
  /** What an applied value must be; by default anything. */
  readonly accepts?: "map" | "list" | "numeric" | "string" | "boolean";
}

/** The items of a list, each with an element of its own. */
export interface ItemType {
  readonly type: FieldType;
  /** By which fields items are told apart; undefined where they are by their value. */
  readonly keys?: readonly string[];
  /** Undefined for an item that cannot be told from others. */
  element(item: unknown): PathElement | undefined;
}

/** Maps of texts. */
const TEXT_MAPS = new Set(["labels", "annotations", "data", "binaryData", "stringData"]);
/** Other maps that users fill; all else in built-in types has declared fields. */
const FREE_MAPS = new Set(["requests", "limits", "capacity", "allocatable", "hard", "used"]);
/** Maps of built-in types that are owned as a whole. */
const ATOMIC_MAPS = new Set([
  ...["selector", "podSelector", "namespaceSelector", "labelSelector", "nodeSelector"],
  ...["roleRef", "involvedObject", "related", "fieldRef", "resourceFieldRef"],
  ...["configMapKeyRef", "secretKeyRef", "targetRef", "scaleTargetRef"],
]);

const noField = () => undefined;
const noElement = () => undefined;

/** Nothing is declared: maps merge, lists are atomic. */
const UNDECLARED: FieldType = {
  isAtomic: false,
  field: noField,
  get values() {
    return UNDECLARED;
  },
  items: undefined,
};

/** Owned as a whole, whatever it is. */
const ATOMIC: FieldType = { ...UNDECLARED, isAtomic: true };

const TEXT_MAP: FieldType = { ...UNDECLARED, values: { ...ATOMIC, accepts: "string" }, accepts: "map" };

/**
 * The built-in types, by the names of their fields: lists are atomic, which is simpler than the API server has it.
 */
export const BUILT_IN_TYPE: FieldType = {
  isAtomic: false,
  field(name) {
    if (name === "metadata") return OBJECT_META_TYPE;
    if (TEXT_MAPS.has(name)) return TEXT_MAP;
    if (FREE_MAPS.has(name)) return UNDECLARED;
    return ATOMIC_MAPS.has(name) ? ATOMIC : BUILT_IN_TYPE;
  },
  values: undefined,
  items: undefined,
};

/** The type of a built-in object whose body is known in full, or by these fields. */
export function builtInObjectType(kind: string, fields: readonly string[]): FieldType {
  if (isKnownInFull(kind)) return objectType(builtInBody(kind, fields).schema);
  // A Secret takes this and stores it as its data.
  const declared = new Set(["kind", "apiVersion", "metadata", "stringData", ...fields]);
  return {
    ...BUILT_IN_TYPE,
    field: (name) => (declared.has(name) ? BUILT_IN_TYPE.field(name) : undefined),
    accepts: "map",
  };
}

/** The metadata of every kind. */
const OBJECT_META_TYPE = schemaType(OBJECT_META.schema);

/** The type of a custom object; without a schema its fields are undeclared. */
export function objectType(schema: StructuralSchema | undefined): FieldType {
  const own = schema === undefined ? UNDECLARED : schemaType(schema);
  return { ...withObjectFields(own), accepts: "map" };
}

function withObjectFields(own: FieldType): FieldType {
  return {
    ...own,
    field(name) {
      if (name === "metadata") return OBJECT_META_TYPE;
      return name === "kind" || name === "apiVersion" ? ATOMIC : own.field(name);
    },
    // Not by the spread, which would read a getter.
    values: own.values,
  };
}

function schemaType(schema: StructuralSchema): FieldType {
  switch (schema.type) {
    case "object":
      return schema["x-kubernetes-embedded-resource"] ? withObjectFields(mapType(schema)) : mapType(schema);
    case "array":
      return listType(schema);
    case "integer":
    case "number":
      return { ...ATOMIC, accepts: "numeric" };
    case "string":
    case "boolean":
      return { ...ATOMIC, accepts: schema.type };
    default:
      return UNDECLARED;
  }
}

function mapType(schema: StructuralSchema): FieldType {
  const { properties = {}, additionalProperties } = schema;
  const fields = new Map(Object.entries(properties).map(([name, inner]) => [name, schemaType(inner)]));
  const isOpen = schema["x-kubernetes-preserve-unknown-fields"] || additionalProperties === true;
  const values = isJsonObject(additionalProperties) ? schemaType(additionalProperties) : undefined;
  return {
    isAtomic: schema["x-kubernetes-map-type"] === "atomic",
    field: (name) => fields.get(name),
    values: values ?? (isOpen ? UNDECLARED : undefined),
    items: undefined,
    accepts: "map",
  };
}

function listType(schema: StructuralSchema): FieldType {
  const items = schema.items ?? {};
  const type = schemaType(items);
  switch (schema["x-kubernetes-list-type"]) {
    case "set":
      return listOf({ type, element: scalarElement });
    case "map": {
      const keys = schema["x-kubernetes-list-map-keys"] ?? [];
      const defaults = Object.fromEntries(keys.map((key) => [key, items.properties?.[key]?.default]));
      return keyedListOf(type, { keys, defaults });
    }
    default:
      return { ...listOf({ type, element: noElement }), isAtomic: true };
  }
}

function listOf(items: ItemType): FieldType {
  return { isAtomic: false, field: noField, values: undefined, items, accepts: "list" };
}

interface ListKeys {
  readonly keys: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
}

function keyedListOf(type: FieldType, { keys, defaults = {} }: ListKeys): FieldType {
  return listOf({ type, keys, element: (item) => keysOf(item, { keys, defaults }) });
}

function scalarElement(item: unknown): PathElement | undefined {
  return typeof item === "object" ? undefined : valueElement(item);
}

/** The element of an item by those of its keys that it has, or that have a default. */
function keysOf(item: unknown, { keys, defaults }: Required<ListKeys>): PathElement | undefined {
  if (!isJsonObject(item)) return undefined;
  const present = keys
    .map((key) => [key, item[key] ?? defaults[key]])
    .filter(([, value]) => value !== undefined);
  return present.length === 0 ? undefined : keyElement(Object.fromEntries(present));
}
