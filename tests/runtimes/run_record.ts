import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What came of one run inside one runtime: a cell of the matrix. It is kept as a JSON file. */
export interface RunRecord {
  /** Such as `Deno 2.9.6`. */
  readonly runtime: string;
  /** The heading of the column. */
  readonly column: string;
  readonly passed: number;
  /** The names of what failed; a test file that does not load counts as one. */
  readonly failed: readonly string[];
  /** The names of what was skipped, each with its reason. */
  readonly skipped: readonly string[];
}

const folder = fileURLToPath(new URL("../../.cache/runtimes/", import.meta.url));

/** Keeps a record in place of the one before it. */
export async function keepRecord(record: RunRecord): Promise<void> {
  await mkdir(folder, { recursive: true });
  const name = `${record.runtime} ${record.column}`.replace(/[^\w.]+/g, "-").toLowerCase();
  await writeFile(`${folder}${name}.json`, `${JSON.stringify(record, null, 2)}\n`);
}

/** All records that are kept, of earlier runs too. */
export async function keptRecords(): Promise<RunRecord[]> {
  const names = await readdir(folder).catch(() => []);
  return Promise.all(names.map(async (name) => JSON.parse(await readFile(`${folder}${name}`, "utf8"))));
}
