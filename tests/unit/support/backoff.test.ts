import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { backoffDelayMs, REFLECTOR_BACKOFF } from "../../../lib/support/backoff.ts";

describe("backoffDelayMs", () => {
  const policy = { initialMs: 100, factor: 3, maxMs: 5_000, jitter: 0.5 };
  const cases: [failures: number, random: number, delayMs: number][] = [
    [1, 0, 100],
    [2, 0, 300],
    [3, 0, 900],
    [5, 0, 5_000],
    [1, 0.5, 125],
    [2, 1, 450],
    [9, 1, 7_500],
    [0, 0, 100],
    [5_000, 0, 5_000],
  ];
  for (const [failures, random, delayMs] of cases) {
    it(`is ${delayMs} ms after ${failures} failures with a random number of ${random}`, () => {
      expect(backoffDelayMs(policy, failures, () => random)).toBe(delayMs);
    });
  }

  it("stays a number after thousands of failures without a first wait", () => {
    expect(backoffDelayMs({ ...policy, initialMs: 0 }, 5_000, () => 1)).toBe(0);
  });

  it("doubles from 0.8 s to 30 s for a reflector, with as much again at random", () => {
    const waits = [1, 2, 3, 4, 5, 6, 7, 8].map((failures) =>
      backoffDelayMs(REFLECTOR_BACKOFF, failures, () => 0),
    );
    expect(waits).toEqual([800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
    expect(backoffDelayMs(REFLECTOR_BACKOFF, 1, () => 0.5)).toBe(1_200);
  });
});
