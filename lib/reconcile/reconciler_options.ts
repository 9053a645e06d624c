import { InvalidInputError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { Clock } from "../support/clock.ts";
import type { Logger } from "../support/logger.ts";
import type { RateLimiter } from "./rate_limiter.ts";
import type { ReconcileFunction } from "./reconcile_function.ts";

/** Options of a {@link Reconciler}. */
export interface ReconcilerOptions {
  /** How many watchers are reconciled at once. Default 1. */
  readonly maxConcurrentReconciles?: number | undefined;
  /** How long one run may take, in milliseconds. Default: as long as it likes. */
  readonly reconcileTimeoutMs?: number | undefined;
  /** How long what failed waits. Default: {@link defaultControllerRateLimiter}. */
  readonly rateLimiter?: RateLimiter | undefined;
  /**
   * Asked before each run, for shards and leaders. Only `true` admits, so a promise does not; what it refuses stays
   * held until `readmit()`. When it throws, that is logged and counts as a refusal.
   */
  readonly admit?: ((watcher: ObjectIdentifier) => boolean) | undefined;
  readonly clock?: Clock | undefined;
  /** Where failed runs and listeners that throw go. Default: the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

/** Options of `Reconciler.stop`. */
export interface ReconcilerStopOptions {
  /** How long runs under way are waited for, in milliseconds. Default 30,000. */
  readonly graceMs?: number | undefined;
}

const OPTIONS = "maxConcurrentReconciles, reconcileTimeoutMs, rateLimiter, admit, clock, logger";

/** @throws InvalidInputError naming what a Reconciler cannot be made of; an unknown option is a misspelt one */
export function checkReconciler(reconcile: ReconcileFunction, options: ReconcilerOptions): void {
  if (typeof reconcile !== "function") throw unfit("reconcile", "it must be a function");
  if (typeof options !== "object" || options === null) throw unfit("options", "they must be an object");
  const { maxConcurrentReconciles, reconcileTimeoutMs, rateLimiter, admit, clock, logger, ...unknown } =
    options;
  for (const field of Object.keys(unknown)) {
    throw unfit(field, `there is no such option; there are ${OPTIONS}`);
  }
  if (
    maxConcurrentReconciles !== undefined &&
    !(Number.isInteger(maxConcurrentReconciles) && maxConcurrentReconciles >= 1)
  ) {
    throw unfit(
      "maxConcurrentReconciles",
      `it is ${String(maxConcurrentReconciles)}; it must be a whole number of 1 or more`,
    );
  }
  checkAtLeast("reconcileTimeoutMs", reconcileTimeoutMs, 1);
}

/** @throws InvalidInputError unless `value` is absent or a number of at least `least` */
export function checkAtLeast(field: string, value: number | undefined, least: number): void {
  if (value === undefined || (typeof value === "number" && value >= least)) return;
  throw unfit(field, `it is ${String(value)}; it must be a number of ${least} or more`);
}

function unfit(field: string, problem: string): InvalidInputError {
  return new InvalidInputError(field, `Cannot use ${field}: ${problem}`);
}
