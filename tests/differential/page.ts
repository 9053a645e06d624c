import { writeSection } from "../fixtures/document_section.ts";
import { SEQUENCE_LENGTH } from "./generate/sequence.ts";
import { KNOWN_DIFFERENCES } from "./known_differences.ts";
import type { Totals } from "./totals.ts";

/** Writes the count of a run and the table of known differences into a page, each between its marks. */
export async function writeRun(
  path: string,
  { runs, seed, totals }: { runs: number; seed: number; totals: Totals },
): Promise<void> {
  const [sums = "", ...counts] = totals.lines();
  const lines = [
    `\`npm run differential -- --runs ${runs} --seed ${seed}\`: no difference in ${sums}`,
    `(${SEQUENCE_LENGTH} a sequence).`,
    "",
    ...counts.map((line) => `- ${line}`),
  ];
  await writeSection(path, { name: "run", lines });
  await writeSection(path, { name: "differences", lines: differencesTable() });
}

/** The table of known differences. */
function differencesTable(): string[] {
  const rows = KNOWN_DIFFERENCES.map(
    ({ what, embedded, real, why }) => `| ${[what, embedded, real, why].map(inCell).join(" | ")} |`,
  );
  return ["| what | embedded | real | why |", "|---|---|---|---|", ...rows];
}

function inCell(text: string): string {
  return text.replaceAll("|", "\\|");
}
