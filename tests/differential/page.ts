import { SEQUENCE_LENGTH } from "./generate/sequence.ts";
import { KNOWN_DIFFERENCES } from "./known_differences.ts";
import type { Totals } from "./totals.ts";

/** A page with the table of known differences and the count of a run, each between its markers. */
export function withRun(page: string, { seed, totals }: { seed: number; totals: Totals }): string {
  const [sums = "", ...counts] = totals.lines();
  const count = [
    `\`npm run differential -- --runs ${totals.sequences} --seed ${seed}\`: no difference in ${sums}`,
    `(${SEQUENCE_LENGTH} a sequence).`,
    "",
    ...counts.map((line) => `- ${line}`),
  ].join("\n");
  return between(between(page, "run", count), "differences", differencesTable());
}

/** The table of known differences. */
function differencesTable(): string {
  const rows = KNOWN_DIFFERENCES.map(
    ({ what, embedded, real, why }) => `| ${[what, embedded, real, why].map(inCell).join(" | ")} |`,
  );
  return ["| what | embedded | real | why |", "|---|---|---|---|", ...rows].join("\n");
}

function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}

function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [start, stop] = [page.indexOf(begin), page.indexOf(end)];
  if (start < 0 || stop < start) throw new Error(`Cannot write the page: it lacks ${begin} or ${end}`);
  return `${page.slice(0, start + begin.length)}\n${text}\n${page.slice(stop)}`;
}
