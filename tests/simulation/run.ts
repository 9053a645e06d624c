import { Random } from "../fixtures/random.ts";
import { quiet } from "./quiet.ts";
import { rest } from "./rest.ts";
import { formatStep, type Schedule, type Step } from "./schedule.ts";
import { Totals } from "./totals.ts";
import { Trace } from "./trace.ts";
import { type Violation, World } from "./world.ts";

/** What came of a schedule. */
export interface Outcome {
  readonly violation: Violation | undefined;
  readonly totals: Totals;
  /** Of all that was seen: two runs of one schedule have the same. */
  readonly hash: number;
}

/** Runs a schedule from its start to its stop. `onLine` reads along. */
export async function runSchedule(schedule: Schedule, onLine?: (line: string) => void): Promise<Outcome> {
  const totals = new Totals();
  const trace = new Trace(onLine);
  const world = await World.open({ schedule, totals, trace });
  const onRejection = (reason: unknown) => world.violate("no rejection goes unhandled", String(reason));
  process.on("unhandledRejection", onRejection);
  try {
    const random = new Random(schedule.seed, "rest");
    for (const step of schedule.steps) {
      if (world.violation) break;
      trace.add(`-- ${formatStep(step)}`);
      await perform(world, { step, random });
    }
    if (!world.violation) await rest(world, random);
    if (!world.violation) await end(world);
    await quiet();
  } finally {
    process.off("unhandledRejection", onRejection);
  }
  totals.count("virtual seconds", Math.round(world.clock.now() / 1000));
  return { violation: world.violation, totals, hash: trace.hash };
}

async function perform(world: World, { step, random }: { step: Step; random: Random }): Promise<void> {
  switch (step.do) {
    case "advance":
      return world.advance(step.ms);
    case "microtasks":
      for (let turn = 0; turn < step.count; turn += 1) await undefined;
      return;
    case "rest":
      return rest(world, random);
    case "behave":
      return world.reconciles.behave(step.watcher, step.behaviour);
    case "put":
    case "relabel":
    case "status":
    case "delete":
    case "recreate":
    case "hold":
    case "letGo":
    case "burst":
    case "dropKind":
    case "restoreKind":
      world.isActive(5);
      return world.cluster.write(step);
    case "fault":
    case "break":
    case "down":
    case "up":
    case "dropConnections":
    case "endWatches":
    case "compact":
    case "restart":
    case "revoke":
    case "grant":
    case "backup":
    case "restoreBackup":
      world.isActive(5);
      world.isTroubled = true;
      return world.rules.perform(step, { cluster: world.cluster, transport: world.faulty });
    default:
      void world.calls.perform(step);
  }
}

/** Stops, and looks whether anything is left. Nothing is under way, so that it takes no time. */
async function end(world: World): Promise<void> {
  const { calls, clock, cluster, transport, dynamicWatcher } = world;
  void calls.perform({ do: "stop", graceMs: 30_000 });
  await world.advance(0);
  const left = {
    "calls that have not settled": calls.pending,
    timers: clock.pending,
    "watches at the server": cluster.server.openWatches,
    "open streams": transport.openStreams.length,
    "listeners on the signals of calls": calls.listeners,
    "watched identifiers": dynamicWatcher.watchCount,
  };
  world.totals.count("check nothing is left");
  for (const [what, count] of Object.entries(left)) {
    if (count > 0) world.violate("nothing is left", `${count} ${what}`);
  }
}
