import type { Key } from "../kubernetes/identifier.ts";
import type { CancelTimer, Clock } from "../support/clock.ts";
import { WorkQueue } from "./work_queue.ts";

interface Delayed {
  readonly at: number;
  readonly cancel: CancelTimer;
}

/** A {@link WorkQueue} to which a key can be added later. Each key has one delay at most: the one that ends first. */
export class DelayingQueue extends WorkQueue {
  readonly #clock: Clock;
  readonly #delayed = new Map<Key, Delayed>();

  constructor(onReady: () => void, clock: Clock) {
    super(onReady);
    this.#clock = clock;
  }

  /** Adds the key after `delayMs` milliseconds; at once for 0. */
  addAfter(key: Key, delayMs: number): void {
    if (delayMs <= 0) {
      this.add(key);
      return;
    }
    const at = this.#clock.now() + delayMs;
    const earlier = this.#delayed.get(key);
    if (earlier !== undefined && earlier.at <= at) return;
    earlier?.cancel();
    const cancel = this.#clock.setTimeout(() => {
      this.#delayed.delete(key);
      this.add(key);
    }, delayMs);
    this.#delayed.set(key, { at, cancel });
  }

  /** In how many milliseconds the key waits to be taken; 0 where it does already, or is not delayed. */
  delayMs(key: Key): number {
    const delayed = this.#delayed.get(key);
    return delayed === undefined || this.has(key) ? 0 : Math.max(0, delayed.at - this.#clock.now());
  }

  /** Who takes a key takes its delay with it: nothing of before that comes later. */
  override take(): Key | undefined {
    const key = super.take();
    if (key !== undefined) this.#cancel(key);
    return key;
  }

  override remove(key: Key): void {
    super.remove(key);
    this.#cancel(key);
  }

  #cancel(key: Key): void {
    this.#delayed.get(key)?.cancel();
    this.#delayed.delete(key);
  }
}
