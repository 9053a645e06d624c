import type { TimeoutError } from "../kubernetes/errors.ts";
import { linkedController, untilAborted } from "../support/abort.ts";
import type { Clock } from "../support/clock.ts";

/** How long some work may take. */
export interface TimeLimit {
  readonly limitMs: number;
  readonly clock: Clock;
  /** Ends it sooner. */
  readonly signal?: AbortSignal | undefined;
  /** What it rejects with when the time is over. */
  timeout(limitMs: number): TimeoutError;
}

/** The outcome of `work`, unless its time is over first: then its signal aborts, and nobody waits for it. */
export async function within<T>(
  { limitMs, clock, signal, timeout }: TimeLimit,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limited = linkedController(signal);
  const cancel = clock.setTimeout(() => limited.abort(timeout(limitMs)), limitMs);
  try {
    return await untilAborted(work(limited.signal), limited.signal);
  } finally {
    cancel();
    limited.unlink();
  }
}
