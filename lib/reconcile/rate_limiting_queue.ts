import { InvalidInputError } from "../kubernetes/errors.ts";
import type { Key } from "../kubernetes/identifier.ts";
import type { Clock } from "../support/clock.ts";
import { DelayingQueue } from "./delaying_queue.ts";
import type { RateLimiter } from "./rate_limiter.ts";

/** A {@link DelayingQueue} to which what has failed is added when a {@link RateLimiter} allows it. */
export class RateLimitingQueue extends DelayingQueue {
  readonly #rateLimiter: RateLimiter;

  constructor(onReady: () => void, { clock, rateLimiter }: { clock: Clock; rateLimiter: RateLimiter }) {
    super(onReady, clock);
    this.#rateLimiter = rateLimiter;
  }

  /**
   * Adds the key once its next retry is allowed.
   *
   * @returns the wait in milliseconds
   * @throws what the rate limiter throws; InvalidInputError when it answers anything but a number of 0 or more
   */
  addRateLimited(key: Key): number {
    const delayMs = this.#rateLimiter.when(key);
    if (!(Number.isFinite(delayMs) && delayMs >= 0)) {
      throw new InvalidInputError(
        "rateLimiter.when",
        `Cannot retry: the rate limiter gave ${delayMs}; it must give milliseconds, 0 or more`,
      );
    }
    this.addAfter(key, delayMs);
    return delayMs;
  }

  /** So many retries of the key came before, in a former run. */
  resume(key: Key, retries: number): void {
    this.#rateLimiter.resume?.(key, retries);
  }

  /** The next retry of this key is its first. What is queued or delayed stays. */
  forget(key: Key): void {
    this.#rateLimiter.forget(key);
  }
}
