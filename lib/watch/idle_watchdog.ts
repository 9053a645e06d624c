import type { CancelTimer, Clock } from "../support/clock.ts";

/** A timer that fires so much late tells of a machine that slept, or of a process that was held up. */
const LATE_MS = 1000;
/** What is then left to arrive before anybody is judged. */
const TURN_MS = 1000;
/** However many streams there are, they are looked through no more often than this. */
const SHORTEST_ROUND_MS = 1000;

interface Guarded {
  lastMs: number;
  limitMs: number;
  readonly onIdle: () => void;
}

/** The watchdog's hold on one stream. */
export interface IdleGuard {
  /** Something came: the silence begins anew. Costs no timer. `limitMs` sets the limit from now on. */
  touch(limitMs?: number): void;
  /** The stream is over; a second call does nothing. */
  dispose(): void;
}

/**
 * Finds the streams that have been silent too long, with one timer for all of them and none for none.
 *
 * A timer that fires much too late grants all streams one turn before it judges: after a suspended machine, what
 * came meanwhile is still unread.
 *
 * @example
 * ```ts
 * import { systemClock } from "kubernetes-dependency-watches";
 *
 * const silent = new AbortController();
 * const watchdog = new IdleWatchdog(systemClock);
 * const guard = watchdog.register(30_000, () => silent.abort());
 * guard.touch();
 * guard.dispose();
 * ```
 */
export class IdleWatchdog {
  readonly #clock: Clock;
  readonly #guarded = new Set<Guarded>();
  #timer: { readonly at: number; readonly cancel: CancelTimer } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Calls `onIdle` once, after `limitMs` milliseconds without a touch (up to a second later; Infinity: never). */
  register(limitMs: number, onIdle: () => void): IdleGuard {
    const guarded: Guarded = { lastMs: this.#clock.now(), limitMs, onIdle };
    this.#guarded.add(guarded);
    this.#arm(guarded.lastMs + limitMs);
    return {
      touch: (limit = guarded.limitMs) => {
        guarded.lastMs = this.#clock.now();
        const sooner = limit < guarded.limitMs;
        guarded.limitMs = limit;
        if (sooner && this.#guarded.has(guarded)) this.#arm(guarded.lastMs + limit);
      },
      dispose: () => this.#forget(guarded),
    };
  }

  #forget(guarded: Guarded): void {
    this.#guarded.delete(guarded);
    if (this.#guarded.size > 0) return;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Sees to it that the timer fires at `at` or before; never means never. */
  #arm(at: number): void {
    if (at === Number.POSITIVE_INFINITY || (this.#timer && this.#timer.at <= at)) return;
    this.#timer?.cancel();
    this.#timer = { at, cancel: this.#clock.setTimeout(() => this.#round(at), at - this.#clock.now()) };
  }

  #round(plannedAt: number): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    if (now - plannedAt > LATE_MS) {
      this.#arm(now + TURN_MS);
      return;
    }
    let next = Number.POSITIVE_INFINITY;
    const idle: Guarded[] = [];
    for (const guarded of this.#guarded) {
      const at = guarded.lastMs + guarded.limitMs;
      if (at <= now) idle.push(guarded);
      else next = Math.min(next, at);
    }
    for (const guarded of idle) this.#guarded.delete(guarded);
    this.#arm(Math.max(next, now + SHORTEST_ROUND_MS));
    for (const { onIdle } of idle) onIdle();
  }
}
