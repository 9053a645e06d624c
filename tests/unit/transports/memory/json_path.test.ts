import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { jsonPathValue, parseJsonPath } from "../../../../transports/memory/json_path.ts";

const object = {
  metadata: { annotations: { "example.com/a.b": "dotted", "it's": "quoted" } },
  spec: { list: [{ a: 1 }, { a: 2 }], empty: [], nothing: null, no: false },
  status: {
    conditions: [
      { type: "Other", status: "False" },
      { type: "Ready", status: "True", at: { n: 7 } },
    ],
  },
};

describe("jsonPathValue", () => {
  const cases: [path: string, value: unknown][] = [
    ["", object],
    [".spec.no", false],
    ["{.spec.no}", false],
    [".spec.nothing", null],
    [".spec.missing.more", undefined],
    [".spec.list[0].a", 1],
    [".spec.list[-1].a", 2],
    [".spec.list[9].a", undefined],
    [".spec.list[*].a", 1],
    [".spec.empty[*].a", undefined],
    [".spec.*", object.spec.list],
    [".spec['list'][1]['a']", 2],
    ['.spec["list"][1].a', 2],
    [".metadata.annotations.example\\.com/a\\.b", "dotted"],
    [".metadata.annotations['example.com/a.b']", "dotted"],
    [".metadata.annotations['it\\'s']", "quoted"],
    ['.status.conditions[?(@.type=="Ready")].status', "True"],
    [".status.conditions[?(@.type == 'Ready')].status", "True"],
    [".status.conditions[?(@.at.n==7)].type", "Ready"],
    ['.status.conditions[?(@.type=="None")].status', undefined],
    [".status.conditions[type]", undefined],
    ["spec.no", undefined],
    [".spec..no", undefined],
  ];
  for (const [path, value] of cases) {
    it(`finds ${JSON.stringify(value)} at ${path || "the empty path"}`, () => {
      expect(jsonPathValue(object, parseJsonPath(path))).toEqual(value);
    });
  }
});
