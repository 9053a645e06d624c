import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { outcomeOf, type VitestReport } from "../../runtimes/vitest_report.ts";

type File = VitestReport["testResults"][number];

function file(statuses: Record<string, string>, more: Partial<File> = {}): File {
  const assertionResults = Object.entries(statuses).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === "failed" ? ["Error: no\n    at a.ts:1"] : [],
  }));
  return { name: "a.test.ts", status: "passed", message: "", assertionResults, ...more };
}

describe("outcomeOf", () => {
  const whole = { tests: "", problem: undefined };
  const failures = (testResults: File[], run: Parameters<typeof outcomeOf>[1] = whole) =>
    outcomeOf({ testResults }, run).failed;

  it("counts what passed, names what failed and why, and names what was skipped", () => {
    const statuses = { a: "passed", b: "failed", c: "skipped", d: "pending", e: "todo" };
    expect(
      outcomeOf({ testResults: [file(statuses, { status: "failed" }), file({ f: "passed" })] }, whole),
    ).toEqual({
      passed: 2,
      failed: ["b: Error: no"],
      skipped: ["c", "d", "e"],
    });
  });

  it("leaves out the tests of other layers", () => {
    const testResults = [file({ "a, on x b": "passed", "a, on y b": "skipped", "a, on x c": "skipped" })];
    expect(outcomeOf({ testResults }, { ...whole, tests: ", on x" })).toEqual({
      passed: 1,
      failed: [],
      skipped: ["a, on x c"],
    });
  });

  it("names a file that does not load, or whose hook has failed", () => {
    const passed = file({ a: "passed" });
    const broken = file({}, { status: "failed", message: "Error: no such module\n at b" });
    expect(failures([passed, broken])).toEqual(["a.test.ts: Error: no such module"]);
    const unprepared = file({ b: "skipped" }, { status: "failed" });
    expect(failures([passed, unprepared])).toEqual(["a.test.ts: it failed outside of its tests"]);
  });

  it("has failed where no test has run", () => {
    for (const testResults of [[], [file({})], [file({ a: "skipped" })]]) {
      expect(failures(testResults)).toEqual(["vitest: no test has run"]);
    }
    expect(failures([file({ "on x": "passed" })], { ...whole, tests: "on y" })).toEqual([
      "vitest: no test has run",
    ]);
  });

  it("has failed where all tests passed and vitest did not end well", () => {
    const run = { ...whole, problem: "exit code 1" };
    expect(failures([file({ a: "passed" })], run)).toEqual(["vitest: exit code 1"]);
    expect(failures([file({ a: "failed" }, { status: "failed" })], run)).toEqual(["a: Error: no"]);
  });
});
