import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { fieldChanges, fieldsOf } from "../../../../transports/memory/field_changes.ts";
import {
  mergedFields,
  withDeclaredFields,
  withoutFields,
} from "../../../../transports/memory/field_merge.ts";
import { FieldSet } from "../../../../transports/memory/field_set.ts";
import { objectType } from "../../../../transports/memory/field_type.ts";
import { THING_SPEC } from "./thing.ts";

const type = objectType(THING_SPEC);
const paths = (fields: FieldSet) => fields.paths().map((path) => path.join("/"));
const ports = (...numbers: number[]) => numbers.map((port) => ({ port }));

describe("mergedFields", () => {
  const cases: [title: string, live: object, applied: object, merged: object][] = [
    ["adds and replaces fields", { size: 1, colour: "red" }, { size: 2 }, { size: 2, colour: "red" }],
    ["merges maps", { limits: { a: "1" } }, { limits: { b: "1" } }, { limits: { a: "1", b: "1" } }],
    ["replaces atomic maps", { pinned: { a: "1" } }, { pinned: { b: "1" } }, { pinned: { b: "1" } }],
    ["replaces lists", { steps: [1, 2] }, { steps: [3] }, { steps: [3] }],
    [
      "replaces lists of which nothing is declared",
      { free: { l: [1] } },
      { free: { l: [2] } },
      { free: { l: [2] } },
    ],
    ["keeps a map for a null", { limits: { a: "1" } }, { limits: null }, { limits: { a: "1" } }],
    ["takes a null for an empty map", { limits: {} }, { limits: null }, { limits: null }],
    [
      "replaces what is of another kind",
      { free: { a: 1 } },
      { free: { a: { b: 1 } } },
      { free: { a: { b: 1 } } },
    ],
    [
      "keeps live items of a set where they are",
      { tags: ["b", "a"] },
      { tags: ["c", "a"] },
      { tags: ["b", "c", "a"] },
    ],
    [
      "takes shared items in the applied order",
      { tags: ["a", "b", "x"] },
      { tags: ["b", "a", "n"] },
      { tags: ["b", "x", "a", "n"] },
    ],
    ["takes an applied set into an empty one", { tags: [] }, { tags: ["z"] }, { tags: ["z"] }],
  ];
  for (const [title, live, applied, merged] of cases) {
    it(title, () => {
      expect(mergedFields(type, { live: { ...live }, applied: { ...applied } })).toEqual(merged);
    });
  }

  it("merges the items of list-maps by their keys, defaults included", () => {
    const live = {
      ports: [
        { port: 1, protocol: "TCP", name: "a" },
        { port: 2, protocol: "UDP" },
      ],
    };
    const applied = { ports: [{ port: 2 }, { port: 1, name: "b" }] };
    expect(mergedFields(type, { live, applied })).toEqual({
      ports: [{ port: 2 }, { port: 1, protocol: "TCP", name: "b" }, { port: 2, protocol: "UDP" }],
    });
  });
});

describe("withoutFields", () => {
  it("removes fields, keys and items; a map or list of which nothing is left becomes null", () => {
    const object = { size: 1, tags: ["a", "b"], limits: { a: "1" }, ports: ports(1, 2), steps: [1] };
    const gone = FieldSet.of([
      ...[["f:size"], ["f:tags", 'v:"a"'], ["f:limits", "f:a"]],
      ["f:ports", 'k:{"port":2,"protocol":"TCP"}'],
    ]);
    expect(withoutFields(type, object, gone)).toEqual({
      tags: ["b"],
      limits: null,
      ports: ports(1),
      steps: [1],
    });
  });
});

describe("withDeclaredFields", () => {
  it("adds the declared fields that the set has something below of, and no keys", () => {
    const fields = FieldSet.of([
      ["f:limits", "f:a"],
      ["f:free", "f:x", "f:y"],
    ]);
    expect(paths(withDeclaredFields(type, fields))).toEqual([
      ...["f:free", "f:limits", "f:free/f:x/f:y", "f:limits/f:a"],
    ]);
  });
});

describe("fieldsOf", () => {
  it("owns leaves, items, keys and empty maps, but no declared container", () => {
    const object = {
      size: 1,
      steps: [1],
      limits: { a: "1" },
      free: { x: { y: 1 }, l: [1] },
      pinned: { p: "1" },
    };
    expect(paths(fieldsOf(type, { ...object, tags: ["t"], ports: [], note: null }))).toEqual([
      ...["f:note", "f:pinned", "f:size", "f:steps"],
      ...["f:free/f:l", "f:free/f:x", "f:free/f:x/f:y", "f:limits/f:a", 'f:tags/v:"t"'],
    ]);
  });
});

describe("fieldChanges", () => {
  const cases: [title: string, before: object, after: object, changes: [string[], string[], string[]]][] = [
    ["nothing", { size: 1, free: { a: [1] } }, { free: { a: [1] }, size: 1 }, [[], [], []]],
    ["a field", { size: 1 }, { size: 2 }, [[], ["f:size"], []]],
    ["a map that comes", {}, { limits: { a: "1" } }, [["f:limits", "f:limits/f:a"], [], []]],
    ["a map that goes", { limits: { a: "1" } }, {}, [[], [], ["f:limits", "f:limits/f:a"]]],
    ["a key", { limits: { a: "1" } }, { limits: { b: "1" } }, [["f:limits/f:b"], [], ["f:limits/f:a"]]],
    ["an item", { tags: ["a"] }, { tags: ["b"] }, [['f:tags/v:"b"'], [], ['f:tags/v:"a"']]],
    ["an atomic map", { pinned: { a: "1" } }, { pinned: { b: "1" } }, [[], ["f:pinned"], []]],
    ["null for a map", { limits: { a: "1" } }, { limits: null }, [[], [], ["f:limits/f:a"]]],
    [
      "a list for a map",
      { free: { a: { b: 1 } } },
      { free: { a: [1] } },
      [[], ["f:free/f:a"], ["f:free/f:a/f:b"]],
    ],
  ];
  for (const [title, before, after, expected] of cases) {
    it(`tells ${title}`, () => {
      const { added, modified, removed } = fieldChanges(type, { before: { ...before }, after: { ...after } });
      expect([paths(added), paths(modified), paths(removed)]).toEqual(expected);
    });
  }
});
