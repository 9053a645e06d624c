import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import * as fc from "fast-check";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { deepFreeze } from "../../../lib/kubernetes/object.ts";
import { applyJsonPatch, diff, type JsonPatchOperation, mergePatch } from "../../../lib/kubernetes/patch.ts";
import { caught } from "../../fixtures/caught.ts";

const members = fc.constantFrom("a", "b", "a/b", "m~n", "constructor", "0", "");
const values = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.stringify(value))
  // A patch refuses to name it.
  .filter((text) => !text.includes("__proto__"))
  .map((text) => JSON.parse(text) as unknown);
const objects = fc.dictionary(members, values, { noNullPrototype: true });

describe("diff", () => {
  it("gives the operations from the one to the other", () => {
    const before = { data: { kept: 1, changed: "old", gone: true }, list: [1, 2] };
    const after = { data: { kept: 1, changed: "new", "a/b": null }, list: [1, 2, 3] };
    const patch = diff(before, after);
    expect(patch.length).toBe(4);
    expect(patch).toContainEqual({ op: "replace", path: "/data/changed", value: "new" });
    expect(patch).toContainEqual({ op: "remove", path: "/data/gone" });
    expect(patch).toContainEqual({ op: "add", path: "/data/a~1b", value: null });
    expect(patch).toContainEqual({ op: "add", path: "/list/2", value: 3 });
  });

  it("is empty for equal objects", () => {
    expect(diff({ a: [{ b: 1 }] }, { a: [{ b: 1 }] })).toEqual([]);
  });

  it("takes frozen objects and shares nothing with them", () => {
    const after = deepFreeze({ spec: { ports: [{ port: 80 }] } });
    const [operation] = diff(deepFreeze({}), after);
    expect(operation).toEqual({ op: "add", path: "/spec", value: { ports: [{ port: 80 }] } });
    expect(Object.isFrozen((operation as { value: unknown }).value)).toBe(false);
  });

  it("is what applyJsonPatch takes from the one to the other", () => {
    fc.assert(
      fc.property(objects, objects, (before, after) => {
        expect(applyJsonPatch(before, diff(before, after))).toEqual(after);
      }),
    );
  });
});

