import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { defaulted, prunedObject } from "../../../../transports/memory/schema_pruning.ts";
import type { StructuralSchema } from "../../../../transports/memory/structural_schema.ts";

const text: StructuralSchema = { type: "string" };
const schema: StructuralSchema = {
  type: "object",
  properties: {
    a: {
      type: "object",
      properties: { b: text, nil: { ...text, nullable: true }, d: { ...text, default: "x" } },
    },
    list: { type: "array", items: { type: "object", properties: { b: text } } },
    map: { type: "object", additionalProperties: { type: "object", properties: { b: text } } },
    open: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { a: { type: "object" } },
    },
    any: { "x-kubernetes-preserve-unknown-fields": true },
    embedded: { type: "object", "x-kubernetes-embedded-resource": true },
  },
};

describe("prunedObject", () => {
  const cases: [title: string, object: object, pruned: object, unknown: string[]][] = [
    ["what is known", { a: { b: "1" } }, { a: { b: "1" } }, []],
    [
      "what makes an object one",
      { kind: "K", apiVersion: "v1", metadata: { x: 1 } },
      { kind: "K", apiVersion: "v1", metadata: { x: 1 } },
      [],
    ],
    ["no unknown field", { a: { b: "1", z: 1 }, y: 1 }, { a: { b: "1" } }, ["a.z", "y"]],
    [
      "no unknown field of an item",
      { list: [{ b: "1" }, { z: 1 }] },
      { list: [{ b: "1" }, {}] },
      ["list[1].z"],
    ],
    ["every key of a map", { map: { k: { b: "1", z: 1 } } }, { map: { k: { b: "1" } } }, ["map.k.z"]],
    [
      "all of an open object, but for what its known fields do not know",
      { open: { x: 1, a: { z: 1 } } },
      { open: { x: 1, a: {} } },
      ["open.a.z"],
    ],
    ["anything where anything may be", { any: { x: [{ y: null }] } }, { any: { x: [{ y: null }] } }, []],
    [
      "no unknown field of an embedded object's metadata",
      { embedded: { metadata: { name: "n", z: 1 } } },
      { embedded: { metadata: { name: "n" } } },
      ["embedded.metadata.z"],
    ],
    [
      "an embedded object's own fields",
      { embedded: { kind: "K", metadata: {}, z: 1 } },
      { embedded: { kind: "K", metadata: {} } },
      ["embedded.z"],
    ],
    [
      "nulls only where they may be, or where a default comes",
      { a: { b: null, nil: null, d: null } },
      { a: { nil: null, d: null } },
      [],
    ],
  ];
  for (const [title, object, pruned, unknown] of cases) {
    it(`keeps ${title}`, () => {
      const before = structuredClone(object);
      expect(prunedObject(schema, object)).toEqual({ value: pruned, unknownFields: unknown });
      expect(object).toEqual(before);
    });
  }
});

describe("defaulted", () => {
  const deep: StructuralSchema = {
    type: "object",
    properties: {
      word: { ...text, default: "w" },
      note: { ...text, nullable: true, default: "n" },
      zero: { type: "integer", default: 0 },
      inner: { type: "object", default: {}, properties: { k: { type: "integer", default: 7 } } },
      outer: { type: "object", properties: { k: { type: "integer", default: 7 } } },
      list: { type: "array", items: { type: "object", properties: { k: { type: "integer", default: 7 } } } },
    },
  };
  const all = { word: "w", note: "n", zero: 0, inner: { k: 7 } };
  const cases: [title: string, object: object, outcome: object][] = [
    ["fills in what is absent, also below a default", {}, all],
    ["fills in nothing below what is absent", { word: "a" }, { ...all, word: "a" }],
    [
      "fills in what is below something",
      { outer: {}, list: [{}] },
      { ...all, outer: { k: 7 }, list: [{ k: 7 }] },
    ],
    ["takes a null for absent, unless it may be", { word: null, note: null }, { ...all, note: null }],
  ];
  for (const [title, object, outcome] of cases) {
    it(title, () => expect(defaulted(deep, object)).toEqual(outcome));
  }
});
