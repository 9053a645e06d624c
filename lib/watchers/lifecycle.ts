import { NotStartedError } from "../kubernetes/errors.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { onAbort, untilAborted } from "../support/abort.ts";
import { deferred } from "../support/deferred.ts";
import type { LoadedCheckpoint } from "./checkpoint_contract.ts";
import type { ResolvedOptions } from "./options.ts";
import type { Run } from "./run.ts";
import { restore, snapshotOf } from "./run_snapshot.ts";

/** How long a stop waits for running reconciles, unless it is told. */
export const DEFAULT_GRACE_MS = 30_000;

/** What starts and stops. */
export interface LifecycleHost {
  readonly options: ResolvedOptions;
  readonly reconciler: Reconciler;
  createRun(loaded: LoadedCheckpoint | undefined): Run;
  emit(type: "started" | "stopped"): void;
}

/** A start that is under way or done. */
interface Start {
  readonly done: Promise<void>;
  /** Rejects it with the reason, unless it is done. */
  giveUp(reason: unknown): void;
}

/** Stopped, starting, started, stopping, and stopped again: one run at a time. */
export class Lifecycle {
  readonly #host: LifecycleHost;
  #run: Run | undefined;
  #start: Start | undefined;
  #stopping: Promise<void> | undefined;
  /** The signals of starts, and what lets go of each. */
  readonly #stopSignals = new Map<AbortSignal, () => void>();

  constructor(host: LifecycleHost) {
    this.#host = host;
  }

  /** What there is from a start to the end of the stop after it. */
  get run(): Run | undefined {
    return this.#run;
  }

  /** The run that is not being stopped. */
  get active(): Run | undefined {
    return this.#stopping ? undefined : this.#run;
  }

  /** One start for all who ask; `signal` stops it again when it aborts. */
  start(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    this.#start ??= this.#begin();
    if (signal) this.#stopWith(signal);
    return this.#start.done;
  }

  /** `reason` is what a start that still waits is told. */
  async stop(
    graceMs = DEFAULT_GRACE_MS,
    reason: unknown = new NotStartedError("start", "it was stopped meanwhile"),
  ): Promise<void> {
    this.#start?.giveUp(reason);
    this.#start = undefined;
    for (const detach of this.#stopSignals.values()) detach();
    this.#stopSignals.clear();
    const { active } = this;
    await (active ? this.#stop(active, graceMs) : this.#stopping);
  }

  #begin(): Start {
    const controller = new AbortController();
    const start: Start = {
      done: this.#startWhenStopped(controller.signal),
      giveUp: (reason) => controller.abort(reason),
    };
    // A store that cannot be read now may be later.
    start.done.catch(() => {
      if (this.#start === start) this.#start = undefined;
    });
    return start;
  }

  async #startWhenStopped(signal: AbortSignal): Promise<void> {
    if (this.#stopping) await untilAborted(this.#stopping, signal);
    // Another stop may have come in the very moment in which the one before was over.
    signal.throwIfAborted();
    const { options, reconciler } = this.#host;
    const { checkpoint } = options;
    const loaded = checkpoint && (await untilAborted(checkpoint.load({ ...options, signal }), signal));
    signal.throwIfAborted();
    const run = this.#host.createRun(loaded);
    try {
      if (loaded?.snapshot) restore(run, reconciler, loaded.snapshot);
    } catch (error) {
      // Half of what was kept must not be what is kept.
      await this.#end(run, 0);
      throw error;
    }
    this.#run = run;
    reconciler.run();
    this.#host.emit("started");
  }

  #stopWith(signal: AbortSignal): void {
    if (this.#stopSignals.has(signal)) return;
    const detach = onAbort(signal, () => {
      this.stop(DEFAULT_GRACE_MS, signal.reason).catch((error) =>
        this.#host.options.logger.error("The stop after an abort failed", error),
      );
    });
    this.#stopSignals.set(signal, detach);
  }

  async #stop(run: Run, graceMs: number): Promise<void> {
    let failure: unknown;
    const ended = deferred();
    // Set before anything else: a reconcile that hears of its abort may call back at once.
    this.#stopping = ended.promise;
    // Before anything ends, as what has not ended is not done.
    const saved = this.#save(run).catch((error) => {
      failure = error;
    });
    await Promise.all([this.#end(run, graceMs), saved]);
    this.#run = undefined;
    this.#stopping = undefined;
    this.#host.emit("stopped");
    ended.resolve();
    if (failure !== undefined) throw failure;
  }

  async #end({ watchers, serving }: Run, graceMs: number): Promise<void> {
    await Promise.all([watchers.stop(), serving.close(), this.#host.reconciler.stop({ graceMs })]);
  }

  async #save(run: Run): Promise<void> {
    const { options, reconciler } = this.#host;
    await options.checkpoint?.save(snapshotOf(run, reconciler), options);
  }
}
