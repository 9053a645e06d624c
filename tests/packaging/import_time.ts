import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { runIn } from "./packed_package.ts";

/** Takes the time of an import, in a process that has imported nothing before. */
const PROGRAM = `
  const begin = performance.now();
  await import(process.argv[2]);
  console.log(performance.now() - begin);
`;

/** A package in a folder that has it installed. */
export interface Imported {
  readonly name: string;
  readonly folder: string;
}

/**
 * Imports packages in turns, each time in a process of its own, so that the machine's moods meet all of them alike; gives
 * the median of each in milliseconds.
 */
export async function importTimesMs(
  imported: readonly Imported[],
  { node, turns }: { node: string; turns: number },
): Promise<number[]> {
  const times = imported.map((): number[] => []);
  const programs = imported.map(({ folder }) => join(folder, FILE));
  try {
    for (const program of programs) await writeFile(program, PROGRAM);
    // The first turn fills the caches of the disk.
    for (let turn = 0; turn <= turns; turn += 1) {
      for (const [index, { name, folder }] of imported.entries()) {
        const time = Number(await runIn(folder, [node, FILE, name]));
        if (turn > 0) times[index]?.push(time);
      }
    }
  } finally {
    for (const program of programs) await rm(program, { force: true });
  }
  return times.map(median);
}

const FILE = "import_time.mjs";

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
