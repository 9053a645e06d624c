import type { CauseList } from "../kubernetes/cause_list.ts";
import { TimeoutError } from "../kubernetes/errors.ts";
import {
  type CanonicalIdentifier,
  formatIdentifier,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import type { CancelTimer, Clock } from "../support/clock.ts";
import { deferred } from "../support/deferred.ts";
import { type ReconcileContext, type ReconcileFunction, requeueDelayMs } from "./reconcile_function.ts";
import type { ReconcileOutcome } from "./reconciler_events.ts";

/** What waits for a watcher's next run. */
export interface PendingRun {
  readonly watcher: CanonicalIdentifier;
  causes: CauseList;
  /** Failed runs in a row so far. */
  attempt: number;
}

/** A watcher whose reconcile is not done. */
export interface DueReconcile {
  /** Canonical. */
  readonly watcher: ObjectIdentifier;
  /** In how many milliseconds it is to run; 0: now. */
  readonly delayMs: number;
  /** Failed runs in a row so far. */
  readonly attempt: number;
}

/** What a run tells its reconciler, each once. */
export interface ReconcileRunOptions {
  readonly clock: Clock;
  /** The run counts no longer against maxConcurrentReconciles. */
  onRelease(): void;
  /** The outcome is known; the function may still be under way. */
  onEnd(outcome: ReconcileOutcome): void;
  /** The function failed when the outcome was known already, and not because of the abort. */
  onLateError(error: unknown): void;
}

/** One call of the reconcile function: it *ends* when its outcome is known and *settles* when the function does. */
export class ReconcileRun {
  readonly watcher: CanonicalIdentifier;
  readonly causes: CauseList;
  readonly attempt: number;
  readonly #options: ReconcileRunOptions;
  readonly #startedAt: number;
  readonly #controller = new AbortController();
  readonly #settled = deferred();
  #cancelTimeout: CancelTimer | undefined;
  #holdsWorker = true;
  #underWay = true;
  #ended = false;
  #ignored = false;
  #abandoned = false;

  constructor(pending: PendingRun, options: ReconcileRunOptions) {
    this.watcher = pending.watcher;
    this.causes = pending.causes;
    this.attempt = pending.attempt;
    this.#options = options;
    this.#startedAt = options.clock.now();
  }

  /** The outcome decides nothing: the watcher was forgotten, or the reconciler stopped. */
  get ignored(): boolean {
    return this.#ignored;
  }

  /** Resolves when the function has settled. */
  get settled(): Promise<void> {
    return this.#settled.promise;
  }

  /** The function has not settled. */
  get underWay(): boolean {
    return this.#underWay;
  }

  /** Nobody waits for it any more. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  get durationMs(): number {
    return this.#options.clock.now() - this.#startedAt;
  }

  /** Calls the function; resolves when that has settled, whatever the outcome. */
  async call(reconcile: ReconcileFunction, timeoutMs: number | undefined): Promise<void> {
    if (timeoutMs !== undefined) {
      this.#cancelTimeout = this.#options.clock.setTimeout(() => this.#timeOut(timeoutMs), timeoutMs);
    }
    const outcome = await this.#outcomeOf(reconcile);
    this.#underWay = false;
    if (!this.#ended) this.#end(outcome);
    else if ("error" in outcome && outcome.error !== this.#controller.signal.reason) {
      this.#options.onLateError(outcome.error);
    }
    this.#settled.resolve();
  }

  /** Aborts the run; its outcome decides nothing from now on. */
  ignore(reason?: unknown): void {
    this.#ignored = true;
    this.#controller.abort(reason);
  }

  /** Gives back its worker. */
  release(): void {
    if (!this.#holdsWorker) return;
    this.#holdsWorker = false;
    this.#options.onRelease();
  }

  /** Waits for it no longer: `graceMs` after stop() its function has not settled. */
  abandon(graceMs: number): void {
    this.#abandoned = true;
    this.#end({ error: this.#timeoutError(graceMs, "after stop()") });
  }

  async #outcomeOf(reconcile: ReconcileFunction): Promise<ReconcileOutcome> {
    const context: ReconcileContext = {
      signal: this.#controller.signal,
      attempt: this.attempt,
      causes: this.causes.toArray(),
      causesDropped: this.causes.dropped,
    };
    try {
      const result = (await reconcile(this.watcher.identifier, context)) ?? undefined;
      requeueDelayMs(result);
      return { result };
    } catch (error) {
      return { error };
    }
  }

  #timeOut(timeoutMs: number): void {
    const error = this.#timeoutError(timeoutMs, "after its start");
    this.#end({ error });
    this.#controller.abort(error);
  }

  #timeoutError(afterMs: number, since: string): TimeoutError {
    const watcher = formatIdentifier(this.watcher.identifier);
    return new TimeoutError(
      `Cannot wait longer for ${watcher}: its reconcile has not settled ${afterMs} ms ${since}`,
      afterMs,
    );
  }

  #end(outcome: ReconcileOutcome): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTimeout?.();
    this.release();
    this.#options.onEnd(outcome);
  }
}
