import * as v from "valibot";
import { InvalidInputError } from "../kubernetes/errors.ts";
import type { Transport } from "../protocol/transport.ts";
import type { RateLimiter } from "../reconcile/rate_limiter.ts";
import type { ReconcileFunction } from "../reconcile/reconcile_function.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import { type Logger, resolveLogger } from "../support/logger.ts";

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
  /** How many milliseconds the start of a watch may hear nothing from the server. Default 30,000. */
  readonly startTimeoutMs?: number | undefined;
  /** The timeout that the server is asked to give each watch, in milliseconds. Default: random, 300,000 to 600,000. */
  readonly watchTimeoutMs?: number | undefined;
  /** How many milliseconds the resource of a kind is believed. Default 600,000. */
  readonly discoveryTtlMs?: number | undefined;
  /** How many milliseconds it is believed that a kind does not exist. Default 0. */
  readonly missingResourceTtlMs?: number | undefined;
  /** Default: the runtime's own. */
  readonly clock?: Clock | undefined;
  /** Default: warnings and errors on the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

/** Options of every call that can be given up. */
export interface CallOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
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

const positiveMs = v.optional(v.pipe(v.number(), v.finite(), v.gtValue(0, "it must be more than 0")));
const ms = v.optional(v.pipe(v.number(), v.finite(), v.minValue(0, "it must be 0 or more")));
const withFunctions = (...names: string[]) =>
  v.custom<object>(
    (value) => names.every((name) => typeof (value as Record<string, unknown> | null)?.[name] === "function"),
    `it must be an object with ${names.map((name) => `${name}()`).join(", ")}`,
  );

const optionsSchema = v.object({
  transport: withFunctions("request", "close"),
  reconcile: v.function("it must be a function"),
  cache: v.optional(v.boolean()),
  initialReconcile: v.optional(v.boolean()),
  rateLimiter: v.optional(withFunctions("when", "forget", "retries")),
  maxConcurrentReconciles: v.optional(v.pipe(v.number(), v.integer(), v.minValue(1, "it must be 1 or more"))),
  reconcileTimeoutMs: positiveMs,
  startTimeoutMs: positiveMs,
  watchTimeoutMs: positiveMs,
  discoveryTtlMs: ms,
  missingResourceTtlMs: ms,
  clock: v.optional(withFunctions("now", "setTimeout")),
  logger: v.optional(
    v.union([v.literal(false), withFunctions("warn", "error")], "it must be false or a logger"),
  ),
});

/**
 * The signal of a call's options.
 *
 * @throws InvalidInputError where it is none
 */
export function signalOf(options: CallOptions | undefined): AbortSignal | undefined {
  const signal = options?.signal ?? undefined;
  if (signal === undefined || typeof signal.addEventListener === "function") return signal;
  throw new InvalidInputError("signal", "Cannot listen to the signal: it must be an AbortSignal");
}

/**
 * Checks the options and fills in the defaults.
 *
 * @throws InvalidInputError naming the option at fault.
 */
export function resolveOptions(options: DynamicWatcherOptions): ResolvedOptions {
  const parsed = v.safeParse(optionsSchema, options);
  if (!parsed.success) {
    const [issue] = parsed.issues;
    const field = String(issue.path?.[0]?.key ?? "options");
    throw new InvalidInputError(field, `Cannot construct a DynamicWatcher: ${field}: ${issue.message}`);
  }
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
