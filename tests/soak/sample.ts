import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { DynamicWatcher } from "../../mod.ts";
import { until } from "../fixtures/control_plane_until.ts";

/** What a process holds, in the ground state. */
export interface Sample {
  readonly atSeconds: number;
  /** How many calls were made until then. */
  readonly calls: number;
  /** After a full collection of garbage, with what lies outside of the heap, in bytes. */
  readonly memory: number;
  readonly residentSet: number;
  readonly watchCount: number;
  readonly streamCount: number;
  /** Open resources by kind, as `process.getActiveResourcesInfo()` names them. */
  readonly resources: Readonly<Record<string, number>>;
}

/** What waits for a call of this program, not for one of the library. */
const OWN_RESOURCES = ["Immediate", "TickObject"];
/** Connections that are kept open for the next request, and timers that go with them, end by themselves. */
const LONGEST_SETTLING_MS = 15_000;

/**
 * Takes a sample once there is no more of any resource than in `ground`, or when that has been waited for in vain.
 * Needs `--expose-gc`.
 */
export async function takeSample(
  dynamicWatcher: DynamicWatcher,
  { ground, ...at }: Pick<Sample, "atSeconds" | "calls"> & { ground?: Sample | undefined },
): Promise<Sample> {
  await settledResources(ground);
  const { heapUsed, external, rss } = await collectGarbage();
  // A collection takes long enough for a timer to come and go.
  const resources = await settledResources(ground);
  const { watchCount, streamCount } = dynamicWatcher;
  return {
    ...at,
    memory: heapUsed + external,
    residentSet: rss,
    watchCount,
    streamCount,
    resources,
  };
}

/** What is open once it is no more than in `ground`, or when that has been waited for in vain. */
async function settledResources(ground: Sample | undefined): Promise<Record<string, number>> {
  let resources = openResources();
  if (ground === undefined) return resources;
  const isSettled = () => {
    resources = openResources();
    return exceeding(ground.resources, resources).length === 0;
  };
  await until(isSettled, { what: "resources to be closed", timeoutMs: LONGEST_SETTLING_MS }).catch(() => {});
  return resources;
}

/** How many resources of each kind are open now. */
export function openResources(): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) {
    if (!OWN_RESOURCES.includes(name)) counts[name] = (counts[name] ?? 0) + 1;
  }
  return counts;
}

/** The kinds of which there are more than before, as text. */
export function exceeding(
  before: Readonly<Record<string, number>>,
  now: Readonly<Record<string, number>>,
): string[] {
  return Object.entries(now)
    .filter(([name, count]) => count > (before[name] ?? 0))
    .map(([name, count]) => `${count} ${name} where there were ${before[name] ?? 0}`);
}

async function collectGarbage(): Promise<NodeJS.MemoryUsage> {
  // What the first round finalizes, the second one frees.
  for (let round = 0; round < 3; round += 1) {
    globalThis.gc?.();
    await delay(20);
  }
  return process.memoryUsage();
}
