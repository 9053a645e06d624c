import { type Schema, Validator } from "@cfworker/json-schema";
import { isJsonObject } from "../../lib/support/json.ts";
import {
  invalidType,
  invalidValue,
  requiredValue,
  tooLongValue,
  tooManyValues,
  unsupportedValue,
} from "./field_cause.ts";
import { isSame } from "./same_value.ts";
import { isOfFormat } from "./schema_format.ts";
import { matchesPattern } from "./schema_pattern.ts";
import type { InvalidCause } from "./status_error.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** What a value is asked for by itself, without what is in it. The library judges these; the words are ours. */
const OWN_KEYWORDS = [
  ...["enum", "required", "minLength", "maxLength", "minimum", "maximum", "exclusiveMinimum"],
  ...["exclusiveMaximum", "multipleOf", "minItems", "maxItems", "uniqueItems"],
  ...["minProperties", "maxProperties"],
];
/** In the order in which causes are told. Of a text's length and pattern only the first that is wrong is. */
const TEXT_KEYWORDS = ["maxLength", "minLength", "pattern"];
const NUMBER_KEYWORDS = ["multipleOf", "minimum", "maximum"];
const LIST_KEYWORDS = ["minItems", "maxItems", "uniqueItems"];
const MAP_KEYWORDS = ["minProperties", "maxProperties"];
/** Where a cause is that belongs to no field. */
const NOWHERE = "<nil>";

/** How several schemas bind one value. */
type Junctor = "anyOf" | "oneOf" | "allOf" | "not";

/** A value at its place. */
interface Place {
  readonly value: unknown;
  /** What was there before an update; undefined where that is nothing, or cannot be told. */
  readonly old: unknown;
  /** Such as `spec.list[0]`; "" for what is validated as a whole. */
  readonly path: string;
}

/** Checks values against a schema, in the words of the API server. */
export class SchemaValidator {
  readonly #schema: StructuralSchema;
  readonly #judge: Validator;
  readonly #fields: ReadonlyMap<string, SchemaValidator>;
  readonly #values: SchemaValidator | undefined;
  readonly #items: SchemaValidator | undefined;
  readonly #branches: Readonly<Record<Junctor, readonly SchemaValidator[]>>;

