import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { workerd } from "../runtimes.ts";
import { openChromium } from "./chromium.ts";
import type { CoreOutcome } from "./core_program.ts";

const EVENTS = "ADDED, MODIFIED, DELETED";

/** What must come of the parts of the program, by their names. */
export const expectedCore: Readonly<Record<string, string>> = {
  "the embedded server": EVENTS,
  "fetch, answered by the embedded server": EVENTS,
  "a checkpoint": "cold 1, warm 0, warm 1",
  "fetch over the network": EVENTS,
  "what is left": "0 watches, 0 timers, 0 unhandled rejections",
};

const folderOfPrograms = fileURLToPath(new URL(".", import.meta.url));
/** A program that takes longer hangs. */
const LIMIT_MS = 60_000;

/** What was seen of the core in one runtime. */
export interface CoreRun {
  /** Such as `workerd 1.20261117.1`. */
  readonly runtime: string;
  readonly outcomes: readonly CoreOutcome[];
}

/** Runs the core inside workerd. @param url of an API server on this machine */
export async function probeWorkerd(url: string): Promise<CoreRun> {
  const folder = await mkdtemp(join(tmpdir(), "workerd-"));
  try {
    await writeFile(join(folder, "worker.js"), await bundle(WORKER, "esm"));
    await writeFile(join(folder, "test.capnp"), workerdConfig(url));
    const { stdout } = await promisify(execFile)(workerd, ["test", join(folder, "test.capnp")], {
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    const { stdout: version } = await promisify(execFile)(workerd, ["--version"]);
    return { runtime: version.trim(), outcomes: JSON.parse(stdout) };
  } finally {
    await rm(folder, { recursive: true });
  }
}

const WORKER = `
import { coreOutcomes } from "./core_program.ts";
export default {
  async test(_controller, { KUBERNETES_URL }) {
    console.log(JSON.stringify(await coreOutcomes({ url: KUBERNETES_URL })));
  },
};
`;

/** No compatibility flag: a module of Node's would not load. */
function workerdConfig(kubernetesUrl: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "core", worker = .core), (name = "internet", network = (allow = ["local"])) ],
);
const core :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ],
  compatibilityDate = "2025-01-01",
  bindings = [ (name = "KUBERNETES_URL", text = "${kubernetesUrl}") ],
);
`;
}

/** Runs the core in a page of Chromium. @param url of an API server on this machine */
export async function probeChromium(url: string): Promise<CoreRun> {
  const page = await openChromium();
  try {
    const program = `import { coreOutcomes } from "./core_program.ts"; globalThis.coreOutcomes = coreOutcomes;`;
    await page.evaluate(await bundle(program, "iife"));
    const outcomes = await page.evaluate(`coreOutcomes(${JSON.stringify({ url })})`);
    return { runtime: `Chromium ${page.version}`, outcomes: outcomes as CoreOutcome[] };
  } finally {
    await page.close();
  }
}

/** A program and all that it imports, in one text that needs nothing but the web's globals. */
async function bundle(contents: string, format: "esm" | "iife"): Promise<string> {
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
