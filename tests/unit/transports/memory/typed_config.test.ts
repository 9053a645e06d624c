import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { objectType } from "../../../../transports/memory/field_type.ts";
import { typeProblems } from "../../../../transports/memory/typed_config.ts";
import { THING_SPEC } from "./thing.ts";

const spec = { ...THING_SPEC, properties: { ...THING_SPEC.properties, flag: { type: "boolean" } } };
const type = objectType({ type: "object", properties: { spec } });
const struct = "&value.valueUnstructured{Value:";

/** What kube-apiserver 1.35.4 said of each. */
const CASES: readonly [spec: object, ...problems: string[]][] = [
  [{ size: "x" }, ".size: expected numeric (int or float), got string"],
  [{ size: true }, ".size: expected numeric (int or float), got bool"],
  [{ size: { a: 1 } }, ".size: expected numeric (int or float), got map[string]interface {}"],
  [{ size: [1] }, ".size: expected numeric (int or float), got []interface {}"],
  [{ colour: 5 }, `.colour: expected string, got ${struct}5}`],
  [
    { colour: { a: 1, b: "x" } },
    `.colour: expected string, got ${struct}map[string]interface {}{"a":1, "b":"x"}}`,
  ],
  [{ colour: [1, "a"] }, `.colour: expected string, got ${struct}[]interface {}{1, "a"}}`],
  [{ flag: "x" }, ".flag: expected boolean, got &{x}"],
  [{ limits: "x" }, ".limits: expected map, got &{x}"],
  [{ limits: [1] }, ".limits: expected map, got &{[1]}"],
  [{ tags: { a: "b" } }, ".tags: expected list, got &{map[a:b]}"],
  [{ tags: ["a", "a"] }, '.tags: duplicate entries for key [="a"]'],
  [{ ports: [{ port: 1 }, { port: 1 }] }, '.ports: duplicate entries for key [port=1,protocol="TCP"]'],
  [
    { tags: [null] },
    ".tags: element 0: associative list without keys has an element that's an explicit null",
  ],
  [{ ports: ["x"] }, ".ports: element 0: associative list with keys may not have non-map elements"],
  [{ ports: [{ port: 1, zz: 1 }] }, '.ports[port=1,protocol="TCP"].zz: field not declared in schema'],
  [{ steps: ["x"] }, ".steps[0]: expected numeric (int or float), got string"],
  [
    { size: "x", colour: 5 },
    `.colour: expected string, got ${struct}5}`,
    ".size: expected numeric (int or float), got string",
  ],
  [{ size: null, limits: null, tags: null, free: { any: [{ thing: null }] } }],
];

describe("typeProblems", () => {
  for (const [value, ...problems] of CASES) {
    it(`says of ${JSON.stringify(value)} what the API server says`, () => {
      expect(typeProblems(type, { spec: value })).toEqual(problems.map((problem) => `.spec${problem}`));
    });
  }

  it("knows no field that the schema does not name, in the metadata neither", () => {
    expect(typeProblems(type, { extra: 1, metadata: { odd: 1, labels: { a: "b" } } })).toEqual([
      ".extra: field not declared in schema",
      ".metadata.odd: field not declared in schema",
    ]);
  });

  it("takes anything where there is no schema", () => {
    expect(typeProblems(objectType(undefined), { spec: { a: [1, {}] }, kind: "K" })).toEqual([]);
  });
});
