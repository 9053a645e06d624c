import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { type ControlPlane, until } from "../../fixtures/control_plane.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import { withoutProxies } from "../../fixtures/proxy_variables.ts";
import { startTcpRelay } from "../../fixtures/tcp_relay.ts";
import type { Runtime } from "../runtimes.ts";
import { adminFields, type ConnectCase } from "./connect_case.ts";

/** What the program inside a runtime is told. */
export interface ConnectInput {
  readonly cases: readonly ConnectCase[];
  readonly watch: { readonly kubeconfigText: string; readonly namespace: string };
}

/** What came of a case inside a runtime. */
export interface ConnectOutcome {
  readonly name: string;
  readonly outcome: string;
  /** What carried the requests, if any went out. */
  readonly by: "fetch" | "undici" | "nothing";
}

/** What was seen of one program. */
export interface ConnectRun {
  readonly outcomes: readonly ConnectOutcome[];
  /** How many connections to the API server were left when the transport was closed and the program still ran. */
  readonly connectionsLeft: number;
  readonly exitCode: number | null;
  /** All that it wrote beside its lines. */
  readonly complaints: string;
}

/** What must come of the cases and of the watch, by their names. */
export function expectedOutcomes(cases: readonly ConnectCase[]): Readonly<Record<string, string>> {
  const entries = cases.map(({ name, expected }) => [name, expected]);
  return { ...Object.fromEntries(entries), watch: "ADDED, MODIFIED: 2" };
}

/** How many connections may be left: Bun keeps an idle one in a pool of the process, and nobody can end it. */
export function mayBeLeft({ inside }: Runtime): number {
  return inside === "bun" ? 1 : 0;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));
const program = fileURLToPath(new URL("./connect_program.ts", import.meta.url));
/** A program that takes longer hangs. */
const LIMIT_MS = 60_000;

/** Runs the cases, and a watch, inside a runtime. */
export async function probeConnect(
  runtime: Runtime,
  { controlPlane, cases }: { controlPlane: ControlPlane; cases: readonly ConnectCase[] },
): Promise<ConnectRun> {
  const relay = await startTcpRelay(controlPlane.server);
  const folder = await mkdtemp(join(tmpdir(), "probe-"));
  try {
    const { cluster, user } = adminFields(controlPlane);
    const kubeconfigText = kubeconfigOf({ ...cluster, server: relay.url }, user);
    const namespace = await controlPlane.createNamespace();
    const input: ConnectInput = { cases, watch: { kubeconfigText, namespace } };
    const file = join(folder, "input.json");
    await writeFile(file, JSON.stringify(input));

    const module = new URL(`../../../runtime/${runtime.inside}.ts`, import.meta.url).href;
    const child = start(runtime, [program, module, file]);
    let complaints = "";
    child.stderr.setEncoding("utf8").on("data", (text) => {
      complaints += text;
    });
    const exited = once(child, "exit");
    const outcomes: ConnectOutcome[] = [];
    for await (const line of createInterface(child.stdout)) {
      outcomes.push(JSON.parse(line));
      if (outcomes.length === cases.length + 1) break;
    }
    const connectionsLeft = await settled(() => relay.openCount);
    child.stdin.end();
    const [exitCode] = await exited;
    return { outcomes, connectionsLeft, exitCode, complaints };
  } finally {
    await relay.refuse();
    await rm(folder, { recursive: true });
  }
}

function start({ inside, command: [binary, ...first] }: Runtime, args: readonly string[]) {
  const hooks = inside === "node" ? ["--no-deprecation", "--import", "./scripts/typescript.mjs"] : [];
  return spawn(binary, [...first, ...hooks, ...args], {
    cwd: root,
    env: withoutProxies(process.env),
    stdio: ["pipe", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
}

/** What a count comes down to: 0, or what it still is after a while. */
async function settled(count: () => number): Promise<number> {
  await until(async () => count() === 0, { what: "no connection", timeoutMs: 2000 }).catch(() => {});
  return count();
}
