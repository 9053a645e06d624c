import { type DependencyWatchError, NotStartedError, TimeoutError } from "../kubernetes/errors.ts";
import { aSignal, checkInputs, positiveNumber, someMs } from "../kubernetes/inputs.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { linkedController, untilAborted } from "../support/abort.ts";
import { type Clock, delay } from "../support/clock.ts";
import type { CallOptions } from "./call.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Run } from "./run.ts";

/** Options of `runUntilIdle`. */
export interface RunUntilIdleOptions extends CallOptions {
  /** After how many milliseconds it stops, idle or not. */
  readonly timeoutMs: number;
  /** How many milliseconds more it waits for reconciles that are under way then. Default 1,000. */
  readonly graceMs?: number | undefined;
}

/** What a run came to. */
export interface RunSummary {
  /** Whether nothing was left to do; false: its time was over before. */
  readonly idle: boolean;
  /** Whether it went on from a checkpoint, or began anew. */
  readonly start: "warm" | "cold";
  /** Why it began anew though there was a checkpoint; its code is CHECKPOINT_REFUSED. */
  readonly refused?: DependencyWatchError | undefined;
  /** The last failure of one of the watches that could not go on until the time was over; `watched` says of what. */
  readonly error?: DependencyWatchError | undefined;
  /** How many reconciles have ended since start(). */
  readonly reconciles: number;
  /** How many of these failed. */
  readonly failed: number;
  /** How many watchers are still to be reconciled: not reached, failed, or not due before the next run. */
  readonly remaining: number;
  /** In how many milliseconds the first of them is due; 0: at once. Absent where none remains. */
  readonly nextDueMs?: number;
}

/** How often it looks whether there is anything left to do: calls, watches and delays have no one event for that. */
const LOOK_MS = 20;

/** What is started, waited for and stopped. */
export interface IdleHost {
  readonly lifecycle: Lifecycle;
  readonly reconciler: Reconciler;
  readonly clock: Clock;
}

/** Starts, waits until nothing is left to do or the time is over, and stops, however that ends. */
export async function runUntilIdle(options: RunUntilIdleOptions, host: IdleHost): Promise<RunSummary> {
  const { timeoutMs = Number.NaN, graceMs = 1_000, ...others } = options ?? {};
  const schemas = { timeoutMs: positiveNumber, graceMs: someMs, signal: aSignal };
  const signal = others.signal ?? undefined;
  checkInputs("run until idle", schemas, { ...others, signal, timeoutMs, graceMs });
  const { lifecycle, clock } = host;
  const time = linkedController(signal);
  const timeout = `Cannot start: a stop before it, or its checkpoint, took over ${timeoutMs} ms`;
  const cancel = clock.setTimeout(() => time.abort(new TimeoutError(timeout, timeoutMs)), timeoutMs);
  const deadline = clock.now() + timeoutMs;
  try {
    await untilAborted(lifecycle.start(), time.signal);
    const run = lifecycle.active;
    const summary = run && (await untilIdle(run, { ...host, deadline, signal: time.signal }));
    signal?.throwIfAborted();
    if (summary && run === lifecycle.active) return summary;
    throw new NotStartedError("run until idle", "it was stopped meanwhile");
  } finally {
    cancel();
    time.unlink();
    await lifecycle.stop(graceMs);
  }
}

async function untilIdle(
  run: Run,
  { lifecycle, reconciler, clock, deadline, signal }: IdleHost & { deadline: number; signal: AbortSignal },
): Promise<RunSummary> {
  const { serving, watchers, loaded } = run;
  const isIdle = () =>
    !watchers.busy && serving.caughtUp && !reconciler.isBusy(Math.max(0, deadline - clock.now()));
  while (!signal.aborted && run === lifecycle.active && !isIdle()) {
    await delay(clock, LOOK_MS, { signal }).catch(() => undefined);
  }
  const { error } = serving;
  const delays = Array.from(reconciler.due(), ({ delayMs }) => delayMs);
  return {
    idle: !signal.aborted,
    start: loaded?.snapshot ? "warm" : "cold",
    ...(loaded?.refused && { refused: loaded.refused }),
    ...(error && { error }),
    reconciles: reconciler.counts.ended,
    failed: reconciler.counts.failed,
    remaining: delays.length,
    ...(delays.length > 0 && { nextDueMs: delays.reduce((a, b) => Math.min(a, b)) }),
  };
}
