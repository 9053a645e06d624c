import type { Transport } from "../protocol/transport.ts";
import { onAbort } from "../support/abort.ts";
import type { CancelTimer, Clock } from "../support/clock.ts";

const SHORTEST_TURN_MS = 1000;
/** Who is asked in the middle of a frame cannot give way: after this long another is asked too. */
const ANSWER_MS = 1000;
/** However many streams share a budget, no more than ten a second give way. */
const BETWEEN_TURNS_MS = 100;

/** The right to have one stream open. */
export interface Turn {
  /** From now on the stream can give way without a loss: `onAsked` is called once when others have waited long enough. */
  share(onAsked: () => void): void;
  /** The connection has ended. A second call does nothing. */
  end(): void;
}

interface Shared {
  readonly sinceMs: number;
  readonly onAsked: () => void;
}

/**
 * The streams that a transport may have open at once, which take turns where there are more. Who waits is served in
 * the order of coming; who has held a turn longest gives way first, and not before it has lasted a while.
 *
 * @example
 * ```ts
 * import { systemClock } from "kubernetes-dependency-watches";
 *
 * const budget = new StreamBudget(6, systemClock);
 * const leaving = new AbortController();
 * const turn = budget.take() ?? (await budget.wait(leaving.signal));
 * turn.share(() => console.log("somebody waits"));
 * turn.end();
 * ```
 */
export class StreamBudget {
  readonly #limit: number;
  readonly #clock: Clock;
  readonly #held = new Set<Turn>();
  /** Those that can be asked to give way, the oldest first. */
  readonly #shared = new Map<Turn, Shared>();
  /** Those that have been asked and have not ended yet, with the time until which they are relied on. */
  readonly #asked = new Map<Turn, number>();
  readonly #queue = new Set<() => void>();
  /** When somebody may be asked again. */
  #nextMs = 0;
  #cancelTimer: CancelTimer | undefined;

  /** @param limit how many; at least one stream is always let through */
  constructor(limit: number, clock: Clock) {
    this.#limit = Math.max(1, limit);
    this.#clock = clock;
  }

  /** Whether none is left: then somebody may be waiting. */
  get spent(): boolean {
    return this.#held.size >= this.#limit;
  }

  /** A turn where one is left. */
  take(): Turn | undefined {
    return this.spent ? undefined : this.#begin();
  }

  /**
   * A turn after all who have come before.
   *
   * @throws `signal.reason`
   */
  async wait(signal: AbortSignal): Promise<Turn> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const next = () => {
        this.#queue.delete(next);
        forget();
        resolve(this.#begin());
      };
      const forget = onAbort(signal, () => {
        this.#queue.delete(next);
        reject(signal.reason);
        this.#rotate();
      });
      this.#queue.add(next);
      this.#rotate();
    });
  }

  #begin(): Turn {
    const turn: Turn = {
      share: (onAsked) => {
        this.#shared.set(turn, { sinceMs: this.#clock.now(), onAsked });
        this.#rotate();
      },
      end: () => {
        if (!this.#held.delete(turn)) return;
        this.#shared.delete(turn);
        this.#asked.delete(turn);
        const [next] = this.#queue;
        next?.();
        this.#rotate();
      },
    };
    this.#held.add(turn);
    return turn;
  }

  /** Asks as many to give way as wait, as far as their time is over; comes back when that of the next one is. */
  #rotate(): void {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    const [oldest] = this.#shared;
    if (oldest === undefined || this.#queue.size === 0) return;
    const [turn, { sinceMs, onAsked }] = oldest;
    const now = this.#clock.now();
    for (const [asked, untilMs] of this.#asked) if (untilMs <= now) this.#asked.delete(asked);
    const [answerMs = 0] = this.#asked.size < this.#queue.size ? [] : this.#asked.values();
    const remainingMs = Math.max(sinceMs + SHORTEST_TURN_MS, this.#nextMs, answerMs) - now;
    if (remainingMs > 0) {
      this.#cancelTimer = this.#clock.setTimeout(() => this.#rotate(), remainingMs);
      return;
    }
    this.#nextMs = now + BETWEEN_TURNS_MS;
    this.#shared.delete(turn);
    this.#asked.set(turn, now + ANSWER_MS);
    onAsked();
    this.#rotate();
  }
}

const budgets = new WeakMap<object, StreamBudget>();

/**
 * The budget of a transport, one for all who use it, and for all transports with one and the same `limits`; without
 * limits it is never spent.
 */
export function budgetOf(transport: Transport, clock: Clock): StreamBudget {
  const { limits = {} } = transport;
  const budget =
    budgets.get(transport) ??
    budgets.get(limits) ??
    new StreamBudget(limits.streams ?? Number.POSITIVE_INFINITY, clock);
  budgets.set(transport, budget).set(limits, budget);
  return budget;
}
