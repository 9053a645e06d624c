import { type ControlPlane, until } from "../../fixtures/control_plane.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import { startTcpRelay } from "../../fixtures/tcp_relay.ts";
import type { Runtime } from "../runtimes.ts";
import { adminFields, type ConnectCase } from "./connect_case.ts";
import { ALL_CAUSES } from "./observe.ts";
import { type ProgramRun, runProgram } from "./run_program.ts";

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

/** `left` is how many connections to the API server were left when the transport was closed and the program still ran. */
export type ConnectRun = ProgramRun<ConnectOutcome, number>;

/** What must come of the cases and of the watch, by their names. */
export function expectedOutcomes(cases: readonly ConnectCase[]): Readonly<Record<string, string>> {
  const entries = cases.map(({ name, expected }) => [name, expected]);
  return { ...Object.fromEntries(entries), watch: ALL_CAUSES };
}

/** How many connections may be left: Bun keeps an idle one in a pool of the process, and nobody can end it. */
export function mayBeLeft({ inside }: Runtime): number {
  return inside === "bun" ? 1 : 0;
}

/** Runs the cases, and a watch, inside a runtime. */
export async function probeConnect(
  runtime: Runtime,
  { controlPlane, cases }: { controlPlane: ControlPlane; cases: readonly ConnectCase[] },
): Promise<ConnectRun> {
  const relay = await startTcpRelay(controlPlane.server);
  try {
    const { cluster, user } = adminFields(controlPlane);
    const kubeconfigText = kubeconfigOf({ ...cluster, server: relay.url }, user);
    const namespace = await controlPlane.createNamespace();
    const input: ConnectInput = { cases, watch: { kubeconfigText, namespace } };
    const args = [new URL(`../../../runtime/${runtime.inside}.ts`, import.meta.url).href];
    const program = { name: "connect_program.ts", args, input, lines: cases.length + 1 };
    const serviceAccount = { "ca.crt": controlPlane.ca, token: "nobody's", namespace };
    return await runProgram<ConnectOutcome, number>(runtime, { ...program, serviceAccount }, () =>
      settled(() => relay.openCount),
    );
  } finally {
    await relay.refuse();
  }
}

/** What a count comes down to: 0, or what it still is after a while. */
async function settled(count: () => number): Promise<number> {
  await until(async () => count() === 0, { what: "no connection", timeoutMs: 2000 }).catch(() => {});
  return count();
}
