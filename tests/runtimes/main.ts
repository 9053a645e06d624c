// npm run runtimes [-- --only deno]… [--layer unit]… [--write docs/runtimes.md]
//
// Runs the unit and conformance tests inside each runtime, one after the other, and prints what came of it. Each result is
// kept in .cache/runtimes as JSON; the matrix that is written has the last result of every runtime, of earlier runs too.
import process from "node:process";
import { parseArgs } from "node:util";
import { writeSection } from "../fixtures/document_section.ts";
import { layers } from "./layers.ts";
import { matrixLines } from "./matrix.ts";
import { runLayer } from "./run_layer.ts";
import { keepRecord, keptRecords, type RunRecord } from "./run_record.ts";
import { isInstalled, notInstalled, runtimes } from "./runtimes.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    layer: { type: "string", multiple: true },
    write: { type: "string" },
  },
});
const chosenRuntimes = chosen(runtimes, values.only);
const chosenLayers = chosen(layers(), values.layer);
const missing = chosenRuntimes.filter((runtime) => !isInstalled(runtime));
if (missing.length > 0) throw new Error(`Cannot run ${missing.map(({ name }) => name)}: ${notInstalled}`);

const records: RunRecord[] = [];
for (const runtime of chosenRuntimes) {
  for (const layer of chosenLayers) {
    const record = await runLayer(runtime, layer);
    const { passed, failed, skipped } = record;
    console.log(
      `${record.runtime}, ${record.column}: ${passed} passed, ${failed.length} failed, ${skipped.length} skipped`,
    );
    for (const failure of failed) console.log(`  ${failure}`);
    await keepRecord(record);
    records.push(record);
  }
}
if (values.write !== undefined) {
  const kept = await keptRecords();
  const inOrder = kept.sort((one, other) => rank(one) - rank(other));
  await writeSection(values.write, { name: "matrix", lines: matrixLines(inOrder) });
}
if (records.some(({ failed }) => failed.length > 0)) process.exitCode = 1;

/** The place of its column: the layers in their order, then whatever else was recorded. */
function rank({ column }: RunRecord): number {
  const place = layers().findIndex(({ title }) => title === column);
  return place < 0 ? layers().length : place;
}

/** Those of the given names; without names all. */
function chosen<T extends { readonly name: string }>(
  all: readonly T[],
  names?: readonly string[],
): readonly T[] {
  const unknown = (names ?? []).filter((name) => !all.some((known) => known.name === name));
  if (unknown.length > 0) {
    throw new Error(`Cannot run ${unknown}: here are ${all.map(({ name }) => name).join(", ")}`);
  }
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}
