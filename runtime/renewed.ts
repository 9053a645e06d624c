import type { Clock } from "../lib/support/clock.ts";

/** How long what was read from a file is used before the file is read again, as client-go does with tokens. */
const REREAD_AFTER_MS = 60_000;

/**
 * What others renew in files: read at once, then again when it is a minute old and when the server has rejected it. A
 * later read that fails keeps what was there; the next request tries again, and the server judges.
 */
export class Renewed<T> {
  readonly #read: () => Promise<T>;
  readonly #clock: Clock;
  #value: T;
  #readAt: number;
  #reading: Promise<void> | undefined;

  private constructor(read: () => Promise<T>, { clock, value }: { clock: Clock; value: T }) {
    this.#read = read;
    this.#clock = clock;
    this.#value = value;
    this.#readAt = clock.now();
  }

  /** @throws what the first `read` rejects with */
  static async first<T>(read: () => Promise<T>, clock: Clock): Promise<Renewed<T>> {
    return new Renewed(read, { clock, value: await read() });
  }

  /** What was read last. */
  get value(): T {
    return this.#value;
  }

  /** Reads again where that is due. Never rejects. */
  async refresh({ rejected }: { rejected: boolean }): Promise<T> {
    if (rejected || this.#clock.now() - this.#readAt >= REREAD_AFTER_MS) {
      this.#reading ??= this.#readAgain();
      await this.#reading;
    }
    return this.#value;
  }

  async #readAgain(): Promise<void> {
    try {
      this.#value = await this.#read();
      this.#readAt = this.#clock.now();
    } catch {
      // Said above: the old one stays.
    } finally {
      this.#reading = undefined;
    }
  }
}
