import type { Random } from "../fixtures/random.ts";
import { checkAnswers } from "./invariants/answers.ts";
import { checkAtRest } from "./invariants/at_rest.ts";
import { probe } from "./invariants/probe.ts";
import { isGivenUp } from "./reconciles.ts";
import type { World } from "./world.ts";

/** Longer than any wait after a failure. */
const RECOVERY_MS = 130_000;
const ROUND_MS = 15_000;
const MOST_ROUNDS = 120;
/** A watch that says nothing is found out after its timeout and this. */
const SILENCE_MARGIN_MS = 65_000;

/** Heals all that is wrong, waits until everything is quiet, and looks whether all is as it must be. */
export async function rest(world: World, random: Random): Promise<void> {
  const { calls, cluster, rules, faulty, reconciles, dependencies, dynamicWatcher, schedule } = world;
  world.totals.count("rests");
  rules.heal();
  await cluster.heal();
  reconciles.heal();
  void calls.endBatches();
  const silenceMs = 2 * (schedule.settings.watchTimeoutMs + SILENCE_MARGIN_MS);
  await world.advance(rules.maySilence ? silenceMs + RECOVERY_MS : RECOVERY_MS);
  rules.maySilence = false;
  // Only now: what was slow has brought its faults along.
  if (rules.breakHaunted(faulty)) await world.advance(RECOVERY_MS);
  await untilQuiet(world);
  if (world.violation) return;
  if (!dynamicWatcher.started) {
    await calls.perform({ do: "start" });
    for (const watcher of schedule.watchers) {
      void calls.perform({ do: "add", watcher, watched: random.pick(schedule.watched) });
    }
  }
  for (const watcher of dependencies.watchers) {
    for (const { text } of dependencies.dropped(watcher)) {
      void calls.perform({ do: "add", watcher, watched: text });
      world.totals.count("identifiers added again");
    }
  }
  await world.advance(1_000);
  await untilQuiet(world);
  if (world.violation) return;
  await checkAtRest(world);
  if (!world.violation) await checkAnswers(world, random);
  if (!world.violation) await probe(world, random);
  if (!world.violation) await checkAtRest(world);
  world.forgetTroubles();
}

/** Lets time go by until no call, no reconcile and no stream is on its way to anywhere. */
async function untilQuiet(world: World): Promise<void> {
  world.totals.count("check comes to rest");
  for (let round = 0; round < MOST_ROUNDS && !world.violation; round += 1) {
    if (unrest(world) === undefined) return;
    await world.advance(ROUND_MS);
  }
  if (!world.violation) world.violate("comes to rest", unrest(world) ?? "late");
}

function unrest({ calls, reconciles, dynamicWatcher }: World): string | undefined {
  const { watchCount, streamCount } = dynamicWatcher;
  const running = reconciles.underWay.filter((run) => !isGivenUp(run)).length;
  if (calls.pending > 0) return `${calls.pending} calls have not settled`;
  if (running > 0) return `${running} reconciles have not ended`;
  if (watchCount !== streamCount) return `${streamCount} streams are live for ${watchCount} identifiers`;
  return undefined;
}
