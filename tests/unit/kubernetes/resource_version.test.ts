import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { compareResourceVersions } from "../../../lib/kubernetes/resource_version.ts";

describe("compareResourceVersions", () => {
  const cases: [a: string, b: string, order: number | undefined][] = [
    ["7", "7", 0],
    ["7", "8", -1],
    ["9", "10", -1],
    ["100", "99", 1],
    ["0", "1", -1],
    ["007", "7", 0],
    ["00", "0", 0],
    ["008", "7", 1],
    ["0010", "9", 1],
    // They differ beyond what a number is exact in.
    ["9007199254740993", "9007199254740992", 1],
    ["99999999999999999999999999999998", "99999999999999999999999999999999", -1],
    ["", "", 0],
    ["abc", "abc", 0],
    ["abc", "abd", undefined],
    ["", "1", undefined],
    ["1", "1a", undefined],
    ["-1", "1", undefined],
    ["1.5", "1", undefined],
  ];
  for (const [a, b, order] of cases) {
    it(`says ${order === undefined ? "nothing" : ["older", "same", "newer"][order + 1]} of "${a}" against "${b}"`, () => {
      const found = compareResourceVersions(a, b);
      expect(found === undefined ? undefined : Math.sign(found)).toBe(order);
    });
  }
});
