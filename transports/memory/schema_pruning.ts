import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { METADATA_FIELDS } from "./metadata_fields.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** What a schema need not name. */
const OBJECT_FIELDS = new Set(["apiVersion", "kind", "metadata"]);

/** A value without the fields that its schema does not know, and where those were. */
export interface Pruned {
  readonly value: unknown;
  /** Such as `spec.list[0].name`, in order. */
  readonly unknownFields: readonly string[];
}

/**
 * Drops fields that the schema of an object does not know, and nulls where there may be none and no default comes in
 * their place.
 */
export function prunedObject(schema: StructuralSchema, object: unknown): Pruned {
  const unknownFields: string[] = [];

  function prune(value: unknown, inner: StructuralSchema | undefined, path: string): unknown {
    if (Array.isArray(value)) {
      return value.map((item, index) => prune(item, inner?.items, `${path}[${index}]`));
    }
    if (!isJsonObject(value)) return value;
    const kept = Object.entries(value).flatMap(([name, field]) => {
      const below = path === "" ? name : `${path}.${name}`;
      if (inner?.["x-kubernetes-embedded-resource"] && OBJECT_FIELDS.has(name)) {
        const isEmbeddedMetadata = name === "metadata" && path !== "" && isJsonObject(field);
        return [[name, isEmbeddedMetadata ? knownMetadata(field, below) : field]];
      }
      if (isKnown(inner, name)) {
        const next = fieldSchema(inner, name);
        return isRefusedNull(field, next) ? [] : [[name, prune(field, next, below)]];
      }
      if (inner?.["x-kubernetes-preserve-unknown-fields"]) return [[name, field]];
      unknownFields.push(below);
      return [];
    });
    return Object.fromEntries(kept);
  }

  function knownMetadata(metadata: JsonObject, path: string): JsonObject {
    const isKnown = (name: string) => METADATA_FIELDS.includes(name);
    for (const name of Object.keys(metadata)) if (!isKnown(name)) unknownFields.push(`${path}.${name}`);
    return Object.fromEntries(Object.entries(metadata).filter(([name]) => isKnown(name)));
  }

  const root = { ...schema, "x-kubernetes-embedded-resource": true };
  return { value: prune(object, root, ""), unknownFields: unknownFields.sort() };
}

/** Fills in the defaults of a schema, at every level that is there. */
export function defaulted(schema: StructuralSchema | undefined, value: unknown): unknown {
  if (schema === undefined) return value;
  if (Array.isArray(value)) {
    return value.map((item) => defaulted(schema.items, defaultOf(item, schema.items)));
  }
  if (!isJsonObject(value)) return value;
  const { properties = {} } = schema;
  const absent = Object.keys(properties).filter(
    (name) => value[name] === undefined && properties[name]?.default !== undefined,
  );
  return Object.fromEntries(
    [...Object.keys(value), ...absent].map((name) => {
      const inner = fieldSchema(schema, name);
      return [name, defaulted(inner, defaultOf(value[name], inner))];
    }),
  );
}

/** The schema of a field; undefined where it has none. */
export function fieldSchema(
  schema: StructuralSchema | undefined,
  name: string,
): StructuralSchema | undefined {
  const { properties = {}, additionalProperties } = schema ?? {};
  if (Object.hasOwn(properties, name)) return properties[name];
  return isJsonObject(additionalProperties) ? additionalProperties : undefined;
}

function isKnown(schema: StructuralSchema | undefined, name: string): boolean {
  const { properties = {}, additionalProperties } = schema ?? {};
  return Object.hasOwn(properties, name) || Boolean(additionalProperties);
}

function isRefusedNull(value: unknown, schema: StructuralSchema | undefined): boolean {
  return value === null && schema !== undefined && !schema.nullable && schema.default === undefined;
}

function defaultOf(value: unknown, schema: StructuralSchema | undefined): unknown {
  const isAbsent = value === undefined || (value === null && !schema?.nullable);
  return isAbsent && schema?.default !== undefined ? schema.default : value;
}
