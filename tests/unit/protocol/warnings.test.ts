import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { readWarnings } from "../../../lib/protocol/warnings.ts";

describe("readWarnings", () => {
  const cases: readonly (readonly [string | null, readonly string[]])[] = [
    [null, []],
    ["", []],
    ['299 - "unknown field \\"foo\\""', ['unknown field "foo"']],
    ['299 - "one, with a comma", 299 - "two"', ["one, with a comma", "two"]],
    ['199 agent "not of Kubernetes", 299 - "two"', ["two"]],
    ['299 - "a back\\\\slash"', ["a back\\slash"]],
    ['299 - "unfinished', []],
  ];
  for (const [header, texts] of cases) {
    it(`finds ${texts.length} in ${header}`, () => {
      expect(readWarnings(header)).toEqual(texts);
    });
  }
});
