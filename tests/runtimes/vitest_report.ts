import type { Outcome } from "./run_record.ts";

/** What vitest's JSON reporter writes, as far as it is read here. */
export interface VitestReport {
  readonly testResults: readonly {
    /** The path of the file. */
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[] | null;
    }[];
  }[];
}

/**
 * What came of the tests whose full name contains `tests`; all others are reported as skipped. `problem` is what is wrong with
 * the run as a whole: a report does not tell of a rejection that nobody handles, and may come before the end.
 */
export function outcomeOf(
  { testResults }: VitestReport,
  { tests, problem }: { tests: string; problem: string | undefined },
): Outcome {
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(tests));
  const named = (...statuses: string[]) => results.filter(({ status }) => statuses.includes(status));
  const passed = named("passed").length;
  const failed = [
    ...named("failed").map(
      ({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages?.[0])}`,
    ),
    // A hook that fails leaves all tests skipped, and one that does not load has none.
    ...testResults
      .filter((file) => file.status === "failed" && !file.assertionResults.some(isFailure))
      .map(({ name, message }) => `${name}: ${firstLine(message) || "it failed outside of its tests"}`),
  ];
  if (problem !== undefined && failed.length === 0) failed.push(`vitest: ${problem}`);
  if (passed === 0 && failed.length === 0) failed.push("vitest: no test has run");
  return {
    passed,
    failed,
    skipped: named("skipped", "pending", "todo").map(({ fullName }) => fullName),
  };
}

function isFailure({ status }: { status: string }): boolean {
  return status === "failed";
}

function firstLine(text = ""): string {
  return text.slice(0, text.indexOf("\n") + 1 || undefined).trim();
}
