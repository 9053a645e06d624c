import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { withoutProxies } from "../../fixtures/proxy_variables.ts";
import type { Runtime } from "../runtimes.ts";
import { inPod, type ServiceAccount } from "./in_pod.ts";

/** A program that runs inside a runtime: it prints lines of JSON, and waits for the end of its input before it ends. */
export interface Program {
  /** The name of its module in this folder. */
  readonly name: string;
  readonly args?: readonly string[];
  /** What the file holds whose path is its last argument, as JSON. */
  readonly input: unknown;
  /** How many lines it prints. */
  readonly lines: number;
  /** Runs it as in a pod with this service account, where that is possible. */
  readonly serviceAccount?: ServiceAccount;
}

/** What was seen of a program. */
export interface ProgramRun<TLine, TLeft> {
  readonly lines: readonly TLine[];
  /** What was found after its last line, while it still ran. */
  readonly left: TLeft;
  /** How it ended when it was told to; null when it had to be killed. */
  readonly exitCode: number | null;
  /** All that it wrote beside its lines. */
  readonly complaints: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
/** A program that takes longer hangs. */
const LIMIT_MS = 60_000;
/** A program that has nothing more to do and takes longer to end is kept up by something. */
const END_MS = 5000;

/**
 * Runs a program inside a runtime, without the proxies of the environment.
 *
 * @param look called when all lines have come
 */
export async function runProgram<TLine, TLeft>(
  { inside, command: [binary, ...first] }: Runtime,
  { name, args = [], input, lines: count, serviceAccount }: Program,
  look: () => Promise<TLeft>,
): Promise<ProgramRun<TLine, TLeft>> {
  const folder = await mkdtemp(join(tmpdir(), "probe-"));
  try {
    const file = join(folder, "input.json");
    await writeFile(file, JSON.stringify(input));
    const module = fileURLToPath(new URL(name, import.meta.url));
    const hooks = inside === "node" ? ["--no-deprecation", "--import", "./scripts/typescript.mjs"] : [];
    const command = [binary, ...first, ...hooks, module, ...args, file] as const;
    const env = withoutProxies(process.env);
    const [outer, ...rest] = serviceAccount ? await inPod(command, { serviceAccount, folder }) : command;
    const child = spawn(outer, rest, {
      cwd: root,
      env: serviceAccount ? { ...env, HOME: folder, KUBECONFIG: undefined } : env,
      stdio: ["pipe", "pipe", "pipe"],
      timeout: LIMIT_MS,
      killSignal: "SIGKILL",
    });
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      complaints += text;
    });
    const exited = once(child, "exit");
    const lines: TLine[] = [];
    for await (const line of createInterface(child.stdout)) {
      lines.push(JSON.parse(line));
      if (lines.length === count) break;
    }
    const left = await look();
    child.stdin.end();
    const timer = setTimeout(() => child.kill("SIGKILL"), END_MS);
    const [exitCode] = await exited;
    clearTimeout(timer);
    return { lines, left, exitCode, complaints };
  } finally {
    await rm(folder, { recursive: true });
  }
}
