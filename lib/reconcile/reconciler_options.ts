import * as v from "valibot";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import { aFunction, aLogger, anObjectWith, positiveMs, wholeNumber } from "../kubernetes/inputs.ts";
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
   * Asked before each run, for shards and leaders. Only `true` admits, so a promise does not; what it refuses stays
   * held until `readmit()`. When it throws, that is logged and counts as a refusal.
   */
  readonly admit?: ((watcher: ObjectIdentifier) => boolean) | undefined;
  /** By default the runtime's. */
  readonly clock?: Clock | undefined;
  /** Where failed runs and listeners that throw go. Default: the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

/** Options of `Reconciler.stop`. */
export interface ReconcilerStopOptions {
  /** How long runs under way are waited for, in milliseconds. Default 30,000. */
  readonly graceMs?: number | undefined;
}

/** What a Reconciler is made of; a DynamicWatcher takes the same and more. */
export const reconcilerInputs = {
  reconcile: aFunction,
  maxConcurrentReconciles: wholeNumber,
  reconcileTimeoutMs: positiveMs,
  rateLimiter: v.optional(anObjectWith("when", "forget", "retries")),
  admit: v.optional(aFunction),
  clock: v.optional(anObjectWith("now", "setTimeout")),
  logger: aLogger,
};
