import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { workerd } from "../runtimes.ts";

/** A worker, in the words of workerd's configuration. */
export interface Worker {
  /** An expression, such as `outcomes(env)`, whose value it tells, awaited. */
  readonly expression: string;
  /** What the expression needs. */
  readonly imports: string;
  /** Of the services, beside "core" and "internet". */
  readonly services?: readonly string[];
  readonly bindings: readonly string[];
  /** Texts by the names that the configuration embeds. */
  readonly files?: Readonly<Record<string, string>>;
}

/** What was seen of a worker. */
export interface WorkerRun<T> {
  /** Such as `workerd 2026-11-17`. */
  readonly runtime: string;
  readonly value: T;
}

const folderOfPrograms = fileURLToPath(new URL(".", import.meta.url));
/** A program that takes longer hangs. */
const LIMIT_MS = 60_000;

/** Runs a worker inside workerd, without a compatibility flag: a module of Node's would not load. */
export async function runWorker<T>(worker: Worker): Promise<WorkerRun<T>> {
  const { expression, imports, files = {} } = worker;
  const program = `${imports}
    export default { test: async (_, env) => console.log(JSON.stringify(await ${expression})) };`;
  const folder = await mkdtemp(join(tmpdir(), "workerd-"));
  try {
    const contents = { ...files, "worker.js": await bundle(program, "esm"), "test.capnp": configOf(worker) };
    for (const [name, text] of Object.entries(contents)) await writeFile(join(folder, name), text);
    const { stdout } = await promisify(execFile)(workerd, ["test", join(folder, "test.capnp")], {
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const { stdout: version } = await promisify(execFile)(workerd, ["--version"]);
    return { runtime: version.trim(), value: JSON.parse(stdout) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function configOf({ services = [], bindings }: Worker): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "core", worker = .core),
    (name = "internet", network = (allow = ["local"])),
    ${services.join(",\n    ")}
  ],
);
const core :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ],
  compatibilityDate = "2025-01-01",
  bindings = [ ${bindings.join(", ")} ],
);
`;
}

/** A program and all that it imports, in one text that needs nothing but the web's globals. */
export async function bundle(contents: string, format: "esm" | "iife"): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folderOfPrograms },
    write: false,
    format,
    bundle: true,
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2023",
  });
  return outputFiles[0]?.text ?? "";
}
