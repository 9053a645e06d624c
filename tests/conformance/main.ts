// Runs the conformance suite on both servers and tells how each case went:
//   npm run conformance -- [--write FILE | --check FILE] [--results FILE]
// --results takes a report of vitest's JSON reporter in place of a run. Ends with 1 where something is wrong.
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { controlPlaneAssets, skipReason } from "../fixtures/control_plane_assets.ts";
import { conformanceCases, problems, type TestReport } from "./table/cases.ts";
import { formatTable } from "./table/format.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const COMMAND = "npm run conformance -- --write docs/conformance.md";

const { values } = parseArgs({
  options: { write: { type: "string" }, check: { type: "string" }, results: { type: "string" } },
});
process.exitCode = main(values) ? 0 : 1;

function main({ write, check, results }: { write?: string; check?: string; results?: string }): boolean {
  const assets = controlPlaneAssets();
  if (assets === undefined) {
    console.error(`Cannot compare with a real server: ${skipReason}`);
    return false;
  }
  const cases = conformanceCases(results === undefined ? runSuite() : readReport(results));
  const found = problems(cases);
  for (const problem of found) console.error(problem);
  const table = formatTable(cases, {
    realServer: versionOf(join(assets, "kube-apiserver")),
    command: COMMAND,
  });
  if (write !== undefined) writeFileSync(write, table);
  const isStale = check !== undefined && readFileSync(check, "utf8") !== table;
  if (isStale) console.error(`${check} is not what the suite says: run ${COMMAND}`);
  console.log(`${cases.length} cases, ${found.length} problems`);
  return found.length === 0 && !isStale;
}

/** Runs the suite; its own words go to the terminal. */
function runSuite(): TestReport {
  const folder = mkdtempSync(join(tmpdir(), "conformance-"));
  const file = join(folder, "report.json");
  try {
    const vitest = join(ROOT, "node_modules/vitest/vitest.mjs");
    const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
    const args = [vitest, "run", "--project", "real", "tests/conformance", ...reporters];
    // In CI a missing server is an error and no reason to skip.
    const env = { ...process.env, CI: "true" };
    const { error } = spawnSync(process.execPath, args, { cwd: ROOT, stdio: "inherit", env });
    if (error) throw error;
    return readReport(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function readReport(file: string): TestReport {
  return JSON.parse(readFileSync(file, "utf8"));
}

/** Such as `kube-apiserver v1.35.4`. */
function versionOf(binary: string): string {
  return execFileSync(binary, ["--version"], { encoding: "utf8" })
    .trim()
    .replace("Kubernetes", "kube-apiserver");
}
