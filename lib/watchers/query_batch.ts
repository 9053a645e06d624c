/// <reference lib="esnext.disposable" preserve="true" />
import { DependencyWatchError, QueryBatchNotStartedError } from "../kubernetes/errors.ts";
import {
  type CanonicalIdentifier,
  type CanonicalizeOptions,
  canonicalizeForGet,
  canonicalizeForList,
  formatIdentifier,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import type { Frozen, KubernetesObject, WatchedObject } from "../kubernetes/object.ts";
import { linkedController } from "../support/abort.ts";
import { addAsyncDispose } from "../support/dispose.ts";
import { bodiesOf, firstBody } from "./answers.ts";
import { type Call, type CallOptions, signalOf } from "./call.ts";

/** Reads that become dependencies. One whose `signal` aborts counts as one that failed. */
export interface Query {
  /**
   * The object, or undefined where it does not exist; from then on its watcher depends on it.
   *
   * @throws InvalidInputError for a selector, the failure to watch it, or `signal.reason`.
   */
  get<T = KubernetesObject>(watched: ObjectIdentifier, options?: CallOptions): Promise<Frozen<T> | undefined>;
  /**
   * The objects of a selector (of the whole kind where there is none), sorted by namespace and name; from then on
   * its watcher depends on that set.
   *
   * @throws InvalidInputError for a name, the failure to watch it, or `signal.reason`.
   */
  list<T = KubernetesObject>(watched: ObjectIdentifier, options?: CallOptions): Promise<readonly Frozen<T>[]>;
}

/** A round of reads whose end makes them, and nothing else, what the watcher depends on. */
export interface QueryBatch extends Query {
  /** Drops every dependency that this batch did not read; resolves when the streams that went have ended. */
  end(): Promise<void>;
  /** The same as `end()`; absent where the runtime has no `Symbol.asyncDispose`. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** What a batch asks of the watcher that it belongs to. */
export interface BatchHost {
  readonly watcher: ObjectIdentifier;
  /** Throws where the whole is not started. */
  assertStarted(verb: string): void;
  /** The identifier as the scope of its kind asks for, where something of that kind is served. */
  scoped(id: CanonicalIdentifier, options: { field: string }): CanonicalIdentifier;
  /** Links `watched` to the watcher and reads it in the same step. */
  read(
    watched: ObjectIdentifier,
    options: CallOptions,
  ): Promise<{ key: Key; objects: readonly WatchedObject[] }>;
  /** Makes `keep` the set; waits for the reads first. */
  replace(keep: ReadonlySet<Key>, ending: Ending): Promise<void>;
  /** Drops what failed queries alone asked for, but `keep`; waits for the reads first. */
  rollBack(keep: ReadonlySet<Key>, ending: Ending): Promise<void>;
  /** As `rollBack`, at once: no read will come any more. */
  rollBackNow(keep: ReadonlySet<Key>): void;
}

/** What a batch that ends waits for, and the call that it is part of, if any. */
export interface Ending {
  readonly reads: Iterable<Promise<unknown>>;
  readonly call?: Call | undefined;
}

type Canonicalize = (id: ObjectIdentifier, options: CanonicalizeOptions) => CanonicalIdentifier;

/** A query batch of one watcher. */
export class WatcherQueryBatch implements QueryBatch {
  declare [Symbol.asyncDispose]: () => Promise<void>;
  readonly #host: BatchHost;
  readonly #keep = new Set<Key>();
  readonly #reads = new Set<Promise<unknown>>();
  readonly #givenUp = new AbortController();
  #ended = false;

  constructor(host: BatchHost) {
    this.#host = host;
  }

  async get<T = KubernetesObject>(
    watched: ObjectIdentifier,
    options?: CallOptions,
  ): Promise<Frozen<T> | undefined> {
    return firstBody<T>(await this.#read(watched, canonicalizeForGet, options));
  }

  async list<T = KubernetesObject>(
    watched: ObjectIdentifier,
    options?: CallOptions,
  ): Promise<readonly Frozen<T>[]> {
    return bodiesOf<T>(await this.#read(watched, canonicalizeForList, options));
  }

  async end(): Promise<void> {
    await this.endWithin(undefined);
  }

  /** Ends the batch as part of a call; without one as a call of its own. */
  async endWithin(call: Call | undefined): Promise<void> {
    this.#assertOpen("end a query batch");
    this.#ended = true;
    await this.#host.replace(this.#keep, { reads: this.#reads, call });
  }

  /** Ends the batch as one that failed: what the last good one read stays, and what this one read as well. */
  async failWithin(call: Call): Promise<void> {
    this.#ended = true;
    await this.#host.rollBack(this.#keep, { reads: this.#reads, call });
  }

  /** As a failure, at once: the reads under way are aborted. */
  giveUp(reason: unknown): void {
    this.#ended = true;
    this.#givenUp.abort(reason);
    this.#host.rollBackNow(this.#keep);
  }

  /** Refuses what comes later; changes nothing. */
  abandon(): void {
    this.#ended = true;
  }

  async #read(
    watched: ObjectIdentifier,
    canonicalize: Canonicalize,
    options: CallOptions | undefined,
  ): Promise<readonly WatchedObject[]> {
    this.#host.assertStarted("read in a query batch");
    const field = { field: "watched" };
    const { key, identifier } = this.#host.scoped(canonicalize(watched, field), field);
    const signal = signalOf(options);
    this.#assertOpen("read in a query batch");
    // A read that fails keeps the edge that an earlier batch made.
    this.#keep.add(key);
    const controller = linkedController(signal, this.#givenUp.signal);
    const read = this.#host.read(identifier, { signal: controller.signal });
    this.#reads.add(read);
    try {
      const answer = await read;
      this.#keep.add(answer.key);
      return answer.objects;
    } finally {
      controller.unlink();
      this.#reads.delete(read);
    }
  }

  #assertOpen(verb: string): void {
    this.#host.assertStarted(verb);
    if (this.#ended) throw new QueryBatchNotStartedError(verb, formatIdentifier(this.#host.watcher));
  }
}

/** A batch that a stop, a removal or its own end has closed already needs no end. */
const CLOSED_CODES: readonly string[] = ["NOT_STARTED", "WATCHER_REMOVED", "QUERY_BATCH_NOT_STARTED"];

addAsyncDispose(WatcherQueryBatch.prototype, async function (this: WatcherQueryBatch) {
  try {
    await this.end();
  } catch (error) {
    if (!(error instanceof DependencyWatchError && CLOSED_CODES.includes(error.code))) throw error;
  }
});
