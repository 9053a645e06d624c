import type { Cause } from "../kubernetes/cause.ts";
import { CauseList } from "../kubernetes/cause_list.ts";
import { DependencyWatchError, InvalidInputError, WatcherRemovedError } from "../kubernetes/errors.ts";
import {
  type CanonicalIdentifier,
  canonicalizeWatcher,
  formatIdentifier,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import { checkInputs, someMs } from "../kubernetes/inputs.ts";
import { type Clock, settledWithin, systemClock } from "../support/clock.ts";
import { type Logger, resolveLogger } from "../support/logger.ts";
import { TypedEventTarget } from "../support/typed_events.ts";
import { defaultControllerRateLimiter } from "./rate_limiter.ts";
import { RateLimitingQueue } from "./rate_limiting_queue.ts";
import { type ReconcileFunction, requeueDelayMs } from "./reconcile_function.ts";
import { type DueReconcile, type PendingRun, ReconcileRun } from "./reconcile_run.ts";
import {
  ReconcileEndEvent,
  type ReconcileOutcome,
  type ReconcilerEvents,
  ReconcileStartEvent,
  TriggerEvent,
} from "./reconciler_events.ts";
import {
  type ReconcilerOptions,
  type ReconcilerStopOptions,
  reconcilerInputs,
} from "./reconciler_options.ts";
import { TimeSlice } from "./time_slice.ts";

/** How long a retry waits when the rate limiter itself fails. */
const FALLBACK_RETRY_MS = 1_000;

/**
 * Calls a function for the watchers that are triggered: each one never twice at once, and once for all that came.
 *
 * A run takes with it all that is pending for its watcher: triggers, a delayed requeue, a retry, and the causes of
 * the failed runs before it. What comes next is up to its own result. It emits `trigger`, `reconcilestart` and
 * `reconcileend`.
 *
 * @example
 * ```ts
 * import { Reconciler } from "kubernetes-dependency-watches";
 *
 * const reconciler = new Reconciler((watcher) => console.log(watcher.name), { maxConcurrentReconciles: 4 });
 * reconciler.addEventListener("reconcileend", ({ watcher, durationMs }) => console.log(watcher.name, durationMs));
 * reconciler.run();
 * reconciler.trigger([{ version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" }]);
 * await new Promise((resolve) => reconciler.addEventListener("reconcileend", resolve, { once: true }));
 * await reconciler.stop();
 * ```
 */
export class Reconciler extends TypedEventTarget<ReconcilerEvents> {
  readonly #reconcile: ReconcileFunction;
  readonly #admit: ((watcher: ObjectIdentifier) => boolean) | undefined;
  readonly #timeoutMs: number | undefined;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #queue: RateLimitingQueue;
  readonly #slice: TimeSlice;
  /** Everything that waits: queued, delayed and held watchers, and running ones that run again. */
  readonly #pending = new Map<Key, PendingRun>();
  /** The runs whose function has not settled, whether or not their outcome is known. */
  readonly #runs = new Map<Key, ReconcileRun>();
  /** Taken from the queue and refused by `admit`. */
  readonly #held = new Set<Key>();
  #freeWorkers: number;
  #running = false;
  #ended = 0;
  #failures = 0;
  /** How many calls of stop() are under way. */
  #stopping = 0;
  #scheduled = false;

  /**
   * Runs nothing before `run()`.
   *
   * @throws InvalidInputError without a function, for an unknown option, and for one that is out of range
   */
  constructor(reconcile: ReconcileFunction, options: ReconcilerOptions = {}) {
    checkInputs("construct a Reconciler", reconcilerInputs, options && { ...options, reconcile });
    const { maxConcurrentReconciles = 1, reconcileTimeoutMs, admit, clock = systemClock } = options;
    const { rateLimiter = defaultControllerRateLimiter({ clock }) } = options;
    const logger = resolveLogger(options.logger);
    super(logger);
    this.#reconcile = reconcile;
    this.#admit = admit;
    this.#timeoutMs = reconcileTimeoutMs;
    this.#clock = clock;
    this.#logger = logger;
    this.#queue = new RateLimitingQueue(() => this.#schedule(), { clock, rateLimiter });
    this.#slice = new TimeSlice(clock, () => this.#handOut());
    this.#freeWorkers = maxConcurrentReconciles;
  }

  /** Starts to hand out what is queued, also what was triggered before; works again after stop(). */
  run(): void {
    if (!this.#running) this.#ended = this.#failures = 0;
    this.#running = true;
    this.#schedule();
  }

  /** How many runs have ended since run(), and how many of these failed. */
  get counts(): { readonly ended: number; readonly failed: number } {
    return { ended: this.#ended, failed: this.#failures };
  }

  /** Whether a run is under way, or one that nothing but its turn keeps waiting starts within `withinMs`. */
  isBusy(withinMs: number): boolean {
    for (const run of this.#runs.values()) if (!run.abandoned) return true;
    for (const key of this.#pending.keys()) {
      if (!this.#held.has(key) && this.#queue.delayMs(key) <= withinMs) return true;
    }
    return false;
  }

  /** All that is not done: what is queued, delayed or held, and what runs, unless it was forgotten. */
  *due(): Iterable<DueReconcile> {
    for (const [key, { watcher, attempt }] of this.#pending) {
      yield { watcher: watcher.identifier, delayMs: this.#queue.delayMs(key), attempt };
    }
    for (const [key, { watcher, attempt, ignored }] of this.#runs) {
      if (!ignored && !this.#pending.has(key)) yield { watcher: watcher.identifier, delayMs: 0, attempt };
    }
  }

  /** Queues what was due at the end of a former run. What caused it is not known any more. */
  resume({ watcher, delayMs, attempt }: DueReconcile): void {
    const canonical = canonicalizeWatcher(watcher);
    const pending = this.#pendingOf(canonical);
    pending.attempt = attempt;
    pending.causes.add({ type: "REQUEUE" });
    pending.causes.drop();
    try {
      if (attempt > 0) this.#queue.resume(canonical.key, attempt);
    } catch (error) {
      this.#logger.error("The rate limiter failed", error);
    }
    this.#queue.addAfter(canonical.key, delayMs);
  }

  /**
   * Queues a run of each watcher.
   *
   * @throws InvalidInputError for what is no array, and when a watcher is not a valid identifier; then none is queued
   */
  trigger(watchers: readonly ObjectIdentifier[], cause?: Cause): void {
    this.dispatchEvent(new TriggerEvent(watchers, cause));
  }

  /** As for any EventTarget; a TriggerEvent queues its watchers besides, as `trigger` does. */
  override dispatchEvent(event: Event): boolean {
    if (event instanceof TriggerEvent) {
      if (!Array.isArray(event.watchers)) {
        throw new InvalidInputError("watchers", "Cannot trigger: watchers must be an array of identifiers");
      }
      const watchers = event.watchers.map((watcher) => canonicalizeWatcher(watcher));
      for (const watcher of watchers) this.enqueue(watcher, event.cause);
    }
    return super.dispatchEvent(event);
  }

  /**
   * `trigger` for who holds the canonical watcher: it parses and checks nothing, and makes no event.
   *
   * @internal
   */
  enqueue(watcher: CanonicalIdentifier, cause: Cause): void {
    if (!this.#accepting) return;
    this.#pendingOf(watcher).causes.add(cause);
    this.#queue.add(watcher.key);
  }

  /**
   * Queues a run of the watcher for when the rate limiter allows it. `error` goes into its RETRY cause.
   *
   * @throws InvalidInputError when the watcher is not a valid identifier
   */
  retry(watcher: ObjectIdentifier, error: unknown): void {
    this.#retry(canonicalizeWatcher(watcher), error);
  }

  /**
   * Forgets what is queued and delayed for a watcher, its causes and its backoff. A run under way is aborted, its
   * worker given back, its result ignored. Should the watcher be triggered again, it waits until that run has settled.
   *
   * @throws InvalidInputError when the watcher is not a valid identifier
   */
  forget(watcher: ObjectIdentifier): void {
    const { key, identifier } = canonicalizeWatcher(watcher);
    this.#drop(key);
    const run = this.#runs.get(key);
    run?.release();
    run?.ignore(new WatcherRemovedError(formatIdentifier(identifier)));
  }

  /** Asks `admit` again for each watcher that it refused. */
  readmit(): void {
    const held = [...this.#held];
    this.#held.clear();
    for (const key of held) {
      this.#queue.add(key);
      this.#queue.done(key);
    }
  }

  /**
   * Hands out nothing more, forgets all that waits, aborts the runs under way and waits until they have settled, or
   * until the grace is over: then those left end with a TimeoutError in their `reconcileend`. So does a run that
   * awaits this itself. What is triggered meanwhile is dropped, unless run() comes first.
   *
   * @throws InvalidInputError when `graceMs` is negative or NaN
   */
  async stop({ graceMs = 30_000 }: ReconcilerStopOptions = {}): Promise<void> {
    checkInputs("stop", { graceMs: someMs }, { graceMs });
    this.#running = false;
    this.#stopping += 1;
    this.#slice.close();
    for (const key of [...this.#pending.keys(), ...this.#runs.keys()]) this.#drop(key);
    const runs = [...this.#runs.values()].filter((run) => !run.abandoned);
    for (const run of runs) run.ignore();
    const settled = runs.map((run) => run.settled);
    await settledWithin(settled, { clock: this.#clock, limitMs: graceMs });
    for (const run of runs) run.abandon(graceMs);
    this.#stopping -= 1;
  }

  get #accepting(): boolean {
    return this.#running || this.#stopping === 0;
  }

  #pendingOf(watcher: CanonicalIdentifier): PendingRun {
    let pending = this.#pending.get(watcher.key);
    if (pending === undefined) {
      pending = { watcher, causes: new CauseList(), attempt: 0 };
      this.#pending.set(watcher.key, pending);
    }
    return pending;
  }

  #drop(key: Key): void {
    this.#pending.delete(key);
    this.#queue.remove(key);
    if (this.#held.delete(key)) this.#queue.done(key);
    this.#forgetBackoff(key);
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#handOut();
    });
  }

  #handOut(): void {
    while (this.#running && this.#freeWorkers > 0 && this.#queue.size > 0 && this.#slice.enter()) {
      const key = this.#queue.take();
      if (key !== undefined) this.#consider(key);
    }
  }

  #consider(key: Key): void {
    const watcher = this.#pending.get(key)?.watcher.identifier;
    const admitted = watcher !== undefined && this.#admits(watcher);
    // Looked up again: admit may have forgotten this watcher, or stopped everything.
    const pending = this.#pending.get(key);
    if (pending === undefined) this.#queue.done(key);
    else if (admitted) this.#start(pending);
    else this.#held.add(key);
  }

  #admits(watcher: ObjectIdentifier): boolean {
    try {
      return this.#admit === undefined || this.#admit(watcher) === true;
    } catch (error) {
      this.#logger.error(
        `admit failed for ${formatIdentifier(watcher)}, which is held until readmit()`,
        error,
      );
      return false;
    }
  }

  async #start(pending: PendingRun): Promise<void> {
    const { key, identifier } = pending.watcher;
    const run = new ReconcileRun(pending, {
      clock: this.#clock,
      onRelease: () => this.#release(),
      onEnd: (outcome) => this.#end(run, outcome),
      onLateError: (error) => this.#warn(run, "failed after its outcome was decided", error),
    });
    this.#pending.delete(key);
    this.#runs.set(key, run);
    this.#freeWorkers -= 1;
    this.emit("reconcilestart", () => new ReconcileStartEvent(identifier));
    await run.call(this.#reconcile, this.#timeoutMs);
    this.#runs.delete(key);
    this.#queue.done(key);
  }

  #release(): void {
    this.#freeWorkers += 1;
    this.#schedule();
  }

  #end(run: ReconcileRun, outcome: ReconcileOutcome): void {
    const { durationMs, watcher } = run;
    this.emit("reconcileend", () => new ReconcileEndEvent(watcher.identifier, { ...outcome, durationMs }));
    this.#ended += 1;
    if ("error" in outcome) this.#failures += 1;
    if (run.ignored) return;
    if ("error" in outcome) this.#failed(run, outcome.error);
    else this.#succeeded(watcher, requeueDelayMs(outcome.result));
  }

  #succeeded(watcher: CanonicalIdentifier, requeueAfterMs: number): void {
    this.#forgetBackoff(watcher.key);
    if (requeueAfterMs === 0) return;
    this.#pendingOf(watcher).causes.add({ type: "REQUEUE" });
    this.#queue.addAfter(watcher.key, requeueAfterMs);
  }

  #failed(run: ReconcileRun, error: unknown): void {
    const { watcher, causes, attempt, underWay } = run;
    const pending = this.#pendingOf(watcher);
    causes.addAll(pending.causes);
    pending.causes = causes;
    pending.attempt = attempt + 1;
    this.#retry(watcher, error);
    this.#warn(run, `failed and is retried${underWay ? " once it has settled" : ""}`, error);
  }

  #warn({ watcher }: ReconcileRun, what: string, error: unknown): void {
    const message = `The reconcile of ${formatIdentifier(watcher.identifier)} ${what}`;
    // The stack of the library's own errors leads nowhere in the user's code.
    if (error instanceof DependencyWatchError) this.#logger.warn(`${message}: ${error.message}`);
    else this.#logger.warn(message, error);
  }

  #retry(watcher: CanonicalIdentifier, error: unknown): void {
    if (!this.#accepting) return;
    this.#pendingOf(watcher).causes.add({ type: "RETRY", error });
    try {
      this.#queue.addRateLimited(watcher.key);
    } catch (limiterError) {
      this.#logger.error("The rate limiter failed", limiterError);
      this.#queue.addAfter(watcher.key, FALLBACK_RETRY_MS);
    }
  }

  #forgetBackoff(key: Key): void {
    try {
      this.#queue.forget(key);
    } catch (error) {
      this.#logger.error("The rate limiter failed", error);
    }
  }
}
