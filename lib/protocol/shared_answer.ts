import { untilAborted } from "../support/abort.ts";
import type { Clock } from "../support/clock.ts";
import type { CallOptions } from "./request_json.ts";

/** Gets an answer anew; `previous` is the last one, however old. */
export type Fetch<T> = (previous: T | undefined, options: CallOptions) => Promise<T>;

interface Flight<T> {
  readonly answer: Promise<T>;
  readonly abort: AbortController;
  readonly listeners: Set<() => void>;
  begun: boolean;
}

/**
 * An answer of the server that is kept for a while, and fetched by one request at a time however many ask for it.
 * Failures are told to all who wait for them, and never kept.
 */
export class SharedAnswer<T> {
  readonly #fetch: Fetch<T>;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  #kept: { readonly answer: T; readonly until: number } | undefined;
  #flight: Flight<T> | undefined;

  constructor(fetch: Fetch<T>, { clock, ttlMs }: { clock: Clock; ttlMs: number }) {
    this.#fetch = fetch;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
  }

  /** The last answer, unless it is older than its time to live. */
  get current(): T | undefined {
    return this.#kept && this.#clock.now() < this.#kept.until ? this.#kept.answer : undefined;
  }

  /** Whether a request is under way that may not know of what happens now. */
  get fetching(): boolean {
    return this.#flight?.begun ?? false;
  }

  /**
   * The answer of the request under way, or of a new one. Whoever aborts leaves the others alone; when the last one
   * has, the request is aborted too.
   */
  async refresh({ signal, onProgress }: CallOptions = {}): Promise<T> {
    signal?.throwIfAborted();
    this.#flight ??= this.#start();
    const flight = this.#flight;
    // Its own function: a callback that two give is called for both.
    const listener = () => onProgress?.();
    flight.listeners.add(listener);
    try {
      return await (signal ? untilAborted(flight.answer, signal) : flight.answer);
    } finally {
      flight.listeners.delete(listener);
      if (flight.listeners.size === 0) this.#abandon(flight, signal?.reason);
    }
  }

  #start(): Flight<T> {
    const flight: Flight<T> = {
      // In a microtask, so that all who ask in one turn share one request.
      answer: Promise.resolve().then(() => this.#run(flight)),
      abort: new AbortController(),
      listeners: new Set(),
      begun: false,
    };
    return flight;
  }

  async #run(flight: Flight<T>): Promise<T> {
    flight.begun = true;
    const { signal } = flight.abort;
    const onProgress = () => {
      for (const listener of flight.listeners) listener();
    };
    try {
      const answer = await this.#fetch(this.#kept?.answer, { signal, onProgress });
      if (this.#flight === flight) this.#kept = { answer, until: this.#clock.now() + this.#ttlMs };
      return answer;
    } finally {
      if (this.#flight === flight) this.#flight = undefined;
    }
  }

  /** Aborts a request that nobody waits for; one that has ended is not under way any more. */
  #abandon(flight: Flight<T>, reason: unknown): void {
    if (this.#flight !== flight) return;
    this.#flight = undefined;
    flight.abort.abort(reason);
  }
}
