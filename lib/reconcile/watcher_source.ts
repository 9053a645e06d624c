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
  /** Who is to be reconciled. */
  readonly watcher: ObjectIdentifier;

  /** Names the watcher. */
  constructor(watcher: ObjectIdentifier) {
    super("request");
    this.watcher = watcher;
  }
}

/** The events of a WatcherSource, by type. */
export interface WatcherSourceEvents {
  /** A watcher is to be reconciled. */
  request: RequestEvent;
}

/** Options of a {@link WatcherSource}. */
export interface WatcherSourceOptions {
  /** Where listeners that throw go. Default: the console; false mutes. */
  readonly logger?: Logger | false | undefined;
}

type Taken = IteratorResult<ObjectIdentifier, undefined>;

/** A request until it is taken. */
interface Request {
  readonly watcher: CanonicalIdentifier;
  /** Whether an event has told it. */
  heard: boolean;
}

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
  readonly #waiting = new Map<Key, Request>();
  readonly #readers = new Set<Reader>();
  /** How many iterators have not returned. */
  #iterators = 0;
  #replaying = false;
  #closed = false;

  /** Nobody is waiting in it yet. */
  constructor({ logger }: WatcherSourceOptions = {}) {
    super(resolveLogger(logger));
    this.reconcile = (watcher) => this.#request(canonicalizeWatcher(watcher));
  }

  /** Who listens to "request" is told of every watcher, those that wait already first. */
  override addEventListener<K extends keyof WatcherSourceEvents>(
    type: K,
    listener: ((event: WatcherSourceEvents[K]) => unknown) | null,
    options?: ListenerOptions,
  ): void;
  /** As for any EventTarget. */
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void;
  override addEventListener(type: string, listener: AnyListener, options?: ListenerOptions): void {
    super.addEventListener(type, listener, options);
    if (type === "request" && this.#iterators === 0) this.#replay();
  }

  /** Takes the watchers out one by one, until close(). */
  [Symbol.asyncIterator](): AsyncIterableIterator<ObjectIdentifier, undefined, void> {
    this.#iterators += 1;
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
        if (!returned) this.#iterators -= 1;
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
    const request = { watcher, heard: false };
    this.#waiting.set(watcher.key, request);
    this.#queue.add(watcher.key);
    this.#announce(request);
  }

  #announce(request: Request): void {
    const { key, identifier } = request.watcher;
    this.emit("request", () => {
      // The event is made because somebody listens; without iterators nobody else will take it.
      request.heard = true;
      if (this.#iterators === 0) this.#remove(key);
      return new RequestEvent(identifier);
    });
  }

  /** Announces what nobody has listened to so far; once for all listeners that come in the same turn. */
  #replay(): void {
    if (this.#replaying) return;
    this.#replaying = true;
    const missed = [...this.#waiting.values()];
    // Behind the events that are on their way, which tell some of it.
    queueMicrotask(() => {
      this.#replaying = false;
      for (const request of missed) {
        if (!request.heard && this.#waiting.get(request.watcher.key) === request) this.#announce(request);
      }
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
      const request = this.#waiting.get(key);
      this.#waiting.delete(key);
      if (request !== undefined) this.#answer(reader, { done: false, value: request.watcher.identifier });
    }
  }

  #answer(reader: Reader, taken: Taken): void {
    this.#readers.delete(reader);
    reader.resolve(taken);
  }
}
