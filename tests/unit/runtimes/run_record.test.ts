import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { hasPassed, notRun, summaryOf } from "../../runtimes/run_record.ts";

const place = { runtime: "Deno 2.0.0", column: "unit" };

describe("a run record", () => {
  it("has passed where something ran and nothing failed", () => {
    const none = { ...place, passed: 0, failed: [], skipped: [] };
    expect(hasPassed({ ...none, passed: 1, skipped: ["a"] })).toBe(true);
    expect(hasPassed({ ...none, passed: 1, failed: ["a"] })).toBe(false);
    expect(hasPassed({ ...none, skipped: ["a"] })).toBe(false);
    expect(hasPassed(notRun(place, "it was interrupted"))).toBe(false);
  });

  it("is a line of counts, or of why nothing has run", () => {
    expect(summaryOf({ ...place, passed: 3, failed: ["a"], skipped: ["b", "c"], seconds: 4 })).toBe(
      "Deno 2.0.0, unit: 3 passed, 1 failed, 2 skipped, in 4 s",
    );
    expect(summaryOf(notRun(place, "it was interrupted"))).toBe(
      "Deno 2.0.0, unit: not run: it was interrupted",
    );
  });
});
