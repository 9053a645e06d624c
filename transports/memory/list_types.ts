import { isJsonObject } from "../../lib/support/json.ts";
import { duplicateValue, invalidValue, requiredValue } from "./field_cause.ts";
import { isSame } from "./same_value.ts";
import { fieldSchema } from "./schema_pruning.ts";
import type { InvalidCause } from "./status_error.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** Items of sets and list-maps that are there twice. */
export function duplicateCauses(schema: StructuralSchema, object: unknown): InvalidCause[] {
  return walked(schema, { value: object, path: "" }, (inner, { value, path }) => {
    const type = inner["x-kubernetes-list-type"];
    if (!Array.isArray(value) || (type !== "set" && type !== "map")) return [];
    const odd = type === "map" ? value.findIndex((item) => item !== null && !isJsonObject(item)) : -1;
    if (odd >= 0) {
      const why = "must be an object for an array of list-type map";
      return [invalidValue(`${path}[${odd}]`, value[odd], why)];
    }
    const keys = type === "map" ? value.map((item) => keysOf(item, inner)) : (value as unknown[]);
    const isSecond = (key: unknown, index: number) =>
      keys.slice(0, index).filter((other) => isSame(other, key)).length === 1;
    return keys.flatMap((key, index) =>
      isSecond(key, index) ? [duplicateValue(`${path}[${index}]`, key)] : [],
    );
  });
}

/** Objects within an object that lack what makes them one. */
export function embeddedCauses(schema: StructuralSchema, object: unknown): InvalidCause[] {
  return walked(schema, { value: object, path: "" }, (inner, { value, path }) => {
    if (!inner["x-kubernetes-embedded-resource"] || !isJsonObject(value)) return [];
    return ["apiVersion", "kind"].flatMap((name) => {
      const field = `${path}.${name}`;
      const text = value[name];
      if (text === undefined) return [requiredValue(field)];
      if (typeof text !== "string") return [invalidValue(field, text, "must be a string")];
      return text === "" ? [invalidValue(field, text, "must not be empty")] : [];
    });
  });
}

interface Place {
  readonly value: unknown;
  readonly path: string;
}

/** What `causes` says of each place that the schema knows, outer ones first. */
function walked(
  schema: StructuralSchema | undefined,
  { value, path }: Place,
  causes: (schema: StructuralSchema, place: Place) => InvalidCause[],
): InvalidCause[] {
  if (schema === undefined) return [];
  const own = causes(schema, { value, path });
  if (Array.isArray(value)) {
    return [
      ...own,
      ...value.flatMap((item: unknown, index) =>
        walked(schema.items, { value: item, path: `${path}[${index}]` }, causes),
      ),
    ];
  }
  if (!isJsonObject(value)) return own;
  const below = Object.entries(value).flatMap(([name, inner]) => {
    const isField = Object.hasOwn(schema.properties ?? {}, name);
    const next = isField ? (path === "" ? name : `${path}.${name}`) : `${path}[${name}]`;
    return walked(fieldSchema(schema, name), { value: inner, path: next }, causes);
  });
  return [...own, ...below];
}

function keysOf(item: unknown, schema: StructuralSchema): Record<string, unknown> {
  const keys = schema["x-kubernetes-list-map-keys"] ?? [];
  const values: Record<string, unknown> = isJsonObject(item) ? item : {};
  return Object.fromEntries(keys.filter((key) => values[key] !== undefined).map((key) => [key, values[key]]));
}
