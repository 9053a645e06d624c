import {
  ANSWER_NAMES,
  type BodyFault,
  ERROR_FRAME_NAMES,
  type Fault,
  type FaultVerb,
  faults,
} from "../../transports/faults.ts";
import { Random } from "../fixtures/random.ts";
import {
  APPS,
  KINDS,
  NAMESPACES,
  PLACES,
  type SimulatedKind,
  WATCHED,
  WATCHERS,
  type Watched,
} from "./catalogue.ts";
import type {
  Behaviour,
  CallStep,
  FaultStep,
  Schedule,
  Settings,
  Step,
  TimeStep,
  WriteStep,
} from "./schedule.ts";

/** What the steps of one schedule are about: few things, so that they meet. */
interface Cast {
  readonly random: Random;
  readonly watchers: readonly string[];
  readonly watched: readonly string[];
  readonly places: readonly string[];
  readonly kinds: readonly SimulatedKind[];
}

/** How much of each sort of step a schedule has. */
interface Mix {
  readonly calls: number;
  readonly writes: number;
  readonly faults: number;
  readonly behaviours: number;
}

const CUSTOM_KINDS = KINDS.filter(({ custom }) => custom).map(({ kind }) => kind);

/** A 404 of discovery means that the kind is gone, whoever says it: only a kind that is gone may say so. */
const DISCOVERY_ANSWERS = ANSWER_NAMES.filter((name) => !/found/i.test(name));

/** The schedule that a seed makes: always the same. */
export function generate(seed: number): Schedule {
  const random = new Random(seed, "schedule");
  const cast = castOf(random);
  const mix: Mix = random.pick([
    { calls: 5, writes: 5, faults: 0, behaviours: 1 },
    { calls: 4, writes: 5, faults: 3, behaviours: 1 },
    { calls: 3, writes: 4, faults: 5, behaviours: 1 },
    { calls: 8, writes: 3, faults: 1, behaviours: 4 },
    { calls: 1, writes: 6, faults: 4, behaviours: 2 },
  ]);
  const steps: Step[] = [{ do: "start" }];
  for (const place of cast.places) if (random.chance(0.5)) steps.push(put(cast, place));
  for (const watcher of cast.watchers) steps.push({ do: "add", watcher, watched: random.pick(cast.watched) });
  steps.push({ do: "advance", ms: 0 });
  const length = random.between(15, 60);
  while (steps.length < length) {
    steps.push(...event(cast, mix));
    if (random.chance(0.6)) steps.push(pause(random));
  }
  const { watchers, watched, places } = cast;
  return { seed, settings: settingsOf(random), watchers, watched, places, steps };
}

function castOf(random: Random): Cast {
  const watchers = random.sample(WATCHERS, random.between(1, WATCHERS.length));
  const kinds = random.sample(KINDS, random.between(1, 3));
  const all = (list: Iterable<Watched>) => [...list].filter(({ kind }) => kinds.includes(kind));
  const watched = random.sample(all(WATCHED.values()), random.between(2, 7)).map(({ text }) => text);
  const own = [...PLACES.values()].filter(({ kind }) => kinds.includes(kind));
  const namespace = random.pick([...NAMESPACES, undefined]);
  const near = own.filter((place) => !place.kind.namespaced || !namespace || place.namespace === namespace);
  return { random, watchers, watched, kinds, places: near.map(({ text }) => text) };
}

function settingsOf(random: Random): Settings {
  return {
    cache: random.chance(0.75),
    initialReconcile: random.chance(0.8),
    maxConcurrentReconciles: random.between(1, 4),
    reconcileTimeoutMs: random.pick([undefined, 500, 5_000]),
    startTimeoutMs: random.pick([10_000, 30_000]),
    watchTimeoutMs: random.pick([150_000, 300_000]),
    discoveryTtlMs: random.pick([600_000, 1_000]),
    watchList: random.chance(0.7),
    historyLimit: random.pick([2, 10, 1_000]),
  };
}

function event(cast: Cast, mix: Mix): readonly Step[] {
  const { random } = cast;
  const sort = random.weighted<() => readonly Step[]>([
    [mix.calls, () => [call(cast)]],
    [mix.writes, () => [write(cast)]],
    [mix.faults, () => faultsOf(cast)],
    [mix.behaviours, () => behaves(cast)],
    [0.25, () => [{ do: "rest" }]],
  ]);
  return sort();
}

function pause(random: Random): TimeStep {
  return random.weighted<TimeStep>([
    [3, { do: "microtasks", count: random.between(1, 40) }],
    [4, { do: "advance", ms: 0 }],
    [2, { do: "advance", ms: random.between(1, 900) }],
    [2, { do: "advance", ms: random.between(1_000, 5_000) }],
    [0.6, { do: "advance", ms: random.between(10_000, 120_000) }],
    [0.1, { do: "advance", ms: 400_000 }],
  ]);
}

function put({ random }: Cast, place: string): WriteStep {
  return { do: "put", place, app: random.pick(APPS) };
}

function write(cast: Cast): WriteStep {
  const { random } = cast;
  const place = random.pick(cast.places);
  const kind = random.pick(CUSTOM_KINDS);
  return random.weighted<WriteStep>([
    [5, put(cast, place)],
    [2, { do: "relabel", place, app: random.pick(APPS) }],
    [1, { do: "status", place }],
    [2, { do: "delete", place }],
    [1.5, { do: "recreate", place }],
    [0.5, { do: "hold", place }],
    [0.7, { do: "letGo", place }],
    [0.7, { do: "burst", place, times: random.between(2, 12) }],
    [0.3, { do: "dropKind", kind }],
    [0.4, { do: "restoreKind", kind }],
  ]);
}

