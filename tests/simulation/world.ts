import { DynamicWatcher } from "../../lib/dynamic_watcher.ts";
import type { Cause } from "../../lib/kubernetes/cause.ts";
import { canonicalize, type ObjectIdentifier } from "../../lib/kubernetes/identifier.ts";
import type { WatchStreamEvent, WatchTransitionEvent } from "../../lib/watchers/events.ts";
import { type FaultyTransport, withFaults } from "../../transports/faults.ts";
import { FakeClock } from "../fixtures/fake_clock.ts";
import { Random } from "../fixtures/random.ts";
import { Calls } from "./calls.ts";
import { streamOf, type Watched, watchedNamed } from "./catalogue.ts";
import { Cluster } from "./cluster.ts";
import { Dependencies } from "./dependencies.ts";
import { type Due, expectNews } from "./due.ts";
import { FaultRules } from "./fault_rules.ts";
import { Denials } from "./invariants/denials.ts";
import { isExpectedWarning } from "./invariants/log.ts";
import { Pace } from "./invariants/pace.ts";
import { codeOf, unexplained } from "./invariants/refusals.ts";
import { afterRemoval, besideAnother, dishonestCause, tooManyRuns } from "./invariants/runs.ts";
import { needlessStream } from "./invariants/streams.ts";
import { VersionsGoForward } from "./invariants/versions.ts";
import { ObservedTransport } from "./observed_transport.ts";
import { quiet } from "./quiet.ts";
import { Reconciles, type Run } from "./reconciles.ts";
import type { CallStep, Schedule } from "./schedule.ts";
import { isObjectCause, Told } from "./told.ts";
import type { Totals } from "./totals.ts";
import type { Trace } from "./trace.ts";

/** The first thing that was not as it must be. */
export interface Violation {
  /** The name of what must be. */
  readonly invariant: string;
  readonly message: string;
}

interface WorldParts {
  readonly schedule: Schedule;
  readonly totals: Totals;
  readonly trace: Trace;
  readonly cluster: Cluster;
  readonly clock: FakeClock;
  tick(): number;
}

/** One DynamicWatcher with its server, its time and its troubles, and all that was seen of them. */
export class World {
  readonly schedule: Schedule;
  readonly totals: Totals;
  readonly trace: Trace;
  readonly clock: FakeClock;
  /** The next moment: of two things that happen, the later one has the greater. */
  readonly tick: () => number;
  readonly cluster: Cluster;
  readonly rules: FaultRules;
  readonly faulty: FaultyTransport;
  readonly transport: ObservedTransport;
  readonly dynamicWatcher: DynamicWatcher;
  readonly dependencies = new Dependencies();
  readonly calls: Calls;
  readonly reconciles: Reconciles;
  readonly told = new Told();
  readonly watched: readonly Watched[];
  /** What watchers wait to hear. */
  readonly due: Due[] = [];
  /** What the last read of each identifier was answered. */
  readonly answers = new Map<Watched, readonly unknown[]>();
  readonly triggeredAt = new Map<string, number>();
  /** When somebody last called for a watcher to be anything but removed. */
  readonly askedAt = new Map<string, number>();
  /** Whether anything has gone wrong on the way to the server yet. */
  isTroubled = false;
  readonly #pace: Pace;
  readonly #versions = new VersionsGoForward();
  readonly #denials = new Denials();
  readonly #live = new Set<string>();
  readonly #forgottenAt = new Map<string | undefined, number>();
  readonly #byIdentifier: ReadonlyMap<string, Watched>;
  readonly #byStream: ReadonlyMap<string, Watched>;
  #violation: Violation | undefined;
  #turn = 0;
  /** The moment at which this turn began. */
  #turnMoment = 0;

