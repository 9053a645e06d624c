import { untilAborted } from "../lib/support/abort.ts";
import type { ExecCredential } from "./exec_plugin.ts";

/**
 * The runs of a plugin, one at a time however many wait for it. A run goes on when nobody waits any more: whoever watches
 * gives up a silent request sooner than a slow plugin ends, and the next request is to find what it gave.
 */
export class ExecRuns {
  readonly #run: (signal: AbortSignal) => Promise<ExecCredential>;
  readonly #closing = new AbortController();
  #last: ExecCredential | undefined;
  #running: Promise<ExecCredential> | undefined;

  /** @param run ends by itself at last, or when the signal aborts */
  constructor(run: (signal: AbortSignal) => Promise<ExecCredential>) {
    this.#run = run;
  }

  /** What the last good run gave. */
  get last(): ExecCredential | undefined {
    return this.#last;
  }

  /** What the run that is under way gives, else a new one. */
  async next(signal?: AbortSignal): Promise<ExecCredential> {
    signal?.throwIfAborted();
    this.#running ??= this.#start();
    return signal ? untilAborted(this.#running, signal) : this.#running;
  }

  /** Ends the run that is under way; there is none after it. */
  close(): void {
    this.#closing.abort();
  }

  async #start(): Promise<ExecCredential> {
    try {
      this.#last = await this.#run(this.#closing.signal);
      return this.#last;
    } finally {
      this.#running = undefined;
    }
  }
}
