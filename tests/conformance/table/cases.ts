import { ON_EMBEDDED, ON_REAL, parseTitle } from "../../fixtures/server_names.ts";

/** What a test runner reports, as far as it is read here: vitest's JSON. */
export interface TestReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
    }[];
  }[];
}

/** How a case went on one server; undefined: it was not run there. */
export type Outcome = "passed" | "failed" | undefined;

/** One case of the conformance suite, on both servers. */
export interface ConformanceCase {
  readonly area: string;
  /** What the case is about, from the outer to the inner. */
  readonly subject: string;
  readonly title: string;
  readonly embedded: Outcome;
  readonly real: Outcome;
  /** Why only one server runs it; undefined where both should. */
  readonly onlyOne: string | undefined;
}

const SERVERS = { embedded: ON_EMBEDDED, real: ON_REAL } as const;
type Server = keyof typeof SERVERS;

/**
 * The cases of a report, each once, in the order of the report.
 *
 * @throws Error for a case that names no server, and for one that is reported twice on one
 */
export function conformanceCases({ testResults }: TestReport): ConformanceCase[] {
  const cases = new Map<string, ConformanceCase>();
  for (const { name, assertionResults } of testResults) {
    if (!isConformance(name)) continue;
    for (const { ancestorTitles, title, status } of assertionResults) {
      const [suite = "", ...subjects] = ancestorTitles;
      const { area, server } = splitSuite(suite);
      const { text, reason } = parseTitle(title);
      const subject = subjects.join(", ");
      const key = JSON.stringify([area, subject, text]);
      const before = cases.get(key) ?? blank({ area, subject, title: text, onlyOne: reason });
      if (before[server] !== undefined)
        throw new Error(`Cannot tell cases apart: ${key} came twice on one server`);
      cases.set(key, { ...before, [server]: outcomeOf(status) });
    }
  }
  return [...cases.values()];
}

/** What speaks against a set of cases; nothing, where all is well. */
export function problems(cases: readonly ConformanceCase[]): string[] {
  if (cases.length === 0) return ["no case was run"];
  return cases.flatMap(({ area, subject, title, embedded, real, onlyOne }) => {
    const what = [area, subject, title].filter((part) => part !== "").join(": ");
    const failed = [
      ...(embedded === "failed" ? ["the embedded server"] : []),
      ...(real === "failed" ? ["the real server"] : []),
    ];
    const isOnlyOne = embedded === undefined || real === undefined;
    return [
      ...failed.map((where) => `${what} failed on ${where}`),
      ...(isOnlyOne && onlyOne === undefined ? [`${what} ran on one server only, and says no reason`] : []),
      ...(!isOnlyOne && onlyOne !== undefined ? [`${what} ran on both servers, and says it cannot`] : []),
    ];
  });
}

function isConformance(file: string): boolean {
  return file.replaceAll("\\", "/").includes("/tests/conformance/");
}

function splitSuite(suite: string): { area: string; server: Server } {
  for (const server of Object.keys(SERVERS) as Server[]) {
    // Skipped suites say behind it why.
    const [area = "", ...rest] = suite.split(SERVERS[server]);
    if (rest.length > 0) return { area, server };
  }
  throw new Error(
    `Cannot tell on which server ${JSON.stringify(suite)} ran: it is not defined on each server`,
  );
}

function blank(fields: Pick<ConformanceCase, "area" | "subject" | "title" | "onlyOne">): ConformanceCase {
  return { ...fields, embedded: undefined, real: undefined };
}

function outcomeOf(status: string): Outcome {
  if (status === "passed") return "passed";
  return status === "failed" ? "failed" : undefined;
}