  constructor(schema: StructuralSchema) {
    this.#schema = schema;
    this.#judge = new Validator(ownSchema(schema), "4", false);
    const { properties = {}, additionalProperties, items } = schema;
    const validators = (schemas: readonly StructuralSchema[] = []) =>
      schemas.map((inner) => new SchemaValidator(inner));
    this.#fields = new Map(
      Object.entries(properties).map(([name, inner]) => [name, new SchemaValidator(inner)]),
    );
    this.#values = isJsonObject(additionalProperties) ? new SchemaValidator(additionalProperties) : undefined;
    this.#items = items && new SchemaValidator(items);
    this.#branches = {
      anyOf: validators(schema.anyOf),
      oneOf: validators(schema.oneOf),
      allOf: validators(schema.allOf),
      not: validators(schema.not ? [schema.not] : []),
    };
  }

  /**
   * What is wrong with a value. What was there before an update and is the same is not asked again. `at` is where in
   * the object the value is; the words do not say it.
   */
  causes({ value, old, at = "" }: { value: unknown; old?: unknown; at?: string }): InvalidCause[] {
    return this.#causes({ value, old, path: "" }).map((cause) => ({
      ...cause,
      field: placed(cause.field, at),
    }));
  }

  #causes(place: Place): InvalidCause[] {
    const { value, old, path } = place;
    if (old !== undefined && isSame(value, old)) return [];
    const { errors } = this.#judge.validate(value);
    const failed = new Set(errors.map(({ keyword }) => keyword));
    const { pattern = "" } = this.#schema;
    // Not left to the library, which reads JavaScript's patterns and not Go's.
    if (typeof value === "string" && !matchesPattern(value, pattern)) failed.add("pattern");
    const told = (keywords: readonly string[]) =>
      keywords.filter((keyword) => failed.has(keyword)).map((keyword) => this.#told(keyword, place));
    const ofType = told(["type"]);
    if (value === null) return [...ofType, ...told(["enum"])];
    return [
      ...ofType,
      ...this.#branchCauses(place),
      ...told(TEXT_KEYWORDS).slice(0, 1),
      ...this.#formatCauses(place),
      ...told(NUMBER_KEYWORDS),
      ...this.#itemCauses(place),
      ...told(LIST_KEYWORDS),
      ...told(["enum"]),
      ...told(MAP_KEYWORDS),
      ...this.#fieldCauses(place),
      ...(failed.has("required") ? this.#missing(value) : []).map((name) => requiredValue(`${path}.${name}`)),
    ];
  }

  #told(keyword: string, { value, path }: Place): InvalidCause {
    const schema = this.#schema;
    const bound = schema[keyword] as number;
    const should = (words: string, found = value) =>
      invalidValue(path, found, `${path} in body should ${words}`);
    const count = Object.keys(Object(value)).length;
    switch (keyword) {
      case "type": {
        const actual = typeName(value);
        const why = `${path} in body must be of type ${typesOf(schema).join(",")}: "${actual}"`;
        return invalidType(path, actual, why);
      }
      case "enum":
        return unsupportedValue(path, value, schema.enum ?? []);
      case "maxLength":
        return tooLongValue(path, bound);
      case "minLength":
        return should(`be at least ${bound} chars long`);
      case "pattern":
        return should(`match '${schema.pattern}'`);
      case "multipleOf":
        return should(`be a multiple of ${bound}`);
      case "minimum":
        return should(`be greater than ${schema.exclusiveMinimum ? "" : "or equal to "}${bound}`);
      case "maximum":
        return should(`be less than ${schema.exclusiveMaximum ? "" : "or equal to "}${bound}`);
      case "minItems":
        return should(`have at least ${bound} items`, count);
      case "minProperties":
        return should(`have at least ${bound} properties`, count);
      case "maxItems":
      case "maxProperties":
        return tooManyValues(path, { count, most: bound });
      default:
        return invalidValue(path, "", `${path} in body shouldn't contain duplicates`);
    }
  }

  #missing(value: unknown): readonly string[] {
    return (this.#schema.required ?? []).filter((name) => !Object.hasOwn(Object(value), name));
  }

  #formatCauses({ value, path }: Place): InvalidCause[] {
    const { format = "" } = this.#schema;
    if (typeof value !== "string" || isOfFormat(value, format)) return [];
    return [invalidType(path, value, `${path} in body must be of type ${format}: ${JSON.stringify(value)}`)];
  }

  #itemCauses({ value, old, path }: Place): InvalidCause[] {
    const items = this.#items;
    if (!items || !Array.isArray(value)) return [];
    return value.flatMap((item: unknown, index) =>
      items.#causes({ value: item, old: this.#sameItem(item, old), path: `${path}[${index}]` }),
    );
  }

  /** The item with the same keys in the list before; other lists do not tell their items apart. */
  #sameItem(item: unknown, old: unknown): unknown {
    if (this.#schema["x-kubernetes-list-type"] !== "map" || !Array.isArray(old)) return undefined;
    const keys = this.#schema["x-kubernetes-list-map-keys"] ?? [];
    return old.find((one) => keys.every((key) => isSame(Object(one)[key], Object(item)[key])));
  }

  #fieldCauses({ value, old, path }: Place): InvalidCause[] {
    if (!isJsonObject(value)) return [];
    const values = this.#values;
    const before = isJsonObject(old) ? old : {};
    const at = (name: string) => ({ value: value[name], old: before[name] });
    const others = Object.keys(value).filter((name) => !this.#fields.has(name));
    const known = [...this.#fields].filter(([name]) => Object.hasOwn(value, name));
    return [
      ...others.flatMap((name) => (values ? values.#causes({ ...at(name), path: `${path}.${name}` }) : [])),
      ...known.flatMap(([name, field]) =>
        field.#causes({ ...at(name), path: path === "" ? name : `${path}.${name}` }),
      ),
    ];
  }

  /** What is wrong by schemas of which any, one, all or none must hold. Of alternatives, the first one's causes are told. */
  #branchCauses(place: Place): InvalidCause[] {
    const outcome = (name: Junctor) =>
      this.#branches[name].map((branch) => branch.#causes({ ...place, old: undefined }));
    const must = (words: string) => invalidValue(NOWHERE, "", `"${place.path}" must ${words}`);
    const [any, one, all, not] = [outcome("anyOf"), outcome("oneOf"), outcome("allOf"), outcome("not")];
    const causes: InvalidCause[] = [];
    if (any.length > 0 && any.every(({ length }) => length > 0)) {
      causes.push(must("validate at least one schema (anyOf)"), ...(any[0] ?? []));
    }
    const matches = one.filter(({ length }) => length === 0).length;
    if (one.length > 0 && matches !== 1) {
      const found = matches === 0 ? "Found none valid" : `Found ${matches} valid alternatives`;
      causes.push(must(`validate one and only one schema (oneOf). ${found}`));
      if (matches === 0) causes.push(...(one[0] ?? []));
    }
    const failures = all.filter(({ length }) => length > 0);
    if (failures.length > 0) {
      const none = failures.length === all.length ? ". None validated" : "";
      causes.push(...failures.flat(), must(`validate all the schemas (allOf)${none}`));
    }
    if (not.some(({ length }) => length === 0)) causes.push(must("not validate the schema (not)"));
    return causes;
  }
}

function ownSchema(schema: StructuralSchema): Schema {
  const own = Object.fromEntries(
    OWN_KEYWORDS.filter((name) => schema[name] !== undefined).map((name) => [name, schema[name]]),
  );
  const types = typesOf(schema);
  if (types.length === 0) return own;
  return { ...own, type: (schema.nullable ? [...types, "null"] : types) as NonNullable<Schema["type"]> };
}

function typesOf(schema: StructuralSchema): string[] {
  if (schema["x-kubernetes-int-or-string"]) return ["integer", "string"];
  return schema.type ? [schema.type] : [];
}

function typeName(value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "number" && Number.isInteger(value) ? "integer" : typeof value;
}

function placed(field: string, at: string): string {
  const path = field.replace(/^\./, "");
  if (at === "") return path;
  return path === NOWHERE || path === "" ? at : `${at}.${path}`;
}
