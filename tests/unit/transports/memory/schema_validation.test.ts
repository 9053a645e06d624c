import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { SchemaValidator } from "../../../../transports/memory/schema_validation.ts";
import type { StructuralSchema } from "../../../../transports/memory/structural_schema.ts";

const text: StructuralSchema = { type: "string" };
const spec: StructuralSchema = {
  type: "object",
  properties: {
    size: { type: "integer", minimum: 1, maximum: 5 },
    open: { type: "number", minimum: 1, exclusiveMinimum: true, maximum: 9, exclusiveMaximum: true },
    third: { type: "integer", multipleOf: 3 },
    colour: { type: "string", enum: ["red", "blue"] },
    level: { type: "integer", enum: [1, 2] },
    word: { type: "string", pattern: "^[a-z]+$" },
    short: { type: "string", minLength: 2, maxLength: 4 },
    strict: { type: "string", minLength: 3, pattern: "^[a-z]+$" },
    when: { type: "string", format: "date-time" },
    flag: { type: "boolean" },
    note: { type: "string", nullable: true },
    port: { "x-kubernetes-int-or-string": true },
    list: {
      type: "array",
      minItems: 1,
      maxItems: 2,
      items: { type: "object", required: ["a"], properties: { a: { type: "integer" } } },
    },
    map: { type: "object", additionalProperties: { type: "integer" }, maxProperties: 2, minProperties: 1 },
    one: {
      type: "object",
      properties: { p: text, q: text },
      oneOf: [{ required: ["p"] }, { required: ["q"] }],
    },
    any: {
      type: "object",
      properties: { p: text, q: text },
      anyOf: [{ required: ["p"] }, { required: ["q"] }],
    },
    all: {
      type: "object",
      properties: { p: text, q: text },
      allOf: [{ required: ["p"] }, { required: ["q"] }],
    },
    not: { type: "object", properties: { p: text }, not: { required: ["p"] } },
  },
};
const validator = new SchemaValidator({ type: "object", properties: { spec } });

const ofType = (path: string, type: string, actual: string) => [
  "FieldValueTypeInvalid",
  path,
  `Invalid value: "${actual}": ${path} in body must be of type ${type}: "${actual}"`,
];
const invalid = (path: string, why: string) => ["FieldValueInvalid", path, `Invalid value: ${why}`];
const required = (path: string) => ["FieldValueRequired", path, "Required value"];
const nowhere = (words: string) => ["FieldValueInvalid", "<nil>", `Invalid value: "": ${words}`];

