import { InvalidInputError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { Clock } from "../support/clock.ts";
import type { Logger } from "../support/logger.ts";
import type { RateLimiter } from "./rate_limiter.ts";

/** Options of a {@link Reconciler}. */
export interface ReconcilerOptions {
  /** How many watchers are reconciled at once. Default 1. */
  readonly maxConcurrentReconciles?: number | undefined;
  /** How long one run may take, in milliseconds. Default: as long as it likes. */
  readonly reconcileTimeoutMs?: number | undefined;
  /** How long what failed waits. Default: {@link defaultControllerRateLimiter}. */
  readonly rateLimiter?: RateLimiter | undefined;
  /**
   * Asked before each run, for shards and leaders. What it refuses stays held until `readmit()`. When it throws, that
   * is logged and counts as a refusal.
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

/** @throws InvalidInputError unless `value` is absent or a number of at least `least` */
export function checkAtLeast(field: string, value: number | undefined, least: number): void {
  if (value === undefined || value >= least) return;
  throw new InvalidInputError(
    field,
    `Cannot use ${field}: it is ${value}; it must be a number of ${least} or more`,
  );
}
