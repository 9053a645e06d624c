import type { Clock } from "../../lib/support/clock.ts";
import { type BodyFilter, type Ending, OPEN_FILTER } from "./body_filter.ts";
import type { FaultyExchange } from "./faulty_exchange.ts";

type Reader = {
  resolve(result: IteratorResult<Uint8Array>): void;
  reject(error: unknown): void;
};
type Outcome = { readonly error?: unknown };

/** What a body is made with. */
export interface FaultyBodyOptions {
  readonly exchange: FaultyExchange;
  readonly clock: Clock;
  /** Called with what the reader gets. */
  readonly onChunk: (chunk: Uint8Array) => void;
  /** Called once, when the body is over. */
  readonly onOver: () => void;
}

const NOTHING = new Uint8Array(0);
const NEWLINE = 0x0a;

/** A body that is read through a filter, which may be put in at any time. Of its source it reads no chunk ahead. */
export class FaultyBody implements AsyncIterableIterator<Uint8Array> {
  readonly #source: AsyncIterator<Uint8Array>;
  readonly #options: FaultyBodyOptions;
  #filter = OPEN_FILTER;
  /** What has passed the filter and waits for the reader. */
  #ready: Uint8Array[] = [];
  /** What comes behind that. */
  #ending: Ending | undefined;
  #outcome: Outcome | undefined;
  #reader: Reader | undefined;
  #isReading = false;
  #isMidFrame = false;
  /** Cancels the timer of the chunk that is due next. */
  #cancelPace: (() => void) | undefined;

  constructor(source: AsyncIterable<Uint8Array>, options: FaultyBodyOptions) {
    this.#source = source[Symbol.asyncIterator]();
    this.#options = options;
    const { signal } = options.exchange;
    signal.addEventListener("abort", () => this.#finish({ error: signal.reason }), { once: true });
  }

  /** Whether the reader has got a part of a frame and not its end. */
  get isMidFrame(): boolean {
    return this.#isMidFrame;
  }

  /** Puts what the reader has not got yet, and what still comes, through another filter. */
  filterBy(filter: BodyFilter): void {
    const undelivered = [...this.#ready, ...this.#filter.rest()];
    const ending = this.#ending;
    this.#cancelPace?.();
    this.#cancelPace = this.#ending = undefined;
    this.#ready = [];
    this.#filter = filter;
    for (const chunk of [NOTHING, ...undelivered]) this.#take(chunk);
    this.#ending ??= ending;
    this.#serve();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#serve();
    });
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    this.#finish({});
    return { done: true, value: undefined };
  }

  /** Gives the reader what there is for it, or sees to it that something comes. */
  #serve(): void {
    if (!this.#reader || this.#cancelPace) return;
    if (this.#outcome) this.#settle(this.#outcome);
    else if (this.#ready.length > 0) this.#deliver();
    else if (this.#ending === undefined) this.#read();
    else if (this.#ending === "cut") this.#finish({ error: this.#breakError() });
    else if (this.#ending === "end") this.#finish({});
  }

  #deliver(): void {
    const { paceMs } = this.#filter;
    if (paceMs === 0) this.#hand();
    else this.#cancelPace = this.#options.clock.setTimeout(() => this.#hand(), paceMs);
  }

  #hand(): void {
    this.#cancelPace = undefined;
    const reader = this.#reader;
    const chunk = this.#ready.shift();
    if (!reader || !chunk) return;
    this.#reader = undefined;
    this.#isMidFrame = chunk.at(-1) !== NEWLINE;
    this.#options.onChunk(chunk);
    reader.resolve({ done: false, value: chunk });
  }

  #read(): void {
    if (this.#isReading) return;
    this.#isReading = true;
    this.#source.next().then(
      ({ done, value }) => {
        this.#isReading = false;
        if (!done) this.#take(value);
        else this.#endSource();
        this.#serve();
      },
      // After an ending it is our own leaving that the source tells of.
      (error) => this.#ending ?? this.#finish({ error }),
    );
  }

  #endSource(): void {
    if (this.#ending) return;
    this.#ready.push(...this.#filter.rest().filter(({ length }) => length > 0));
    this.#ending = "end";
  }

  #take(chunk: Uint8Array): void {
    if (this.#ending) return;
    const { chunks, ending } = this.#filter.pass(chunk);
    this.#ready.push(...chunks.filter(({ length }) => length > 0));
    this.#ending = ending;
    if (ending) this.#options.exchange.leaveServer();
  }

  #finish(outcome: Outcome): void {
    if (this.#outcome) return;
    this.#outcome = outcome;
    this.#ready = [];
    this.#cancelPace?.();
    this.#cancelPace = undefined;
    this.#options.exchange.end();
    this.#options.onOver();
    this.#settle(outcome);
  }

  #breakError(): Error {
    const reset = { syscall: "read", code: "ECONNRESET" };
    return this.#options.exchange.connectionError("its answer broke off", reset);
  }

  #settle(outcome: Outcome): void {
    const reader = this.#reader;
    this.#reader = undefined;
    if ("error" in outcome) reader?.reject(outcome.error);
    else reader?.resolve({ done: true, value: undefined });
  }
}
