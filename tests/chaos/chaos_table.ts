import type { ChaosResult } from "./run_case.ts";

const HEAD = [
  "case",
  "what is done",
  "changes meanwhile",
  "streams interrupted",
  "reconciles",
  "lost",
  "time to recover",
];

/** Whether nothing was lost, and the case has shown it. */
export function isClean({ lost, problems }: ChaosResult): boolean {
  return lost.length === 0 && problems.length === 0;
}

/** The results as a table in Markdown. */
export function formatLines(results: readonly ChaosResult[]): string[] {
  const rows = results.map(({ chaosCase, written, interrupted, reconciles, lost, recoveredAfterMs }) => [
    chaosCase.name,
    chaosCase.done,
    written,
    interrupted,
    reconciles,
    lost.length,
    lost.length === 0 && recoveredAfterMs > 0 ? `${(recoveredAfterMs / 1_000).toFixed(1)} s` : "never",
  ]);
  return [HEAD, HEAD.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`);
}

/** One line for a case that is over, and, of one that is not clean, why. */
export function formatResult(result: ChaosResult): string {
  const { chaosCase, lost, problems, recoveredAfterMs } = result;
  if (isClean(result)) return `${chaosCase.name}: recovered after ${(recoveredAfterMs / 1_000).toFixed(1)} s`;
  const reasons = [...problems, ...lost].slice(0, 10).map((reason) => `  ${reason}`);
  return [`${chaosCase.name}: ${lost.length} lost, ${problems.length} problems`, ...reasons].join("\n");
}
