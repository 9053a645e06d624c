import type { CancelTimer, Clock } from "../../lib/support/clock.ts";

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** A clock that moves only when it is told to. Between two timers everything that can go on without time does. */
export class VirtualClock implements Clock {
  readonly #timers = new Set<Timer>();
  #now = 0;

  now(): number {
    return this.#now;
  }

  setTimeout(callback: () => void, delayMs: number): CancelTimer {
    const timer = { at: this.#now + Math.max(0, delayMs), callback };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  /** How many timers are armed. */
  get pending(): number {
    return this.#timers.size;
  }

  /** Moves time on; `onQuiet` is called each time that nothing more can happen without time. */
  async advance(ms: number, onQuiet: () => void): Promise<void> {
    const end = this.#now + ms;
    await quiet();
    onQuiet();
    for (let next = this.#next(end); next; next = this.#next(end)) {
      this.#timers.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.callback();
      await quiet();
      onQuiet();
    }
    this.#now = end;
  }

  /** The first of the timers that are due by `end`; of two at once, the older one. */
  #next(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) if (timer.at <= end && (!next || timer.at < next.at)) next = timer;
    return next;
  }
}

const { setImmediate } = globalThis;

/** Resolves when all that waits for promises only has gone on until it waits for something else. */
export function quiet(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
