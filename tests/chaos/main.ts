// npm run chaos [-- --case NAME]… [--mutate NAME] [--write docs/chaos.md]
import { cpus, loadavg } from "node:os";
import process from "node:process";
import { parseArgs } from "node:util";
import { controlPlaneAssets, skipReason } from "../fixtures/control_plane_assets.ts";
import { writeSection } from "../fixtures/document_section.ts";
import { applyMutation } from "../fixtures/mutations/apply_mutation.ts";
import type { ChaosResult } from "./run_case.ts";

const { values } = parseArgs({
  options: {
    case: { type: "string", multiple: true },
    mutate: { type: "string" },
    write: { type: "string" },
  },
});
if (controlPlaneAssets() === undefined) throw new Error(`Cannot run: ${skipReason}`);
// Before the engine is loaded.
if (values.mutate !== undefined) applyMutation(values.mutate);
const { chaosCases } = await import("./cases.ts");
const { formatLines, formatResult, isClean } = await import("./chaos_table.ts");
const { runInTurn } = await import("./run_cases.ts");

const names = values.case ?? chaosCases.map(({ name }) => name);
const unknown = names.filter((name) => !chaosCases.some((known) => known.name === name));
if (unknown.length > 0) {
  throw new Error(`Cannot run ${unknown}: there are ${chaosCases.map(({ name }) => name).join(", ")}`);
}
const results: ChaosResult[] = [];
for await (const result of runInTurn(chaosCases.filter(({ name }) => names.includes(name)))) {
  console.log(formatResult(result));
  results.push(result);
}

const machine = `Node ${process.versions.node}, ${cpus().length} cores, load ${loadavg()[0]?.toFixed(0)}.`;
const lines = [...formatLines(results), "", machine];
console.log(`\n${lines.join("\n")}`);
const clean = results.every(isClean);
if (values.write !== undefined && clean) await writeSection(values.write, { name: "chaos", lines });
if (!clean) process.exitCode = 1;
