import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { matrixLines } from "../../runtimes/matrix.ts";

describe("matrixLines", () => {
  const none = { passed: 0, failed: [], skipped: [] };

  it("has a row for each runtime, the Nodes first and by version, and a column for each run", () => {
    expect(
      matrixLines([
        { ...none, runtime: "Bun 1.0.0", column: "unit", passed: 3 },
        { ...none, runtime: "Node 100.0.0", column: "unit", passed: 2 },
        { ...none, runtime: "Node 20.1.0", column: "real", passed: 1, failed: ["a", "b"] },
      ]),
    ).toEqual([
      "| runtime | unit | real |",
      "| --- | --- | --- |",
      "| Node 20.1.0 | not run | 1 passed, **2 failed** |",
      "| Node 100.0.0 | 2 passed | not run |",
      "| Bun 1.0.0 | 3 passed | not run |",
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
