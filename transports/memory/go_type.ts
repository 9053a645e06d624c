import { isJsonObject } from "../../lib/support/json.ts";
import { goBase64 } from "./go_base64.ts";
import { goTime, type TimeLayout } from "./go_time.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** A type into which the API server decodes a value. */
export interface GoType {
  /** As its messages name it. */
  readonly name: string;
  /** What holds where nobody sets anything. */
  readonly zero: unknown;
  /** What values must be to be applied. */
  readonly schema: StructuralSchema;
  /** The value as this type has it. */
  decode(value: unknown, place: Place): unknown;
}

/** A field of a struct: whether it is left out when it is empty or when it is absent, or always written. */
export interface GoField {
  readonly type: GoType;
  readonly written: "unless empty" | "if given" | "always";
}

/** What a decoding has found so far. */
interface Findings {
  /** Only the first is told. */
  problem: string | undefined;
  /** A type that reads its own text ends the decoding; that is told rather than what came before. */
  fatal: string | undefined;
  readonly unknownFields: string[];
}

/** Where in a body a value is. */
interface Place {
  readonly findings: Findings;
  /** The innermost struct and the names of the fields on the way, such as `ObjectMeta` and `metadata.labels`. */
  readonly struct: string;
  readonly field: string;
  /** With indices and keys, such as `metadata.ownerReferences[0]`. */
  readonly path: string;
}

/** A value as its type has it, with the first thing that is wrong with it, and the fields that the type does not have. */
export interface Decoded {
  readonly value: unknown;
  readonly problem: string | undefined;
  readonly unknownFields: readonly string[];
}

/** Decodes a value as the API server decodes a body: in the order in which it is written. */
export function decoded(type: GoType, value: unknown): Decoded {
  const findings: Findings = { problem: undefined, fatal: undefined, unknownFields: [] };
  const read = type.decode(value, { findings, struct: "", field: "", path: "" });
  return {
    value: read,
    problem: findings.fatal ?? findings.problem,
    unknownFields: findings.unknownFields,
  };
}

/** Any JSON, in which null is nothing. */
export const ANYTHING: GoType = {
  name: "interface {}",
  zero: undefined,
  schema: { "x-kubernetes-preserve-unknown-fields": true },
  decode: withoutNulls,
};

export const TEXT: GoType = scalar("string", "string", (value) => typeof value === "string");
export const BOOLEAN: GoType = scalar("bool", "boolean", (value) => typeof value === "boolean");
export const INT32: GoType = integer("int32", 2 ** 31);
export const INT64: GoType = integer("int64", 2 ** 63);

const UINT8: GoType = integer("uint8", 2 ** 8);

/** Bytes, written as base64 or as a list of numbers. */
export const BYTES: GoType = {
  name: "[]uint8",
  zero: "",
  schema: { type: "string" },
  decode(value, place) {
    if (Array.isArray(value)) {
      const bytes = value.map((one) => String.fromCharCode(Number(inner(UINT8, one, place))));
      return btoa(bytes.join(""));
    }
    if (typeof value !== "string") return mistyped(this, value, place);
    const read = goBase64(value);
    if ("base64" in read) return read.base64;
    return told(place, read.problem);
  },
};

/** A time. */
export function time(layout: TimeLayout): GoType {
  return {
    name: "string",
    zero: null,
    schema: { type: "string" },
    decode(value, { findings, ...place }) {
      const own: Findings = { problem: undefined, fatal: undefined, unknownFields: [] };
      const read = typeof value === "string" ? goTime(value, layout) : undefined;
      if (read && "time" in read) return read.time;
      if (!read) mistyped(this, value, { ...place, findings: own });
      findings.fatal ??= read?.problem ?? own.problem;
      return null;
    },
  };
}

export function mapOf(values: GoType): GoType {
  return {
    name: `map[string]${values.name}`,
    zero: {},
    schema: { type: "object", additionalProperties: values.schema },
    decode(value, place) {
      if (!isJsonObject(value)) return mistyped(this, value, place);
      return Object.fromEntries(
        Object.entries(value).map(([key, one]) => [
          key,
          inner(values, one, { ...place, path: `${place.path}.${key}` }),
        ]),
      );
    },
  };
}

/** `merging`: how its items are told apart when they are applied; by default it is applied as a whole. */
export function listOf(items: GoType, merging: StructuralSchema = {}): GoType {
  return {
    name: `[]${items.name}`,
    zero: [],
    schema: { type: "array", items: items.schema, ...merging },
    decode(value, place) {
      if (!Array.isArray(value)) return mistyped(this, value, place);
      return value.map((one, index) => inner(items, one, { ...place, path: `${place.path}[${index}]` }));
    },
  };
}

/** A struct; its fields are written in this order. */
export function struct(name: string, fields: Readonly<Record<string, GoField>>): GoType {
  return {
    name: `v1.${name}`,
    zero: {},
    schema: {
      type: "object",
      properties: Object.fromEntries(Object.entries(fields).map(([key, { type }]) => [key, type.schema])),
    },
    decode(value, place) {
      if (!isJsonObject(value)) return mistyped(this, value, place);
      const read = new Map<string, unknown>();
      for (const [key, one] of Object.entries(value)) {
        const path = joined(place.path, key);
        const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
        if (field === undefined) place.findings.unknownFields.push(path);
        else if (one !== null) {
          const below = { ...place, struct: name, field: joined(place.field, key), path };
          read.set(key, field.type.decode(one, below));
        }
      }
      return Object.fromEntries(
        Object.entries(fields).flatMap(([key, { type, written }]) => {
          const one = read.get(key);
          if (written === "always") return [[key, one ?? type.zero]];
          return one === undefined || (written === "unless empty" && isZero(one)) ? [] : [[key, one]];
        }),
      );
    },
  };
}

function scalar(name: string, type: "string" | "boolean", accepts: (value: unknown) => boolean): GoType {
  return {
    name,
    zero: type === "string" ? "" : false,
    schema: { type },
    decode(value, place) {
      return accepts(value) ? value : mistyped(this, value, place);
    },
  };
}

function integer(name: string, limit: number): GoType {
  return {
    name,
    zero: 0,
    schema: { type: "integer" },
    decode(value, place) {
      if (typeof value !== "number") return mistyped(this, value, place);
      const isInRange = value < limit && value >= (name.startsWith("u") ? 0 : -limit);
      if (Number.isInteger(value) && isInRange) return value;
      return mistyped(this, value, place, `number ${value}`);
    },
  };
}

/** An entry of a map or list, in which null is nothing. */
function inner(type: GoType, value: unknown, place: Place): unknown {
  return value === null ? type.zero : type.decode(value, place);
}

function mistyped(
  { name, zero }: GoType,
  value: unknown,
  { findings, struct, field }: Place,
  what = goKind(value),
): unknown {
  const into = struct === "" ? "Go value" : `Go struct field ${struct}.${field}`;
  findings.problem ??= `json: cannot unmarshal ${what} into ${into} of type ${name}`;
  return zero;
}

function told({ findings }: Place, problem: string): undefined {
  findings.problem ??= problem;
}

/** A value without the nulls in its objects. */
export function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const set = Object.entries(value).filter(([, one]) => one !== null);
  return Object.fromEntries(set.map(([name, one]) => [name, withoutNulls(one)]));
}

/** What a JSON value is called in messages. */
export function goKind(value: unknown): string {
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}

function isZero(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length === 0;
  return value === "" || value === 0 || value === false || value === null;
}

function joined(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
