// npm run runtimes [-- --only deno]… [--layer unit]… [--write docs/runtimes.md]
//
// Runs the unit and conformance tests inside each runtime, one after the other, and prints what came of it. Exits with 1 where
// a test fails, and where a layer has not run or has no test. The table that is written has all runtimes and layers, those
// that did not run too, and 0 is the exit code only where all of them passed.
import process from "node:process";
import { parseArgs } from "node:util";
import { writeSection } from "../fixtures/document_section.ts";
import { type Layer, layers } from "./layers.ts";
import { matrixLines } from "./matrix.ts";
import { runLayer } from "./run_layer.ts";
import { hasPassed, notRun, type RunRecord, summaryOf } from "./run_record.ts";
import { isInstalled, notInstalled, type Runtime, runtimes, versionOf } from "./runtimes.ts";

const { values } = parseArgs({
  options: {
    only: { type: "string", multiple: true },
    layer: { type: "string", multiple: true },
    write: { type: "string" },
  },
});
const chosenRuntimes = chosen(runtimes, values.only);
const chosenLayers = chosen(layers, values.layer);

const interruption = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => interruption.abort());

const records: RunRecord[] = [];
for (const runtime of runtimes) {
  const title = isInstalled(runtime) ? `${runtime.title} ${await versionOf(runtime)}` : runtime.name;
  for (const layer of layers) {
    const place = { runtime: title, column: layer.title };
    if (!chosenRuntimes.includes(runtime) || !chosenLayers.includes(layer)) {
      records.push(notRun(place, "it was not asked for"));
      continue;
    }
    const reason = whyNot(runtime, layer);
    const record =
      reason === undefined
        ? { ...place, ...(await runLayer(runtime, layer, { signal: interruption.signal })) }
        : notRun(place, reason);
    records.push(record);
    console.log(summaryOf(record));
    for (const failure of record.failed) console.log(`  ${failure}`);
    if (!hasPassed(record)) process.exitCode = 1;
  }
}
if (values.write !== undefined) {
  await writeSection(values.write, { name: "matrix", lines: matrixLines(records) });
  if (!records.every(hasPassed)) process.exitCode = 1;
}

function whyNot(runtime: Runtime, layer: Layer): string | undefined {
  if (interruption.signal.aborted) return "it was interrupted";
  return isInstalled(runtime) ? layer.lacks() : notInstalled;
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
