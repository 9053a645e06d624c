import type { CancelTimer, Clock } from "./clock.ts";

/** Calls back once when `limitMs` have gone by since it was made or last touched. A touch costs one clock reading. */
export class SilenceTimer {
  readonly #clock: Clock;
  readonly #limitMs: number;
  readonly #onSilence: () => void;
  #heardAt: number;
  #cancel: CancelTimer;

  constructor(clock: Clock, limitMs: number, onSilence: () => void) {
    this.#clock = clock;
    this.#limitMs = limitMs;
    this.#onSilence = onSilence;
    this.#heardAt = clock.now();
    this.#cancel = clock.setTimeout(() => this.#judge(), limitMs);
  }

  /** Something was heard: the limit counts anew. */
  touch(): void {
    this.#heardAt = this.#clock.now();
  }

  /** Ends it without a call. */
  stop(): void {
    this.#cancel();
  }

  #judge(): void {
    const remainingMs = this.#heardAt + this.#limitMs - this.#clock.now();
    if (remainingMs > 0) this.#cancel = this.#clock.setTimeout(() => this.#judge(), remainingMs);
    else this.#onSilence();
  }
}