describe("applyJsonPatch", () => {
  const cases: [what: string, document: unknown, operations: JsonPatchOperation[], outcome: unknown][] = [
    ["nothing", { a: 1 }, [], { a: 1 }],
    ["adds a member", { a: 1 }, [{ op: "add", path: "/b", value: 2 }], { a: 1, b: 2 }],
    ["adds over a member", { a: 1 }, [{ op: "add", path: "/a", value: 2 }], { a: 2 }],
    ["adds null", {}, [{ op: "add", path: "/a", value: null }], { a: null }],
    ["adds a member with an empty name", {}, [{ op: "add", path: "/", value: 1 }], { "": 1 }],
    ["inserts an element", { a: [1, 3] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2, 3] }],
    ["appends at the length", { a: [1] }, [{ op: "add", path: "/a/1", value: 2 }], { a: [1, 2] }],
    ["appends at -", { a: [1] }, [{ op: "add", path: "/a/-", value: 2 }], { a: [1, 2] }],
    ["replaces a member", { a: 1, b: 2 }, [{ op: "replace", path: "/a", value: 3 }], { a: 3, b: 2 }],
    ["replaces an element", { a: [1, 2] }, [{ op: "replace", path: "/a/0", value: 3 }], { a: [3, 2] }],
    ["replaces the root", { a: 1 }, [{ op: "replace", path: "", value: { b: 2 } }], { b: 2 }],
    ["removes a member", { a: 1, b: 2 }, [{ op: "remove", path: "/a" }], { b: 2 }],
    ["removes an element", { a: [1, 2, 3] }, [{ op: "remove", path: "/a/1" }], { a: [1, 3] }],
    ["unescapes ~1 and ~0", { "a/b": 1, "m~1n": 2 }, [{ op: "remove", path: "/m~01n" }], { "a/b": 1 }],
    ["moves a member", { a: { b: 1 } }, [{ op: "move", from: "/a/b", path: "/c" }], { a: {}, c: 1 }],
    [
      "moves within an array",
      { a: [1, 2, 3] },
      [{ op: "move", from: "/a/0", path: "/a/2" }],
      { a: [2, 3, 1] },
    ],
    ["copies to another place", { a: [1] }, [{ op: "copy", from: "/a", path: "/b" }], { a: [1], b: [1] }],
    [
      "copies by value",
      { a: [1] },
      [
        { op: "copy", from: "/a", path: "/b" },
        { op: "add", path: "/b/-", value: 2 },
      ],
      { a: [1], b: [1, 2] },
    ],
    [
      "passes a test",
      { a: { b: [1, null] } },
      [{ op: "test", path: "/a", value: { b: [1, null] } }],
      { a: { b: [1, null] } },
    ],
    [
      "takes the order of members for nothing",
      { a: { b: 1, c: [{ d: 2 }] } },
      [{ op: "test", path: "/a", value: { c: [{ d: 2 }], b: 1 } }],
      { a: { b: 1, c: [{ d: 2 }] } },
    ],
    [
      "sets a member called constructor",
      { data: {} },
      [{ op: "add", path: "/data/constructor", value: "x" }],
      { data: { constructor: "x" } },
    ],
  ];
  for (const [what, document, operations, outcome] of cases) {
    it(what, () => {
      expect(applyJsonPatch(deepFreeze(document), deepFreeze(operations) as JsonPatchOperation[])).toEqual(
        outcome,
      );
    });
  }

  it("shares nothing with what it was given", () => {
    const document = { kept: { a: 1 } };
    const operations: JsonPatchOperation[] = [
      { op: "add", path: "/added", value: { b: 1 } },
      { op: "add", path: "/replaced", value: 0 },
      { op: "replace", path: "/replaced", value: { c: 1 } },
    ];
    const given = structuredClone(operations);
    const outcome = applyJsonPatch(document, operations) as Record<string, Record<string, number>>;
    outcome.kept!.a = 2;
    outcome.added!.b = 2;
    outcome.replaced!.c = 2;
    expect(document).toEqual({ kept: { a: 1 } });
    expect(operations).toEqual(given);
  });

  const document = { data: { a: "1" }, list: [1, 2], text: "x" };
  const refused: [what: string, operations: unknown, field: string, problem: string][] = [
    ["no array", { op: "remove", path: "/data" }, "operations", "an array"],
    ["no operation", [null], "operations[0].op", "none of add"],
    ["an unknown op", [{ op: "merge", path: "/data" }], "operations[0].op", '"merge"'],
    ["an inherited op", [{ op: "toString", path: "/data" }], "operations[0].op", '"toString"'],
    ["no path", [{ op: "remove" }], "operations[0].path", "path"],
    ["a path without slash", [{ op: "remove", path: "data" }], "operations[0].path", "JSON Pointer"],
    ["a bad escape", [{ op: "remove", path: "/a~2" }], "operations[0].path", "JSON Pointer"],
    ["no value", [{ op: "add", path: "/b" }], "operations[0].value", "value"],
    ["an undefined value", [{ op: "add", path: "/b", value: undefined }], "operations[0].value", "value"],
    ["a value that is no JSON", [{ op: "add", path: "/b", value: () => 1 }], "operations[0]", "clone"],
    ["no from", [{ op: "move", path: "/b" }], "operations[0].from", "from"],
    ["__proto__", [{ op: "add", path: "/__proto__/x", value: 1 }], "operations[0].path", "__proto__"],
    [
      "__proto__ in from",
      [{ op: "copy", from: "/__proto__", path: "/b" }],
      "operations[0].from",
      "__proto__",
    ],
    [
      "an inherited member",
      [{ op: "remove", path: "/data/toString" }],
      "operations[0]",
      'nothing at "/data/toString"',
    ],
    [
      "a copy of one",
      [{ op: "copy", from: "/constructor", path: "/b" }],
      "operations[0]",
      'nothing at "/constructor"',
    ],
    [
      "a missing member",
      [{ op: "replace", path: "/data/b", value: 1 }],
      "operations[0]",
      'nothing at "/data/b"',
    ],
    ["a missing parent", [{ op: "add", path: "/no/such/a", value: 1 }], "operations[0]", 'nothing at "/no"'],
    [
      "a parent that is text",
      [{ op: "add", path: "/text/a", value: 1 }],
      "operations[0]",
      '"/text" is neither',
    ],
    ["a place beyond the end", [{ op: "add", path: "/list/3", value: 1 }], "operations[0]", "beyond the end"],
    [
      "an index with a zero before it",
      [{ op: "remove", path: "/list/01" }],
      "operations[0]",
      'nothing at "/list/01"',
    ],
    ["no element at -", [{ op: "remove", path: "/list/-" }], "operations[0]", 'nothing at "/list/-"'],
    [
      "a move beyond the end",
      [{ op: "move", from: "/list/0", path: "/list/2" }],
      "operations[0]",
      "beyond the end",
    ],
    [
      "a move into itself",
      [{ op: "move", from: "/data", path: "/data/b" }],
      "operations[0]",
      'nothing at "/data"',
    ],
    ["a failed test", [{ op: "test", path: "/list", value: [1] }], "operations[0]", 'the value at "/list"'],
    ["a test of a part", [{ op: "test", path: "/data", value: {} }], "operations[0]", 'the value at "/data"'],
    [
      "a test of an inherited member",
      [{ op: "test", path: "/data", value: { toString: "1" } }],
      "operations[0]",
      'the value at "/data"',
    ],
    ["a test of null", [{ op: "test", path: "/data", value: null }], "operations[0]", 'the value at "/data"'],
    [
      "a test of another type",
      [{ op: "test", path: "/list", value: {} }],
      "operations[0]",
      'the value at "/list"',
    ],
    [
      "the second operation",
      [
        { op: "add", path: "/b", value: 1 },
        { op: "remove", path: "/c" },
      ],
      "operations[1]",
      'nothing at "/c"',
    ],
  ];
  for (const [what, operations, field, problem] of refused) {
    it(`refuses ${what}, and says which operation`, () => {
      const before = structuredClone(document);
      const error = caught(() => applyJsonPatch(document, operations as JsonPatchOperation[]));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error).toMatchObject({ field });
      expect(error.message).toContain(problem);
      expect(document).toEqual(before);
    });
  }

  it("says nothing of the values, which may be secret", () => {
    const secret = { data: { password: "c2VjcmV0" } };
    const error = caught(() =>
      applyJsonPatch(secret, [{ op: "test", path: "/data/password", value: "Z3Vlc3M=" }]),
    );
    expect(error.message).not.toContain("c2VjcmV0");
    expect(error.message).not.toContain("Z3Vlc3M=");
  });
});