function call(cast: Cast): CallStep {
  const { random } = cast;
  const watcher = random.pick(cast.watchers);
  const watched = random.pick(cast.watched);
  const some = random.sample(cast.watched, random.between(1, 3));
  const abortable = random.chance(0.15) ? { abortable: true } : {};
  return random.weighted<CallStep>([
    [4, { do: "add", watcher, watched, ...abortable }],
    [3, { do: "set", watcher, watched: some, ...abortable }],
    [1.5, { do: "remove", watcher, endBatch: random.chance(0.5) }],
    [
      3,
      {
        do: "query",
        watcher,
        watched: some,
        fails: random.chance(0.2),
        holdMs: random.pick([0, 0, 300, 3_000]),
        ...abortable,
      },
    ],
    [1, { do: "openBatch", watcher }],
    [2, { do: "read", watcher, watched }],
    [1, { do: "endBatch", watcher }],
    [1, { do: "trigger", watcher }],
    [0.7, { do: "abort" }],
    [0.25, { do: "stop", graceMs: random.pick([0, 1_000, 30_000]) }],
    [0.5, { do: "start" }],
  ]);
}

function behaves(cast: Cast): Step[] {
  const { random } = cast;
  const watcher = random.pick(cast.watchers);
  const calls = Array.from({ length: random.pick([0, 0, 1, 1, 2]) }, () => call(cast));
  const behaviour: Behaviour = {
    calls: calls.map((one) => ("watcher" in one && random.chance(0.5) ? { ...one, watcher } : one)),
    awaits: random.chance(0.5),
    microtasks: random.pick([0, 0, 3, 20]),
    lastsMs: random.pick([0, 0, 0, 100, 2_000]),
    ends: random.weighted([
      [4, "succeeds"],
      [3, "fails"],
      [1, "requeues"],
      [1, "hangs"],
      [1, "untilAborted"],
    ] as const),
  };
  const one: Step = { do: "behave", watcher, behaviour };
  // What makes it run, most of the time.
  return random.chance(0.6) ? [one, { do: "trigger", watcher }] : [one];
}

function fault(cast: Cast): FaultStep {
  const { random, kinds } = cast;
  const kind = random.pick(kinds).kind;
  return random.weighted<FaultStep>([
    [6, requestFault(random)],
    [5, { do: "break", fault: bodyFault(random) }],
    [0.7, { do: "down" }],
    [1.5, { do: "up" }],
    [1, { do: "dropConnections" }],
    [1, { do: "endWatches" }],
    [1, { do: "compact" }],
    [1, { do: "restart" }],
    [0.5, { do: "revoke", kind }],
    [0.7, { do: "grant", kind }],
    [0.4, { do: "backup" }],
    [0.3, { do: "restoreBackup" }],
  ]);
}

/** A fault; one of requests mostly with something that leads to requests. */
function faultsOf(cast: Cast): FaultStep[] {
  const step = fault(cast);
  if (step.do !== "fault" || cast.random.chance(0.3)) return [step];
  return [
    step,
    cast.random.pick<FaultStep>([{ do: "dropConnections" }, { do: "endWatches" }, { do: "restart" }]),
  ];
}

function requestFault(random: Random): FaultStep {
  const verbs = random.pick<readonly FaultVerb[]>([["list"], ["watch"], ["discovery"], ["list", "watch"]]);
  // The last one: for as long as nothing heals it.
  const times = random.pick([1, 1, 2, 3, 6, 500]);
  const names = verbs.includes("discovery") ? DISCOVERY_ANSWERS : ANSWER_NAMES;
  const plain = random.weighted<Fault>([
    [5, faults.answer(random.pick(names))],
    [1, faults.refused()],
    [0.5, faults.unanswered()],
    [0.5, faults.answerLost()],
    [0.5, faults.status(random.pick([302, 400, 502]))],
    [0.5, faults.groupUnavailable(random.pick(["", "simulation.example.com"]))],
    [3, bodyFault(random)],
  ]);
  const slowed = random.chance(0.2) ? faults.slow(random.between(1, 20_000), plain) : plain;
  return {
    do: "fault",
    verbs,
    fault: random.chance(0.1) ? faults.slow(random.between(1, 20_000)) : slowed,
    times,
  };
}

function bodyFault(random: Random): BodyFault {
  const at = {
    afterFrames: random.pick([0, 0, 1, 2]),
    afterBytes: random.pick([0, 0, 1, 30]),
  };
  return random.weighted<BodyFault>([
    [3, faults.cut(at)],
    [1.5, faults.end(at)],
    [1, faults.silence(at)],
    [0.5, faults.bytewise({ delayMs: random.pick([0, 1]) })],
    [1, faults.garbage(at)],
    [2.5, faults.errorFrame(random.pick(ERROR_FRAME_NAMES), at)],
    [0.02, faults.oversizedFrame({ afterFrames: at.afterFrames })],
    [0.7, faults.withoutResourceVersion({ afterFrames: at.afterFrames })],
    [0.7, faults.unknownType({ afterFrames: at.afterFrames })],
    [2, faults.replay({ shuffled: random.chance(0.5) })],
  ]);
}
