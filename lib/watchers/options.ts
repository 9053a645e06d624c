import * as v from "valibot";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import { aFlag, aFunction, anObjectWith, checkInputs, positiveMs, someMs } from "../kubernetes/inputs.ts";
import type { Transport } from "../protocol/transport.ts";
import type { RateLimiter } from "../reconcile/rate_limiter.ts";
import type { ReconcileFunction } from "../reconcile/reconcile_function.ts";
import { reconcilerInputs } from "../reconcile/reconciler_options.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { type Logger, resolveLogger } from "../support/logger.ts";
import type { Checkpoint } from "./checkpoint_contract.ts";

/** What a DynamicWatcher is made of. */
export interface DynamicWatcherOptions {
  /** What reaches the API server. Whoever made it closes it. */
  readonly transport: Transport;
  /** Called with a watcher when something that it depends on has changed. */
  readonly reconcile: ReconcileFunction;
  /** Keep the objects themselves, for queries and the cache getters. Default false: metadata only. */
  readonly cache?: boolean | undefined;
  /** Reconcile a watcher for each new dependency that exists already. Default true. */
  readonly initialReconcile?: boolean | undefined;
  /** What retries wait for. Default: client-go's, 5 ms to 1,000 s per watcher and 10/s with a burst of 100 in all. */
  readonly rateLimiter?: RateLimiter | undefined;
  /** How many watchers may be reconciled at once. Default 1. */
  readonly maxConcurrentReconciles?: number | undefined;
  /** After how many milliseconds a reconcile has failed. Default: none. */
  readonly reconcileTimeoutMs?: number | undefined;
  /** Asked before each reconcile; only `true` admits. A watcher that is refused waits for `reconciler.readmit()`. Default: all may. */
  readonly admit?: ((watcher: ObjectIdentifier) => boolean) | undefined;
  /** How many milliseconds the start of a watch may hear nothing from the server. Default 30,000. */
  readonly startTimeoutMs?: number | undefined;
  /** The timeout that the server is asked to give each watch, in milliseconds. Default: random, 300,000 to 600,000. */
  readonly watchTimeoutMs?: number | undefined;
  /** How many milliseconds the resource of a kind is believed. Default 600,000. */
  readonly discoveryTtlMs?: number | undefined;
  /** How many milliseconds it is believed that a kind does not exist. Default 0. */
  readonly missingResourceTtlMs?: number | undefined;
  /** Goes on where the last run ended: `checkpoint(store)` of `/serverless`. Default: each start is a cold one. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Default: the runtime's own. */
  readonly clock?: Clock | undefined;
  /** From 0 up to 1, for backoff and the length of watches. Default: Math.random. */
  readonly random?: (() => number) | undefined;
  /** Default: warnings and errors on the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

type Defaulted =
  | "cache"
  | "initialReconcile"
  | "startTimeoutMs"
  | "discoveryTtlMs"
  | "missingResourceTtlMs"
  | "clock";

/** The options with all defaults filled in. */
export type ResolvedOptions = Omit<DynamicWatcherOptions, Defaulted | "logger"> & {
  readonly [K in Defaulted]: NonNullable<DynamicWatcherOptions[K]>;
} & { readonly logger: Logger };

const inputs = {
  transport: anObjectWith("request", "close"),
  ...reconcilerInputs,
  cache: aFlag,
  initialReconcile: aFlag,
  startTimeoutMs: positiveMs,
  watchTimeoutMs: positiveMs,
  discoveryTtlMs: someMs,
  missingResourceTtlMs: someMs,
  checkpoint: v.optional(anObjectWith("load", "save")),
  random: v.optional(aFunction),
};

/**
 * Checks the options and fills in the defaults.
 *
 * @throws InvalidInputError naming the option at fault.
 */
export function resolveOptions(options: DynamicWatcherOptions): ResolvedOptions {
  checkInputs("construct a DynamicWatcher", inputs, options);
  return {
    ...options,
    cache: options.cache ?? false,
    initialReconcile: options.initialReconcile ?? true,
    startTimeoutMs: options.startTimeoutMs ?? 30_000,
    discoveryTtlMs: options.discoveryTtlMs ?? 600_000,
    missingResourceTtlMs: options.missingResourceTtlMs ?? 0,
    clock: options.clock ?? systemClock,
    logger: resolveLogger(options.logger),
  };
}