/** What kube-apiserver 1.35.4 said of each. */
const CASES: readonly [spec: unknown, ...causes: string[][]][] = [
  ["x", ofType("spec", "object", "string")],
  [{ size: "a" }, ofType("spec.size", "integer", "string")],
  [{ size: 1.5 }, ofType("spec.size", "integer", "number")],
  [{ size: {} }, ofType("spec.size", "integer", "object")],
  [{ size: [1] }, ofType("spec.size", "integer", "array")],
  [{ size: true }, ofType("spec.size", "integer", "boolean")],
  [{ size: null }, ofType("spec.size", "integer", "null")],
  [{ word: 5 }, ofType("spec.word", "string", "integer")],
  [{ flag: "x" }, ofType("spec.flag", "boolean", "string")],
  [{ list: "x" }, ofType("spec.list", "array", "string")],
  [{ map: [] }, ofType("spec.map", "object", "array")],
  [{ port: true }, ofType("spec.port", "integer,string", "boolean")],
  [{ port: 1.5 }, ofType("spec.port", "integer,string", "number")],
  [{ size: 0 }, invalid("spec.size", "0: spec.size in body should be greater than or equal to 1")],
  [{ size: 6 }, invalid("spec.size", "6: spec.size in body should be less than or equal to 5")],
  [{ open: 1 }, invalid("spec.open", "1: spec.open in body should be greater than 1")],
  [{ open: 9 }, invalid("spec.open", "9: spec.open in body should be less than 9")],
  [{ open: 0.5 }, invalid("spec.open", "0.5: spec.open in body should be greater than 1")],
  [{ third: 4 }, invalid("spec.third", "4: spec.third in body should be a multiple of 3")],
  [
    { colour: "green" },
    ["FieldValueNotSupported", "spec.colour", 'Unsupported value: "green": supported values: "red", "blue"'],
  ],
  [
    { level: 3 },
    ["FieldValueNotSupported", "spec.level", 'Unsupported value: 3: supported values: "1", "2"'],
  ],
  [{ word: "A1" }, invalid("spec.word", "\"A1\": spec.word in body should match '^[a-z]+$'")],
  [{ short: "a" }, invalid("spec.short", '"a": spec.short in body should be at least 2 chars long')],
  [{ short: "abcdef" }, ["FieldValueTooLong", "spec.short", "Too long: may not be more than 4 bytes"]],
  [{ strict: "A" }, invalid("spec.strict", '"A": spec.strict in body should be at least 3 chars long')],
  [{ when: "x" }, ofType("spec.when", "date-time", "x")],
  [{ list: [] }, invalid("spec.list", "0: spec.list in body should have at least 1 items")],
  [
    { list: [{ a: 1 }, { a: 1 }, { a: 1 }] },
    ["FieldValueTooMany", "spec.list", "Too many: 3: must have at most 2 items"],
  ],
  [{ list: [{ a: "x" }, {}] }, ofType("spec.list[0].a", "integer", "string"), required("spec.list[1].a")],
  [{ map: { "a.b/c": "x" } }, ofType("spec.map.a.b/c", "integer", "string")],
  [
    { map: { a: 1, b: 2, c: 3 } },
    ["FieldValueTooMany", "spec.map", "Too many: 3: must have at most 2 items"],
  ],
  [{ map: {} }, invalid("spec.map", "0: spec.map in body should have at least 1 properties")],
  [
    { one: {} },
    nowhere('"spec.one" must validate one and only one schema (oneOf). Found none valid'),
    required("spec.one.p"),
  ],
  [
    { one: { p: "1", q: "1" } },
    nowhere('"spec.one" must validate one and only one schema (oneOf). Found 2 valid alternatives'),
  ],
  [{ any: {} }, nowhere('"spec.any" must validate at least one schema (anyOf)'), required("spec.any.p")],
  [{ all: { p: "1" } }, required("spec.all.q"), nowhere('"spec.all" must validate all the schemas (allOf)')],
  [
    { all: {} },
    ...[required("spec.all.p"), required("spec.all.q")],
    nowhere('"spec.all" must validate all the schemas (allOf). None validated'),
  ],
  [{ not: { p: "1" } }, nowhere('"spec.not" must not validate the schema (not)')],
];

describe("SchemaValidator", () => {
  for (const [value, ...causes] of CASES) {
    it(`says of ${JSON.stringify(value)} what the API server says`, () => {
      const found = validator.causes({ value: { spec: value } });
      expect(found.map(({ reason, field, message }) => [reason, field, message])).toEqual(causes);
    });
  }

  const good: object[] = [
    { size: 3, open: 2.5, third: 6, colour: "red", level: 2, word: "abc", short: "ab" },
    { when: "2026-01-01T00:00:00Z", note: null, port: 80, flag: false },
    { port: "http", list: [{ a: 1 }], map: { x: 1 }, one: { p: "" }, any: { q: "" }, not: {} },
    { unknown: { anything: [1] } },
  ];
  for (const value of good) {
    it(`has nothing against ${JSON.stringify(value)}`, () => {
      expect(validator.causes({ value: { spec: value } })).toEqual([]);
    });
  }

  it("asks for what the root needs, and says where the value is", () => {
    const status = new SchemaValidator({ type: "object", required: ["phase"], properties: { phase: text } });
    expect(status.causes({ value: {} })).toMatchObject([{ field: "phase" }]);
    expect(status.causes({ value: {}, at: "status" })).toMatchObject([{ field: "status.phase" }]);
    expect(status.causes({ value: 1, at: "status" })).toMatchObject([{ field: "status" }]);
  });

  it("does not ask again for what an update leaves as it was", () => {
    const old = { spec: { size: 9, map: { x: "bad" } } };
    expect(validator.causes({ value: { spec: { ...old.spec, flag: true } }, old })).toEqual([]);
    expect(validator.causes({ value: { spec: { ...old.spec, size: 8 } }, old })).toMatchObject([
      { field: "spec.size" },
    ]);
  });

  it("tells the items of list-maps apart by their keys, and those of other lists not at all", () => {
    const items: StructuralSchema = {
      type: "object",
      properties: { k: text, v: { type: "integer", maximum: 1 } },
    };
    const keyed = { "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["k"] } as const;
    const old = [
      { k: "a", v: 9 },
      { k: "b", v: 1 },
    ];
    const value = [
      { k: "b", v: 0 },
      { k: "a", v: 9 },
    ];
    expect(new SchemaValidator({ type: "array", items, ...keyed }).causes({ value, old })).toEqual([]);
    expect(new SchemaValidator({ type: "array", items }).causes({ value, old })).toMatchObject([
      { field: "[1].v" },
    ]);
  });
});
