import { onAbort } from "./abort.ts";

/** Stops a timer; a second call, or one after the timer has fired, does nothing. */
export type CancelTimer = () => void;

/**
 * Where the library gets its time from. Give your own to test without waiting.
 *
 * @example
 * ```ts
 * import { systemClock } from "kubernetes-dependency-watches";
 *
 * const started = systemClock.now();
 * const cancel = systemClock.setTimeout(() => {}, 60_000);
 * cancel();
 * systemClock.now() >= started; // true
 * ```
 */
export interface Clock {
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  now(): number;
  /** Calls `callback` once after `delayMs` milliseconds, however long that is; gives back what cancels it. */
  setTimeout(callback: () => void, delayMs: number): CancelTimer;
}

/** The longest delay that a runtime's own timer takes; beyond it Node fires at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

function setChainedTimeout(callback: () => void, delayMs: number): CancelTimer {
  let handle: ReturnType<typeof setTimeout>;
  function arm(remainingMs: number): void {
    handle =
      remainingMs > LONGEST_TIMER_MS
        ? setTimeout(() => arm(remainingMs - LONGEST_TIMER_MS), LONGEST_TIMER_MS)
        : setTimeout(callback, remainingMs);
  }
  arm(Math.max(0, delayMs));
  return () => clearTimeout(handle);
}

/** The runtime's own clock: `performance.now` and `setTimeout`, chained where a delay is longer than a timer takes. */
export const systemClock: Clock = {
  now: () => performance.now(),
  setTimeout: setChainedTimeout,
};

/** The time of day, in milliseconds since 1970: for what outlives a process. It may go back. */
export function epochMs(): number {
  return Date.now();
}

/**
 * Resolves after `delayMs` milliseconds of `clock`.
 *
 * @throws `signal.reason`, at once, when `signal` aborts; the timer is then gone.
 */
export function delay(
  clock: Clock,
  delayMs: number,
  { signal }: { signal?: AbortSignal | undefined } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.setTimeout(() => {
      forget?.();
      resolve();
    }, delayMs);
    const forget =
      signal &&
      onAbort(signal, () => {
        cancel();
        reject(signal.reason);
      });
  });
}

/** Resolves when all of `promises` have settled, or after `limitMs` milliseconds of `clock`. */
export function settledWithin(
  promises: Iterable<Promise<unknown>>,
  { clock, limitMs }: { clock: Clock; limitMs: number },
): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.setTimeout(resolve, limitMs);
    Promise.allSettled(promises).then(() => {
      cancel();
      resolve();
    });
  });
}
