import { checkInputs, positiveNumber } from "../kubernetes/inputs.ts";
import { type Clock, systemClock } from "../support/clock.ts";

/**
 * Says how long a watcher waits before it is tried again. Only retries ask it; triggers and delayed requeues do not.
 *
 * @example
 * ```ts
 * import type { RateLimiter } from "kubernetes-dependency-watches";
 *
 * const everySecond: RateLimiter = { when: () => 1_000, forget() {}, retries: () => 0 };
 * ```
 */
export interface RateLimiter {
  /** Counts one more retry of `key`; how many milliseconds it waits, 0 or more. */
  when(key: string): number;
  /** `key` has succeeded or is gone: its next retry is its first. */
  forget(key: string): void;
  /** How many retries of `key` were asked for since it was last forgotten. */
  retries(key: string): number;
  /** So many retries of `key` came before, in a run whose checkpoint this one goes on from. Default: none is known. */
  resume?(key: string, retries: number): void;
}

/** Options of {@link ItemExponentialFailureRateLimiter}. */
export interface ItemExponentialFailureOptions {
  /** The wait before the first retry, in milliseconds. Default 5. */
  readonly baseDelayMs?: number | undefined;
  /** The longest wait, in milliseconds. Default 1,000,000. */
  readonly maxDelayMs?: number | undefined;
}

/** Each retry of one key waits twice as long as the one before, as client-go's limiter of the same name. */
export class ItemExponentialFailureRateLimiter implements RateLimiter {
  readonly #baseDelayMs: number;
  readonly #maxDelayMs: number;
  readonly #retries = new Map<string, number>();

  /**
   * Nothing has failed yet.
   *
   * @throws {InvalidInputError} for a delay that is not positive
   */
  constructor({ baseDelayMs = 5, maxDelayMs = 1_000_000 }: ItemExponentialFailureOptions = {}) {
    const inputs = { baseDelayMs: positiveNumber, maxDelayMs: positiveNumber };
    checkInputs("make a rate limiter", inputs, { baseDelayMs, maxDelayMs });
    this.#baseDelayMs = baseDelayMs;
    this.#maxDelayMs = maxDelayMs;
  }

  when(key: string): number {
    const retries = this.retries(key);
    this.#retries.set(key, retries + 1);
    return Math.min(this.#baseDelayMs * 2 ** retries, this.#maxDelayMs);
  }

  forget(key: string): void {
    this.#retries.delete(key);
  }

  retries(key: string): number {
    return this.#retries.get(key) ?? 0;
  }

  resume(key: string, retries: number): void {
    this.#retries.set(key, retries);
  }
}

/** Options of {@link BucketRateLimiter}. */
export interface BucketOptions {
  /** How many retries a second the bucket refills by. Default 10. */
  readonly perSecond?: number | undefined;
  /** How many retries at once a full bucket lets through. Default 100. */
  readonly burst?: number | undefined;
  /** By default the runtime's. */
  readonly clock?: Clock | undefined;
}

/** One token bucket for all keys together: beyond the burst, retries queue up at an even rate. */
export class BucketRateLimiter implements RateLimiter {
  readonly #perMs: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #filledAt: number;

  /**
   * The bucket is full.
   *
   * @throws {InvalidInputError} for a number that is not positive
   */
  constructor({ perSecond = 10, burst = 100, clock = systemClock }: BucketOptions = {}) {
    const inputs = { perSecond: positiveNumber, burst: positiveNumber };
    checkInputs("make a rate limiter", inputs, { perSecond, burst });
    this.#perMs = perSecond / 1_000;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#filledAt = clock.now();
  }

  /** Below zero the bucket owes tokens to those who wait already. */
  when(_key: string): number {
    const now = this.#clock.now();
    this.#tokens = Math.min(this.#burst, this.#tokens + (now - this.#filledAt) * this.#perMs) - 1;
    this.#filledAt = now;
    return Math.max(0, -this.#tokens / this.#perMs);
  }

  /** A bucket knows no keys. */
  forget(_key: string): void {}

  retries(_key: string): number {
    return 0;
  }
}

/** Several limiters as one: a key waits as long as the strictest of them says. */
export class MaxOfRateLimiter implements RateLimiter {
  readonly #limiters: readonly RateLimiter[];

  /** Asks all of these each time. */
  constructor(limiters: readonly RateLimiter[]) {
    this.#limiters = limiters;
  }

  when(key: string): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.when(key)));
  }

  forget(key: string): void {
    for (const limiter of this.#limiters) limiter.forget(key);
  }

  retries(key: string): number {
    return Math.max(0, ...this.#limiters.map((limiter) => limiter.retries(key)));
  }

  resume(key: string, retries: number): void {
    for (const limiter of this.#limiters) limiter.resume?.(key, retries);
  }
}

/**
 * What client-go gives its controllers (DefaultTypedControllerRateLimiter): 5 ms to 1,000 s for each key, doubled
 * each time, and 10 retries a second with bursts of 100 for all keys together.
 */
export function defaultControllerRateLimiter({ clock }: { clock?: Clock | undefined } = {}): RateLimiter {
  return new MaxOfRateLimiter([new ItemExponentialFailureRateLimiter(), new BucketRateLimiter({ clock })]);
}
