/** How long to wait after a number of failures in a row. */
export interface BackoffPolicy {
  /** The wait after the first failure, in milliseconds. */
  readonly initialMs: number;
  /** What each further failure multiplies the wait by. */
  readonly factor: number;
  /** The longest wait before jitter, in milliseconds. */
  readonly maxMs: number;
  /** Up to this share of the wait is added at random: 1 doubles it at most. */
  readonly jitter: number;
}

/** What client-go's Reflector waits between tries: 0.8 s to 30 s, doubled each time, jitter 1. */
export const REFLECTOR_BACKOFF: BackoffPolicy = { initialMs: 800, factor: 2, maxMs: 30_000, jitter: 1 };

/**
 * The wait in milliseconds after `failures` (1 or more) in a row.
 *
 * @param random gives numbers in [0, 1), as Math.random does
 */
export function backoffDelayMs(policy: BackoffPolicy, failures: number, random: () => number): number {
  // 2^1024 is no number any more: a watch may fail for days.
  const doublings = Math.min(Math.max(0, failures - 1), 64);
  const base = Math.min(policy.maxMs, policy.initialMs * policy.factor ** doublings);
  return base * (1 + policy.jitter * random());
}
