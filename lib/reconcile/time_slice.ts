import type { CancelTimer, Clock } from "../support/clock.ts";

/** How long work may go on in microtasks before timers and I/O get their turn. */
const SLICE_MS = 10;

/**
 * Keeps work that runs in microtasks from starving the event loop: a slice ends when the loop has turned, and one
 * that is used up before makes the work wait for that.
 */
export class TimeSlice {
  readonly #clock: Clock;
  readonly #onNext: () => void;
  #startedAt = 0;
  #cancel: CancelTimer | undefined;

  /** @param onNext called when the loop has turned, in a macrotask: work that had to wait goes on here */
  constructor(clock: Clock, onNext: () => void) {
    this.#clock = clock;
    this.#onNext = onNext;
  }

  /** Whether another piece of work may begin now; the first one opens a slice. */
  enter(): boolean {
    if (this.#cancel !== undefined) return this.#clock.now() - this.#startedAt < SLICE_MS;
    this.#startedAt = this.#clock.now();
    this.#cancel = this.#clock.setTimeout(() => {
      this.#cancel = undefined;
      this.#onNext();
    }, 0);
    return true;
  }

  /** Ends the slice and its timer; nothing is called any more. */
  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}
