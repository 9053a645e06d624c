import type { RunRecord } from "./run_record.ts";

/** The table of runtimes and columns in the order of the records, and below it why anything was skipped. */
export function matrixLines(records: readonly RunRecord[]): string[] {
  const runtimes = distinct(records.map(({ runtime }) => runtime));
  const columns = distinct(records.map(({ column }) => column));
  const cell = (runtime: string, column: string) =>
    formatCell(records.find((record) => record.runtime === runtime && record.column === column));
  const rows = [
    ["runtime", ...columns],
    ["runtime", ...columns].map(() => "---"),
    ...runtimes.map((runtime) => [runtime, ...columns.map((column) => cell(runtime, column))]),
  ];
  const table = rows.map((row) => `| ${row.join(" | ")} |`);
  const skips = runtimes.flatMap((runtime) => formatSkips(records.filter((one) => one.runtime === runtime)));
  return skips.length === 0 ? table : [...table, "", "Skipped, and why:", "", ...skips];
}

function formatCell(record: RunRecord | undefined): string {
  if (record === undefined) return "**not run**";
  const { passed, failed, skipped, notRun } = record;
  if (notRun !== undefined) return `**not run**: ${notRun}`;
  const counts = [`${passed} passed`];
  if (failed.length > 0) counts.push(`**${failed.length} failed**`);
  if (skipped.length > 0) counts.push(`${skipped.length} skipped`);
  return counts.join(", ");
}

/** A line for each reason, which the name of a skipped test has in brackets. */
function formatSkips(records: readonly RunRecord[]): string[] {
  const reasons = records.flatMap(({ skipped }) => skipped).map(reasonOf);
  return distinct(reasons).map((reason) => {
    const count = reasons.filter((other) => other === reason).length;
    return `- ${records[0]?.runtime}, ${count} ${count === 1 ? "test" : "tests"}: ${reason}`;
  });
}

function reasonOf(name: string): string {
  const [, reason] = /\((?:not inside \w+: )?([^()]+)\)$/.exec(name) ?? [];
  return reason ?? `no reason is given by "${name}"`;
}

function distinct(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}