  private constructor({ schedule, totals, trace, cluster, clock, tick }: WorldParts) {
    this.schedule = schedule;
    this.totals = totals;
    this.trace = trace;
    this.cluster = cluster;
    this.clock = clock;
    this.tick = tick;
    this.watched = schedule.watched.map(watchedNamed);
    this.#byIdentifier = new Map(this.watched.map((one) => [canonicalize(one.identifier).key, one]));
    this.#byStream = new Map(this.watched.map((one) => [one.stream, one]));
    this.#pace = new Pace(clock);
    this.rules = new FaultRules(totals);
    const random = new Random(schedule.seed, "faults").next;
    this.faulty = withFaults(cluster, { any: this.rules.hook }, { clock, random });
    this.transport = new ObservedTransport(this.faulty, {
      requested: (line) => this.#requested(line),
      answered: (line, answer) => this.#answered(line, answer),
    });
    this.reconciles = new Reconciles({
      clock,
      tick,
      call: (step) => this.calls.perform(step),
      started: (run) => this.#runStarted(run),
      ended: (run) => this.#runEnded(run),
    });
    this.dynamicWatcher = this.#newDynamicWatcher();
    this.calls = new Calls({
      dynamicWatcher: this.dynamicWatcher,
      dependencies: this.dependencies,
      clock,
      tick,
      turn: () => this.#turn,
      called: (step) => this.#called(step),
      linked: ({ watcher }, edge) => expectNews(this, { watcher, ...edge }),
      forgotten: (watcher, moment) => this.#forgottenAt.set(watcher, moment),
      triggered: (watcher, moment) => this.triggeredAt.set(watcher, moment),
      answered: (watched, objects) => this.answers.set(watched, objects),
      ended: (step, error) => this.#callEnded(step, error),
    });
  }

  static async open(seen: Pick<WorldParts, "schedule" | "totals" | "trace">): Promise<World> {
    const clock = new FakeClock();
    let moment = 0;
    const tick = () => {
      moment += 1;
      return moment;
    };
    const random = new Random(seen.schedule.seed, "server");
    return new World({ ...seen, clock, tick, cluster: await Cluster.open({ ...seen, clock, tick, random }) });
  }

  get violation(): Violation | undefined {
    return this.#violation;
  }

