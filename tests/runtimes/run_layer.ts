import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { Layer } from "./layers.ts";
import type { RunRecord } from "./run_record.ts";
import { type Runtime, versionOf } from "./runtimes.ts";

/** What vitest's JSON reporter writes, as far as it is read here. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const root = fileURLToPath(new URL("../../", import.meta.url));
/** Longer than any layer takes inside any runtime; a run that hangs is a failure. */
const LIMIT_MS = 900_000;

/** Runs a layer inside a runtime, by vitest itself. */
export async function runLayer(runtime: Runtime, layer: Layer): Promise<RunRecord> {
  const version = await versionOf(runtime);
  const head = { runtime: `${runtime.title} ${version}`, column: layer.title };
  const folder = await mkdtemp(join(tmpdir(), "runtimes-"));
  try {
    const file = join(folder, "report.json");
    const output = await runTests({ runtime, version, layer, file });
    const text = await readFile(file, "utf8").catch(() => undefined);
    if (text === undefined) return { ...head, passed: 0, failed: [`vitest: ${output}`], skipped: [] };
    return { ...head, ...summary(JSON.parse(text), layer) };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs vitest to its end, and resolves with the end of what it wrote. */
async function runTests({
  runtime: { command, inside },
  version,
  layer: { args, tests },
  file,
}: {
  runtime: Runtime;
  version: string;
  layer: Layer;
  file: string;
}): Promise<string> {
  const [binary, ...first] = command;
  const vitest = [join("node_modules", "vitest", "vitest.mjs"), "run", ...args];
  const options = ["--reporter=json", `--outputFile=${file}`];
  if (tests !== "") options.push(`--testNamePattern=${tests}`);
  const child = spawn(binary, [...first, ...vitest, ...options], {
    cwd: root,
    env: { ...process.env, TESTS_INSIDE: `${inside} ${version}` },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text) => {
      output = (output + text).slice(-2000);
    });
  }
  await once(child, "close");
  return output;
}

function summary({ success, testResults }: Report, { tests }: Layer): Omit<RunRecord, "runtime" | "column"> {
  // A test that another layer runs is reported as skipped.
  const results = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ fullName }) => fullName.includes(tests));
  const named = (status: string) => results.filter((result) => result.status === status);
  const failed = [
    ...named("failed").map(
      ({ fullName, failureMessages }) => `${fullName}: ${firstLine(failureMessages[0])}`,
    ),
    ...testResults
      .filter(({ status, assertionResults }) => status === "failed" && assertionResults.length === 0)
      .map(({ name, message }) => `${name}: ${firstLine(message)}`),
  ];
  if (!success && failed.length === 0) failed.push("vitest: an error outside of any test");
  if (results.length === 0) failed.push("vitest: no test has run");
  return {
    passed: named("passed").length,
    failed,
    skipped: [...named("skipped"), ...named("pending"), ...named("todo")].map(({ fullName }) => fullName),
  };
}

function firstLine(text = ""): string {
  return text.slice(0, text.indexOf("\n") + 1 || undefined).trim();
}
