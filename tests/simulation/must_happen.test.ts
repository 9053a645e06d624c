import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { missing } from "./must_happen.ts";
import { Totals } from "./totals.ts";

describe("missing", () => {
  it("asks more of more seeds", () => {
    const counts = [1, 10, 1_000].map((seeds) => missing(new Totals(), seeds).length);
    expect(counts[0]).toBe(0);
    expect(counts[1]).toBeGreaterThan(5);
    expect(counts[2]).toBeGreaterThan(50);
  });

  it("names what has never happened", () => {
    const totals = new Totals();
    for (const name of missing(totals, 1_000)) totals.count(name);
    expect(missing(totals, 1_000)).toEqual([]);
    const without = new Totals();
    for (const [name] of totals.entries()) if (name !== "fault compact") without.count(name);
    expect(missing(without, 1_000)).toEqual(["fault compact"]);
  });
});
