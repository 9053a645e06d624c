import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { conformanceCases, problems, type TestReport } from "../../conformance/table/cases.ts";
import { formatTable } from "../../conformance/table/format.ts";
import { ON_EMBEDDED, ON_REAL, onlyHere } from "../../fixtures/server_names.ts";

type Row = readonly [suite: string, subjects: readonly string[], title: string, status?: string];

function report(rows: readonly Row[], { file = "/x/tests/conformance/a.test.ts" } = {}): TestReport {
  const assertionResults = rows.map(([suite, subjects, title, status = "passed"]) => ({
    ancestorTitles: [suite, ...subjects],
    title,
    status,
  }));
  return { testResults: [{ name: file, assertionResults }] };
}

const onBoth = (title: string, [embedded, real]: readonly [string, string]): Row[] => [
  [`lists${ON_EMBEDDED}`, ["a list"], title, embedded],
  [`lists${ON_REAL}`, ["a list"], title, real],
];

describe("conformanceCases", () => {
  it("puts a case's outcomes on both servers together", () => {
    expect(conformanceCases(report(onBoth("is empty", ["passed", "failed"])))).toEqual([
      {
        ...{ area: "lists", subject: "a list", title: "is empty" },
        ...{ embedded: "passed", real: "failed", onlyOne: undefined },
      },
    ]);
  });

  it("takes what was skipped for not run, whatever stands behind the suite's name", () => {
    const rows: Row[] = [[`lists${ON_REAL} (no server here)`, [], "is empty", "skipped"]];
    expect(conformanceCases(report(rows))[0]?.real).toBe(undefined);
  });

  it("reads why only one server runs a case", () => {
    const rows: Row[] = [[`lists${ON_EMBEDDED}`, [], `is short${onlyHere("it cannot be long")}`]];
    expect(conformanceCases(report(rows))).toMatchObject([
      { title: "is short", onlyOne: "it cannot be long", embedded: "passed" },
    ]);
  });

  it("looks at no other suite", () => {
    expect(conformanceCases(report([["other", [], "x"]], { file: "/x/tests/unit/a.test.ts" }))).toEqual([]);
  });

  it("refuses a suite that names no server, and cases that cannot be told apart", () => {
    expect(() => conformanceCases(report([["lists", [], "is empty"]]))).toThrow(
      /on which server "lists" ran/,
    );
    const twice: Row = [`lists${ON_REAL}`, [], "is empty"];
    expect(() => conformanceCases(report([twice, twice]))).toThrow(/came twice/);
  });
});

describe("problems", () => {
  const found = (rows: readonly Row[]) => problems(conformanceCases(report(rows)));

  it("are none where all passed on both, or on one with a reason", () => {
    const alone: Row = [`lists${ON_EMBEDDED}`, [], `is short${onlyHere("so be it")}`];
    expect(found([...onBoth("is empty", ["passed", "passed"]), alone])).toEqual([]);
  });

  it("are that nothing ran, and each failure", () => {
    expect(found([])).toEqual(["no case was run"]);
    expect(found(onBoth("is empty", ["failed", "failed"]))).toEqual([
      "lists: a list: is empty failed on the embedded server",
      "lists: a list: is empty failed on the real server",
    ]);
  });

  it("are a case of one server without a reason, and a reason without need", () => {
    const [first] = onBoth("is empty", ["passed", "passed"]);
    expect(found([first as Row])).toEqual([
      "lists: a list: is empty ran on one server only, and says no reason",
    ]);
    expect(found(onBoth(`is short${onlyHere("so be it")}`, ["passed", "passed"]))).toEqual([
      "lists: a list: is short ran on both servers, and says it cannot",
    ]);
  });
});

describe("formatTable", () => {
  it("shows areas with their totals, and every case under its subject", () => {
    const alone: Row = [`the end${ON_EMBEDDED}`, [], `<b> | c_d*${onlyHere("so be it")}`];
    const cases = conformanceCases(report([...onBoth("is empty", ["passed", "failed"]), alone]));
    const lines = formatTable(cases, { realServer: "server v1", command: "run it" }).split("\n");
    expect(lines).toContain("| [lists](#lists) | 1 | 1 | 0 |");
    expect(lines).toContain("| [the end](#the-end) | 1 | 1 | 0 |");
    expect(lines).toContain("| **all** | 2 | 2 | 0 |");
    expect(lines).toContain("## The end");
    expect(lines).toContain("| a list | embedded | real |");
    expect(lines).toContain("| is empty | pass | **FAIL** |");
    expect(lines).toContain("| \\<b\\> \\| c\\_d\\*: *only there, because so be it* | pass | – |");
    expect(lines.join("\n")).toContain("server v1");
  });
});
