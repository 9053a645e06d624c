import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { type CancelTimer, type Clock, delay, systemClock } from "../../lib/support/clock.ts";

/** A clock that stands still until a test moves it. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by `ms` milliseconds: runs each timer at its time, and lets what it set going come to rest before the
   * next one. What waits for a network or a disk is not waited for.
   *
   * @throws InvalidInputError for what is no finite number, 0 or more
   */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/**
 * Makes a clock that begins at 0 and stands still until it is moved: for the server and whatever it is to test, so that
 * an hour passes at once.
 *
 * @example
 * ```ts
 * import { manualClock, memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const clock = manualClock();
 * const server = memoryApiServer({ clock, wallClock: () => new Date(clock.now()) });
 * await clock.advance(3_600_000);
 * const metadata = { name: "settings", namespace: "default" };
 * await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata }); // created at 1970-01-01T01:00:00Z
 * ```
 */
export function manualClock(): ManualClock {
  return new StandingClock();
}

class StandingClock implements ManualClock {
  #now = 0;
  readonly #timers = new Set<Timer>();

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  async advance(ms: number): Promise<void> {
    if (!(Number.isFinite(ms) && ms >= 0)) {
      const problem = "it must be a number of milliseconds, 0 or more";
      throw new InvalidInputError("ms", `Cannot advance the clock: ms: ${problem}`);
    }
    const end = this.#now + ms;
    for (;;) {
      // Behind every promise that can go on by itself.
      await delay(systemClock, 0);
      const timer = this.#firstUntil(end);
      if (timer === undefined) break;
      this.#timers.delete(timer);
      this.#now = timer.at;
      timer.callback();
    }
    this.#now = end;
  }

  /** The earliest timer that is due by then; of those of one time the one that was set first. */
  #firstUntil(end: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && !(first && first.at <= timer.at)) first = timer;
    return first;
  }
}
