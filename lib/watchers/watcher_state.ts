import type { CanonicalIdentifier, Key, ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { Lease } from "../serve/serving.ts";
import { linkedController, untilAborted } from "../support/abort.ts";
import { MergedAnswers } from "./answers.ts";
import type { Call } from "./call.ts";
import type { WatcherQueryBatch } from "./query_batch.ts";

/** One dependency of a watcher, as its calls made it. */
export interface Edge {
  readonly lease: Lease;
  /** The highest number of a call that asked for it. */
  number: number;
  /** Asked for only by reads of a query that has not succeeded yet. */
  provisional: boolean;
}

/** A call that can still be rejected. */
interface PendingCall {
  abort(reason: unknown): void;
  /** Resolves when all that the call had begun has ended; never rejects. */
  readonly ended: Promise<unknown>;
}

/** All that is known of one watcher: its edges, the order of its calls, and those that are under way. */
export class WatcherState implements CanonicalIdentifier {
  readonly key: Key;
  readonly identifier: ObjectIdentifier;
  readonly edges = new Map<Key, Edge>();
  /** The highest number of a call that replaced the edges. */
  replacedAt = 0;
  /** The query batch that is open. */
  batch: WatcherQueryBatch | undefined;
  readonly answers = new MergedAnswers();
  readonly #calls = new Set<PendingCall>();
  #lastNumber = 0;

  constructor({ key, identifier }: CanonicalIdentifier) {
    this.key = key;
    this.identifier = identifier;
  }

  /** Whether nothing would be lost by forgetting this watcher. */
  get idle(): boolean {
    return this.edges.size === 0 && !this.busy;
  }

  /** Whether calls are under way, or a batch is open. */
  get busy(): boolean {
    return this.#calls.size > 0 || this.batch !== undefined;
  }

  /** The place of a call among the calls of this watcher. */
  takeNumber(): number {
    this.#lastNumber += 1;
    return this.#lastNumber;
  }

  /**
   * Runs `work` as a call that, until it settles, `abortCalls` and the caller's own `signal` reject at once, while
   * `work` may still be cleaning up; `onEnded` is called when it has.
   */
  call<T>(
    work: (call: Call) => Promise<T>,
    { signal, onEnded }: { signal: AbortSignal | undefined; onEnded: () => void },
  ): Promise<T> {
    const controller = linkedController(signal);
    const settle = () => {
      controller.unlink();
      this.#calls.delete(call);
    };
    const result = work({ signal: controller.signal, settle });
    const ended = result
      .catch(() => undefined)
      .then(() => {
        settle();
        onEnded();
      });
    const call: PendingCall = { abort: (reason) => controller.abort(reason), ended };
    this.#calls.add(call);
    return untilAborted(result, controller.signal);
  }

  /** Rejects every call under way; resolves when what they had begun has ended. */
  async abortCalls(reason: unknown): Promise<void> {
    const calls = [...this.#calls];
    for (const call of calls) call.abort(reason);
    await Promise.all(calls.map((call) => call.ended));
  }
}
