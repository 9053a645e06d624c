import { setTimeout as delay } from "node:timers/promises";
import type { ControlPlane } from "../fixtures/control_plane.ts";
import type { ChaosCase } from "./chaos_case.ts";
import { ChaosWorld } from "./chaos_world.ts";
import { Truth } from "./truth.ts";

/** What came of a case. */
export interface ChaosResult {
  readonly chaosCase: ChaosCase;
  /** Changes that the server acknowledged from the beginning of the fault to its end. */
  readonly written: number;
  /** Streams that were over in the meantime, one way or another. */
  readonly interrupted: number;
  readonly reconciles: number;
  /** What a watcher, or the cache, does not know at rest. */
  readonly lost: readonly string[];
  /** From the end of the fault until all watchers had caught up with what was written after it, in milliseconds. */
  readonly recoveredAfterMs: number;
  /** Why the case proves nothing, or what must never be. Empty: all is well. */
  readonly problems: readonly string[];
}

/** After the longest wait of the backoff, with its jitter, all must be well again. */
const LONGEST_RECOVERY_MS = 60_000;
/** What should not come after the recovery has so long to come. */
const REST_MS = 500;

/** Runs one case from an empty namespace to rest. */
export async function runCase(chaosCase: ChaosCase, controlPlane: ControlPlane): Promise<ChaosResult> {
  const run = { written: 0, interrupted: 0, reconciles: 0, lost: [], recoveredAfterMs: Number.NaN };
  try {
    const options = await chaosCase.prepare?.(controlPlane);
    const world = await ChaosWorld.open({ controlPlane, user: chaosCase.name }, options);
    try {
      return { chaosCase, ...run, ...(await strike(chaosCase, world)) };
    } finally {
      await world.close();
    }
  } catch (error) {
    return { chaosCase, ...run, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

async function strike(chaosCase: ChaosCase, world: ChaosWorld): Promise<Omit<ChaosResult, "chaosCase">> {
  const { writer, traffic, witness } = world;
  const before = { written: writer.count, interrupted: traffic.interrupted, runs: witness.runs };
  writer.start();
  await chaosCase.strike(world);
  const { healedAt } = world.heal();
  await writer.stop();
  const written = writer.count - before.written;
  await writer.mark();
  const late = await world.caughtUp({ timeoutMs: LONGEST_RECOVERY_MS });
  const recoveredAfterMs = performance.now() - healedAt;
  await delay(REST_MS);
  const lost = late.length > 0 ? late : await world.caughtUp({ timeoutMs: 0 });
  const interrupted = traffic.interrupted - before.interrupted;
  const idleCase = chaosCase.findIdle?.(world);
  const problems = [
    ...(idleCase === undefined ? [] : [idleCase]),
    ...(written === 0 ? ["nothing was written meanwhile"] : []),
    ...(interrupted === 0 ? ["no stream was interrupted"] : []),
    ...witness.blocked.map(({ error }) => `still blocked: ${error.message}`),
    ...witness.faults,
    ...(await forgotten(world)),
  ];
  return { written, interrupted, reconciles: witness.runs - before.runs, lost, recoveredAfterMs, problems };
}

/** What the server acknowledged and has not: then nothing can be said about the watchers. */
async function forgotten({ controlPlane, namespace, writer }: ChaosWorld): Promise<string[]> {
  const { versions } = await Truth.ask(controlPlane, namespace);
  return [...writer.record]
    .filter(([path, acknowledged]) => (versions.get(path) ?? "gone") !== acknowledged)
    .map(([path, acknowledged]) => `the server has lost ${path} at ${acknowledged}`);
}
