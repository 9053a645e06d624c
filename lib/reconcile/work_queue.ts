import type { Key } from "../kubernetes/identifier.ts";

/**
 * A queue that holds each key once. A key that has been taken is not handed out again before `done(key)`; added
 * meanwhile, it queues once more then. First in, first out; the rules are those of client-go's workqueue.
 */
export class WorkQueue {
  readonly #onReady: () => void;
  readonly #waiting = new Set<Key>();
  readonly #taken = new Set<Key>();
  readonly #again = new Set<Key>();
  // One iterator for good: a fresh one walks over the holes that deleted keys have left, which is quadratic.
  readonly #head = this.#waiting.values();

  /** @param onReady called, synchronously, whenever a key begins to wait */
  constructor(onReady: () => void) {
    this.#onReady = onReady;
  }

  /** How many keys wait to be taken. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Whether the key waits to be taken, now or once it is done. */
  has(key: Key): boolean {
    return this.#waiting.has(key) || this.#again.has(key);
  }

  add(key: Key): void {
    if (this.#taken.has(key)) {
      this.#again.add(key);
    } else if (!this.#waiting.has(key)) {
      this.#waiting.add(key);
      this.#onReady();
    }
  }

  /** The key that has waited longest; undefined when none waits. */
  take(): Key | undefined {
    // An iterator that has come to its end stays there: it is asked only when it has something.
    const key = this.#waiting.size > 0 ? this.#head.next().value : undefined;
    if (key === undefined) return undefined;
    this.#waiting.delete(key);
    this.#taken.add(key);
    return key;
  }

  /** What was taken may be handed out again; at once, where it was added meanwhile. */
  done(key: Key): void {
    this.#taken.delete(key);
    if (this.#again.delete(key)) this.add(key);
  }

  /** The key waits no longer. One that is taken stays so until it is done. */
  remove(key: Key): void {
    this.#waiting.delete(key);
    this.#again.delete(key);
  }
}
