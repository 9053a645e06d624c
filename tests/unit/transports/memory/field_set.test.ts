import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { FieldSet, NO_FIELDS } from "../../../../transports/memory/field_set.ts";

const set = (...paths: string[]) => FieldSet.of(paths.map((path) => path.split("/")));
const shown = (fields: FieldSet) => fields.paths().map((path) => path.join("/"));

describe("FieldSet", () => {
  it("writes itself as fieldsV1, with a dot where a path ends and goes on", () => {
    expect(set("f:a", "f:a/f:b", "f:c/f:d").format()).toEqual({
      "f:a": { ".": {}, "f:b": {} },
      "f:c": { "f:d": {} },
    });
    expect(NO_FIELDS.format()).toEqual({});
  });

  it("writes its elements in order: fields, keys, values, and numbers as numbers", () => {
    const fields = set('v:"a"', 'k:{"port":443}', 'k:{"port":80}', "f:z", "f:a");
    expect(Object.keys(fields.format())).toEqual(["f:a", "f:z", 'k:{"port":80}', 'k:{"port":443}', 'v:"a"']);
  });

  it("reads what it wrote", () => {
    const text = { "f:a": { ".": {}, 'k:{"x":1}': { ".": {}, "f:b": {} } }, "f:c": {} };
    expect(FieldSet.parse(text)?.format()).toEqual(text);
    expect(FieldSet.parse({})?.isEmpty).toBe(true);
  });

  for (const wrong of [undefined, [], { x: {} }, { "z:a": {} }, { "f:a": { "k:{": {} } }, { "f:a": 1 }]) {
    it(`reads nothing from ${JSON.stringify(wrong)}`, () => {
      expect(FieldSet.parse(wrong)).toBeUndefined();
    });
  }

  it("tells the shorter paths first", () => {
    expect(shown(set("f:b/f:x", "f:c", "f:a/f:y", "f:a"))).toEqual(["f:a", "f:c", "f:a/f:y", "f:b/f:x"]);
  });

  it("unites, intersects and subtracts paths, not what is below them", () => {
    const [left, right] = [set("f:a", "f:a/f:b", "f:c"), set("f:a", "f:c/f:d")];
    expect(shown(left.union(right))).toEqual(["f:a", "f:c", "f:a/f:b", "f:c/f:d"]);
    expect(shown(left.intersection(right))).toEqual(["f:a"]);
    expect(shown(left.difference(right))).toEqual(["f:c", "f:a/f:b"]);
    expect(left.difference(left).isEmpty).toBe(true);
  });

  it("excludes paths with all that is below them", () => {
    const fields = set("f:a", "f:a/f:b", "f:c/f:d", "f:c/f:e");
    expect(shown(fields.excluding(set("f:a", "f:c/f:d")))).toEqual(["f:c/f:e"]);
  });
});
