import {
  type CanonicalIdentifier,
  canonicalizeWatcher,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import { type Logger, resolveLogger } from "../support/logger.ts";
import { type AnyListener, type ListenerOptions, TypedEventTarget } from "../support/typed_events.ts";
import { WorkQueue } from "./work_queue.ts";

/** A watcher is to be reconciled. */
export class RequestEvent extends Event {
  readonly watcher: ObjectIdentifier;

  constructor(watcher: ObjectIdentifier) {
    super("request");
    this.watcher = watcher;
  }
}

/** The events of a WatcherSource, by type. */
export interface WatcherSourceEvents {
  request: RequestEvent;
}

/** Options of a {@link WatcherSource}. */
export interface WatcherSourceOptions {
  /** Where listeners that throw go. Default: the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

type Taken = IteratorResult<ObjectIdentifier, undefined>;

/** A `next()` that waits. */
interface Reader {
  readonly iterator: object;
  readonly resolve: (taken: Taken) => void;
}

const END: Taken = Object.freeze({ done: true, value: undefined });

/**
 * Feeds the queue of another controller: give `source.reconcile` as `reconcile`, and take the watchers out as
 * "request" events or with `for await`.
 *
 * A listener gets every request. Iterators share the work: each watcher goes to one of them, and waits there once
 * until it is taken, however often it is requested. With both, both get them. Requests that nobody listens to wait
 * for the first listener or iterator.
 *
 * @example
 * ```ts
 * import { Reconciler, WatcherSource } from "kubernetes-dependency-watches";
 *
 * const source = new WatcherSource();
 * const reconciler = new Reconciler(source.reconcile);
 * reconciler.run();
 * reconciler.trigger([{ version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" }]);
 * for await (const watcher of source) {
 *   console.log(watcher.name);
 *   source.close();
 * }
 * await reconciler.stop();
 * ```
 */
export class WatcherSource extends TypedEventTarget<WatcherSourceEvents> {
  /**
   * The function to give as `reconcile`. It succeeds at once: whether the other controller does is its own affair.
   *
   * @throws InvalidInputError when the watcher is not a valid identifier
   */
  readonly reconcile: (watcher: ObjectIdentifier) => void;
  readonly #queue = new WorkQueue(() => this.#serve());
  readonly #waiting = new Map<Key, CanonicalIdentifier>();
  readonly #readers = new Set<Reader>();
  #iterated = false;
  #closed = false;

  constructor({ logger }: WatcherSourceOptions = {}) {
    super(resolveLogger(logger));
    this.reconcile = (watcher) => this.#request(canonicalizeWatcher(watcher));
  }

  override addEventListener<K extends keyof WatcherSourceEvents>(
    type: K,
    listener: ((event: WatcherSourceEvents[K]) => unknown) | null,
    options?: ListenerOptions,
  ): void;
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void;
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void {
    super.addEventListener(type, listener, options);
    // What nobody has listened to so far; later listeners find nothing here.
    if (!this.#iterated) for (const watcher of this.#waiting.values()) this.#announce(watcher);
  }

  /** Takes the watchers out one by one, until close(). */
  [Symbol.asyncIterator](): AsyncIterableIterator<ObjectIdentifier, undefined, void> {
    this.#iterated = true;
    let returned = false;
    const iterator: AsyncIterableIterator<ObjectIdentifier, undefined, void> = {
      [Symbol.asyncIterator]: () => iterator,
      next: () =>
        new Promise((resolve) => {
          if (returned || this.#closed) return resolve(END);
          this.#readers.add({ iterator, resolve });
          this.#serve();
        }),
      return: async () => {
        returned = true;
        for (const reader of this.#readers) if (reader.iterator === iterator) this.#answer(reader, END);
        return END;
      },
    };
    return iterator;
  }

  /** Ends the iterators; drops what was not taken and what is requested later. */
  close(): void {
    this.#closed = true;
    for (const key of this.#waiting.keys()) this.#remove(key);
    for (const reader of this.#readers) this.#answer(reader, END);
  }

  #request(watcher: CanonicalIdentifier): void {
    if (this.#closed) return;
    this.#waiting.set(watcher.key, watcher);
    this.#queue.add(watcher.key);
    this.#announce(watcher);
  }

  #announce({ key, identifier }: CanonicalIdentifier): void {
    this.emit("request", () => {
      // The event is made because somebody listens; without iterators nobody else will take it.
      if (!this.#iterated) this.#remove(key);
      return new RequestEvent(identifier);
    });
  }

  #remove(key: Key): void {
    this.#waiting.delete(key);
    this.#queue.remove(key);
  }

  /** Brings waiting watchers and waiting iterators together, the longest waiting first. */
  #serve(): void {
    for (const reader of this.#readers) {
      const key = this.#queue.take();
      if (key === undefined) return;
      this.#queue.done(key);
      const watcher = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (watcher !== undefined) this.#answer(reader, { done: false, value: watcher.identifier });
    }
  }

  #answer(reader: Reader, taken: Taken): void {
    this.#readers.delete(reader);
    reader.resolve(taken);
  }
}
