import type { Cause } from "../kubernetes/cause.ts";
import { InvalidInputError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";

/** What a reconcile is told besides its watcher. */
export interface ReconcileContext {
  /**
   * Aborts when the result no longer counts: after the timeout (the reason is a TimeoutError), when the watcher is
   * forgotten (WatcherRemovedError), or on stop().
   */
  readonly signal: AbortSignal;
  /** How many runs of this watcher failed in a row before this one; 0 at first and after each success. */
  readonly attempt: number;
  /** Why it runs: all that came since the last run that succeeded, at most 100. */
  readonly causes: readonly Cause[];
  /** There were more causes than `causes` holds. */
  readonly causesDropped: boolean;
}

/** What a reconcile may answer. */
export interface ReconcileResult {
  /** Run again after so many milliseconds, if nothing else makes it run before. 0 and absent: do not. */
  readonly requeueAfterMs?: number | undefined;
}

/**
 * Brings the world in line with what the watcher wants; called again whenever that may have changed.
 *
 * Make it idempotent: it is told why it runs but should look at what is, not at what happened. One that throws,
 * rejects or takes longer than `reconcileTimeoutMs` runs again after a backoff.
 *
 * @example
 * ```ts
 * import type { ReconcileFunction } from "kubernetes-dependency-watches";
 *
 * const reconcile: ReconcileFunction = async (watcher, { signal, causes }) => {
 *   console.log(watcher.name, causes.map((cause) => cause.type));
 *   return { requeueAfterMs: 60_000 };
 * };
 * ```
 */
export type ReconcileFunction = (
  watcher: ObjectIdentifier,
  context: ReconcileContext,
) => Promise<ReconcileResult | void> | ReconcileResult | void;

/**
 * The delay that a reconcile asked for in milliseconds; 0 is none.
 *
 * @throws InvalidInputError for anything but a finite number of 0 or more
 */
export function requeueDelayMs(result: ReconcileResult | undefined): number {
  const delayMs: unknown = result?.requeueAfterMs ?? 0;
  if (typeof delayMs === "number" && delayMs >= 0 && delayMs < Number.POSITIVE_INFINITY) return delayMs;
  throw new InvalidInputError(
    "requeueAfterMs",
    `Cannot requeue: requeueAfterMs is ${String(delayMs)}; it must be a finite number of 0 or more`,
  );
}
