import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { matrixLines } from "../../runtimes/matrix.ts";
import { notRun } from "../../runtimes/run_record.ts";

describe("matrixLines", () => {
  const none = { passed: 0, failed: [], skipped: [] };

  it("has a row for each runtime and a column for each layer, in the order of the records", () => {
    expect(
      matrixLines([
        { ...none, runtime: "Node 20.1.0", column: "unit", passed: 3 },
        { ...none, runtime: "Node 20.1.0", column: "real", passed: 1, failed: ["a", "b"] },
        { ...none, runtime: "Bun 1.0.0", column: "unit", passed: 2 },
        { ...none, runtime: "Bun 1.0.0", column: "real", passed: 4, skipped: ["a (b)"] },
      ]).slice(0, 4),
    ).toEqual([
      "| runtime | unit | real |",
      "| --- | --- | --- |",
      "| Node 20.1.0 | 3 passed | 1 passed, **2 failed** |",
      "| Bun 1.0.0 | 2 passed | 4 passed, 1 skipped |",
    ]);
  });

  it("says of what has not run that it has not, and why", () => {
    expect(
      matrixLines([
        notRun({ runtime: "deno", column: "unit" }, "it is not installed"),
        { ...none, runtime: "Bun 1.0.0", column: "real", passed: 1 },
      ]).slice(2),
    ).toEqual([
      "| deno | **not run**: it is not installed | **not run** |",
      "| Bun 1.0.0 | **not run** | 1 passed |",
    ]);
  });

  it("tells why anything was skipped, each reason once", () => {
    const record = { ...none, runtime: "Deno 2.0.0", passed: 1 };
    const lines = matrixLines([
      { ...record, column: "unit", skipped: ["a (not inside deno: it lacks x)", "b (no server)"] },
      { ...record, column: "real", skipped: ["c (not inside deno: it lacks x)", "d"] },
    ]);
    expect(lines).toContain("| Deno 2.0.0 | 1 passed, 2 skipped | 1 passed, 2 skipped |");
    expect(lines.slice(-3)).toEqual([
      "- Deno 2.0.0, 2 tests: it lacks x",
      "- Deno 2.0.0, 1 test: no server",
      '- Deno 2.0.0, 1 test: no reason is given by "d"',
    ]);
  });
});
