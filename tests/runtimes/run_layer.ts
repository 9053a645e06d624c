import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Layer } from "./layers.ts";
import type { Outcome } from "./run_record.ts";
import { type Runtime, versionOf } from "./runtimes.ts";
import { outcomeOf } from "./vitest_report.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Longer than any layer takes inside any runtime; a run that hangs is a failure. */
const LIMIT_MS = 900_000;

/** Of what vitest writes, the end, which has the failures. */
const OUTPUT_LENGTH = 8000;

const OPTIONS = [
  // A process for each file would take most of the time, and says nothing more of the runtime.
  ...["--no-isolate", "--maxWorkers=100%"],
  // Only what hangs takes longer, on a machine that is busy too.
  ...["--testTimeout=60000", "--hookTimeout=60000"],
];

/** Runs a layer inside a runtime, by vitest itself. What vitest says goes to stderr where something fails. */
export async function runLayer(
  runtime: Runtime,
  layer: Layer,
  { signal }: { signal: AbortSignal },
): Promise<Outcome & { readonly seconds: number }> {
  const began = performance.now();
  const folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  try {
    const file = join(folder, "report.json");
    const { problem, output } = await runVitest(runtime, layer, { file, signal });
    const report = await readFile(file, "utf8").catch(() => '{ "testResults": [] }');
    const outcome = outcomeOf(JSON.parse(report), { tests: layer.tests, problem });
    if (outcome.failed.length > 0) console.error(output);
    return { ...outcome, seconds: Math.round((performance.now() - began) / 1000) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs vitest to its end, and resolves with what is wrong with that, and the last of what it wrote. */
async function runVitest(
  runtime: Runtime,
  { args, tests }: Layer,
  { file, signal }: { file: string; signal: AbortSignal },
): Promise<{ problem: string | undefined; output: string }> {
  const [binary, ...first] = runtime.command;
  const vitest = [join("node_modules", "vitest", "vitest.mjs"), "run", ...args, ...OPTIONS];
  const reporters = ["--reporter=dot", "--reporter=json", `--outputFile.json=${file}`];
  const pattern = tests === "" ? [] : [`--testNamePattern=${tests}`];
  const child = spawn(binary, [...first, ...vitest, ...reporters, ...pattern], {
    cwd: root,
    env: { ...process.env, TESTS_INSIDE: `${runtime.inside} ${await versionOf(runtime)}` },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const kill = () => child.kill("SIGKILL");
  signal.addEventListener("abort", kill);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-OUTPUT_LENGTH);
    });
  }
  const [exitCode] = await once(child, "close");
  signal.removeEventListener("abort", kill);
  return { problem: signal.aborted ? "it was interrupted" : problemOf(exitCode), output };
}

function problemOf(exitCode: number | null): string | undefined {
  if (exitCode === null) return `it was killed, at the latest after ${LIMIT_MS / 60_000} minutes`;
  return exitCode === 0 ? undefined : `exit code ${exitCode}`;
}
