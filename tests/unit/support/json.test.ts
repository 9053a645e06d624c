import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { isJsonObject } from "../../../lib/support/json.ts";

describe("isJsonObject", () => {
  const cases: [value: unknown, isObject: boolean][] = [
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    [undefined, false],
    ["{}", false],
    [1, false],
  ];
  for (const [value, isObject] of cases) {
    it(`is ${isObject} for ${JSON.stringify(value)}`, () => {
      expect(isJsonObject(value)).toBe(isObject);
    });
  }
});