  /** Notes the first thing that must not be. */
  violate(invariant: string, message: string): void {
    if (this.#violation) return;
    this.#violation = { invariant, message };
    this.trace.add(`VIOLATION ${invariant}: ${message}`);
  }

  /** Notes what a check finds; one that cannot even look has found something too. */
  check(invariant: string, find: () => string | undefined): void {
    this.totals.count(`check ${invariant}`);
    let problem: string | undefined;
    try {
      problem = find();
    } catch (error) {
      problem = String(error);
    }
    if (problem !== undefined) this.violate(invariant, problem);
  }

  /** Lets time go by, looking at everything each time that nothing more can happen without time. */
  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms, async () => {
      await quiet();
      this.#turn += 1;
      this.#turnMoment = this.tick();
      this.check("no stream too many", () => needlessStream(this));
      this.check("workers are limited", () => tooManyRuns(this));
    });
  }

  /** Something that gives the engine a reason to do much at once. */
  isActive(weight: number): void {
    this.#pace.allow(weight);
  }

  /** What an identifier that the library hands out is in the catalogue. */
  watchedOf(identifier: ObjectIdentifier): Watched | undefined {
    return this.#byIdentifier.get(canonicalize(identifier).key);
  }

  /** When all that was pending for a watcher was last forgotten. */
  forgottenAt(watcher: string): number {
    return Math.max(this.#forgottenAt.get(watcher) ?? 0, this.#forgottenAt.get(undefined) ?? 0);
  }

  /** From now on a refusal needs a new reason. */
  forgetTroubles(): void {
    this.#denials.forget();
    this.cluster.wereGone.clear();
  }

  #newDynamicWatcher(): DynamicWatcher {
    const { watchList: _, historyLimit: __, ...settings } = this.schedule.settings;
    const dynamicWatcher = new DynamicWatcher({
      ...settings,
      transport: this.transport,
      clock: this.clock,
      random: new Random(this.schedule.seed, "engine").next,
      reconcile: this.reconciles.reconcile,
      logger: {
        warn: (message) => {
          this.trace.add(`warn ${message}`);
          if (!isExpectedWarning(message)) this.violate("nothing unexpected is logged", message);
        },
        error: (message, ...details) =>
          this.violate("nothing unexpected is logged", [message, ...details].map(String).join(" ")),
      },
    });
    dynamicWatcher.addEventListener("stream", (event) => this.#onStream(event));
    dynamicWatcher.addEventListener("transition", (event) => this.#onTransition(event));
    return dynamicWatcher;
  }

  #requested(line: string): boolean {
    this.trace.add(`${this.clock.now()} ${line}`);
    this.totals.count("requests");
    this.totals.count("check no hot loop");
    const tooMany = this.#pace.request();
    if (tooMany) this.violate("no hot loop", `${tooMany} requests within a second, the last one ${line}`);
    return tooMany === undefined;
  }

  #answered(line: string, answer: { stream: string; status: number }): void {
    this.trace.add(`${this.clock.now()} ${answer.status} ${line}`);
    this.#denials.see(answer);
  }

  #runStarted(run: Run): boolean {
    const causes = run.causes.map(formatCause).join(", ");
    this.trace.add(`${this.clock.now()} reconcile ${run.watcher} of ${causes}`);
    this.totals.count("reconciles");
    for (const { type } of run.causes) this.totals.count(`cause ${type}`);
    this.check("one run at once", () => besideAnother(this, run));
    this.check("nothing comes of what was removed", () => afterRemoval(this, run));
    this.check("causes are honest", () => dishonestCause(this, run));
    const tooMany = this.#pace.reconcile(run.watcher);
    if (tooMany) this.violate("no hot loop", `${tooMany} reconciles of ${run.watcher} within a second`);
    return tooMany === undefined;
  }

  #runEnded(run: Run): void {
    this.trace.add(`${this.clock.now()} reconcile ${run.watcher} ${run.outcome}`);
    this.totals.count(`reconcile ${run.outcome}`);
    // What a run was told that failed, or took too long, its retry is told again.
    if (run.outcome === "failed" || run.signal.aborted) return;
    // An edge that a call has dropped and another one made anew begins anew: only its end tells.
    const isSure = !this.dependencies.mayDrop(run.watcher);
    for (const cause of run.causes) {
      const watched = isObjectCause(cause) && this.watchedOf(cause.watched);
      if (!watched) continue;
      const gap = this.told.hear(run.watcher, watched, cause);
      if (isSure) this.check("causes follow one another", () => gap);
    }
  }

  #called(step: CallStep): void {
    this.trace.add(`${this.clock.now()} ${JSON.stringify(step)}`);
    this.isActive(1);
    if ("watcher" in step && step.do !== "remove") this.askedAt.set(step.watcher, this.tick());
  }

  #callEnded(step: CallStep, error: unknown): void {
    const isResolved = error === undefined;
    this.trace.add(`${this.clock.now()} ${JSON.stringify(step)}: ${isResolved ? "resolved" : codeOf(error)}`);
    this.totals.count(`call ${step.do} ${isResolved ? "resolved" : "rejected"}`);
    if (!isResolved) this.check("calls fail for a reason", () => unexplained(error, this));
  }

  #onTransition({ cause }: WatchTransitionEvent): void {
    this.trace.add(`${this.clock.now()} ${formatCause(cause)}`);
    this.totals.count("transitions");
    this.check("versions go forward", () => this.#versions.wentBack(cause));
  }

  #onStream({ spec, state }: WatchStreamEvent): void {
    const { resource, namespace = "", fieldSelector, labelSelector } = spec;
    const selector = fieldSelector ?? labelSelector ?? "";
    const stream = streamOf(resource.resource, { namespace, selector });
    this.trace.add(`${this.clock.now()} stream ${stream} ${state.state}`);
    this.totals.count(`stream ${state.state}`);
    const watched = this.#byStream.get(stream);
    if (state.state === "blocked" && watched && this.#live.has(stream)) {
      this.#onBlocked(watched, state.error);
    }
    if (state.state === "live") this.#live.add(stream);
    else if (state.state !== "retrying") this.#live.delete(stream);
  }

  #onBlocked(watched: Watched, error: Error): void {
    const { wereGone } = this.cluster;
    this.totals.count("blocked identifiers");
    this.check("blocked for a reason", () => this.#denials.groundless(watched, { error, wereGone }));
    for (const watcher of this.dependencies.block(watched, this.#turn)) {
      // The reconcile may have started already.
      this.due.push({ watcher, watched, after: this.#turnMoment, type: "BLOCKED" });
    }
  }
}

function formatCause(cause: Cause): string {
  if (!isObjectCause(cause)) return cause.type;
  const object = cause.after ?? cause.before;
  return `${cause.type} ${cause.watched.kind} ${object?.name}@${object?.resourceVersion}`;
}
