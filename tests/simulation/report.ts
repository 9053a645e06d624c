import type { Caught } from "./mutation_table.ts";
import type { Totals } from "./totals.ts";

/** What happened, as a table in Markdown: one row for each sort. */
export function totalLines(totals: Totals, seeds: number): string[] {
  const rows = [...groups(totals)].map(([group, members]) => `| ${group} | ${members.join(", ")} |`);
  return ["| what | how often |", "|---|---|", `| seeds | ${figure(seeds)} |`, ...rows];
}

/** What it took to notice each mutation, as a table in Markdown. */
export function mutationLines(all: readonly Caught[]): string[] {
  const rows = all.map(
    ({ mutation: { name, breaks, file }, seeds, invariant }) =>
      `| \`${name}\` | ${breaks} | ${file.replace("lib/", "")} | ${seeds} | ${invariant} |`,
  );
  return [
    "| mutation | what is wrong then | in lib/ | seeds | invariant |",
    "|---|---|---|---|---|",
    ...rows,
  ];
}

const SORTS = ["write", "call", "reconcile", "cause", "fault", "stream", "check"];

/** Names by their first word, where that names a sort. */
function groups(totals: Totals): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const [name, times] of totals.entries()) {
    const [sort = "", ...words] = name.split(" ");
    const [group, text] = SORTS.includes(sort)
      ? [sort, `${words.join(" ")} ${figure(times)}`]
      : [name, figure(times)];
    found.set(group, [...(found.get(group) ?? []), text]);
  }
  return found;
}

function figure(count: number): string {
  return count.toLocaleString("en-US");
}
