import { DependencyWatchError, TransportError } from "../../lib/kubernetes/errors.ts";
import { type LinkedController, linkedController, untilAborted } from "../../lib/support/abort.ts";
import { type ReasonOptions, reasonOf } from "./reason.ts";

/**
 * One try at a request, from its start until the last byte of its answer. It stops once: when its caller aborts,
 * when something fails, or when the transport closes. All that waits for it then rejects with that reason.
 */
export class Exchange {
  /** Method, path and server, for messages. */
  readonly #name: string;
  readonly #controller: LinkedController;
  readonly #open: Set<Exchange>;

  /** @param open where it is found until it is over */
  constructor(name: string, { signal, open }: { signal: AbortSignal | undefined; open: Set<Exchange> }) {
    this.#name = name;
    this.#controller = linkedController(signal);
    this.#open = open;
    if (this.#controller.signal.aborted) return;
    open.add(this);
    this.#controller.signal.addEventListener("abort", () => this.end(), { once: true });
  }

  /**
   * Does a part of the exchange.
   *
   * @param work is given the signal of the exchange; not called when that is stopped
   * @param problem what an error says when the work fails
   * @param options of the reason that goes on from it
   * @throws the reason of the stop
   */
  async run<T>(
    work: (signal: AbortSignal) => Promise<T>,
    problem: string,
    options?: ReasonOptions,
  ): Promise<T> {
    const { signal } = this.#controller;
    signal.throwIfAborted();
    try {
      return await untilAborted(work(signal), signal);
    } catch (error) {
      this.stop(error instanceof DependencyWatchError ? error : this.error(problem, error, options));
      throw signal.reason;
    }
  }

  /** Frees the connection. Nothing happens once the exchange is over. */
  stop(reason?: unknown): void {
    if (this.#open.has(this)) this.#controller.abort(reason);
  }

  /** The answer is there as a whole: forgets the caller's signal. */
  end(): void {
    this.#open.delete(this);
    this.#controller.unlink();
  }

  error(problem: string, cause?: unknown, options?: ReasonOptions): TransportError {
    return new TransportError(`Cannot ${this.#name}: ${problem}${reasonOf(cause, options)}`, { cause });
  }
}
