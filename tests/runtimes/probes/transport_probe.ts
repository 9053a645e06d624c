import { type Runtime, versionOf } from "../runtimes.ts";
import { runProgram } from "./run_program.ts";
import type { Prober, TransportsLeft } from "./transport_case.ts";
import type { TransportOutcome } from "./transport_outcome.ts";
import type { TransportWorld } from "./transport_world.ts";

/** What was seen of the transports in one runtime. */
export interface TransportRun {
  /** Such as `Deno 2.9.6`. */
  readonly runtime: string;
  readonly prober: Prober;
  readonly outcomes: readonly TransportOutcome[];
  readonly left: TransportsLeft;
  /** What kept the program up when all was closed, and what it complained of. */
  readonly troubles: readonly string[];
}

/** Runs the cases inside a runtime. */
export async function probeTransports(runtime: Runtime, world: TransportWorld): Promise<TransportRun> {
  const { cases } = world;
  const input = { args: [world.url], input: cases, lines: cases.length };
  const program = { name: "transport_program.ts", ...input };
  const run = await runProgram<TransportOutcome, TransportsLeft>(runtime, program, () => world.left());
  const { inside, title } = runtime;
  const version = await versionOf(runtime);
  return {
    runtime: `${title} ${version}`,
    prober: { inside, hasWebSocket: inside !== "node" || Number.parseInt(version, 10) >= 22 },
    outcomes: run.lines,
    left: run.left,
    troubles: [
      ...(run.exitCode === 0
        ? []
        : [run.exitCode === null ? "it does not end" : `exit code ${run.exitCode}`]),
      ...(run.complaints === "" ? [] : [run.complaints]),
    ],
  };
}