describe("mergePatch", () => {
  // The table of RFC 7396, appendix A.
  const cases: [target: unknown, patch: unknown, outcome: unknown][] = [
    [{ a: "b" }, { a: "c" }, { a: "c" }],
    [{ a: "b" }, { b: "c" }, { a: "b", b: "c" }],
    [{ a: "b" }, { a: null }, {}],
    [{ a: "b", b: "c" }, { a: null }, { b: "c" }],
    [{ a: ["b"] }, { a: "c" }, { a: "c" }],
    [{ a: "c" }, { a: ["b"] }, { a: ["b"] }],
    [{ a: { b: "c" } }, { a: { b: "d", c: null } }, { a: { b: "d" } }],
    [{ a: [{ b: "c" }] }, { a: [1] }, { a: [1] }],
    [
      ["a", "b"],
      ["c", "d"],
      ["c", "d"],
    ],
    [{ a: "b" }, ["c"], ["c"]],
    [{ a: "foo" }, null, null],
    [{ a: "foo" }, "bar", "bar"],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [[1, 2], { a: "b", c: null }, { a: "b" }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ];
  for (const [target, patch, outcome] of cases) {
    it(`of ${JSON.stringify(target)} and ${JSON.stringify(patch)} is ${JSON.stringify(outcome)}`, () => {
      expect(mergePatch(deepFreeze(target), deepFreeze(patch))).toEqual(outcome);
    });
  }

  it("shares nothing with what it was given", () => {
    const target = { kept: { a: 1 } };
    const patch = { added: [1] };
    const outcome = mergePatch(target, patch) as { kept: { a: number }; added: number[] };
    outcome.kept.a = 2;
    outcome.added.push(2);
    expect(target).toEqual({ kept: { a: 1 } });
    expect(patch).toEqual({ added: [1] });
  });

  it("takes __proto__ for a member like any other", () => {
    const outcome = mergePatch({}, JSON.parse('{"__proto__": {"polluted": true}}')) as object;
    expect(Object.getPrototypeOf(outcome)).toBe(Object.prototype);
    expect(Object.keys(outcome)).toEqual(["__proto__"]);
  });
});
