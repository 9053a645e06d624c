import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Change } from "./change.ts";
import { type ObjectVersion, objectVersion } from "./object_version.ts";

/** Who is told of each change of a collection, while it happens. */
export interface Subscriber {
  changed(change: Change): void;
  /** The collection is served no longer, or no longer in this form. */
  closed(): void;
}

/** The objects of one resource, in all its versions and namespaces, with the history of their last changes. */
export class Collection {
  readonly #objects = new Map<string, ObjectVersion>();
  readonly #subscribers = new Set<Subscriber>();
  readonly #observers: ((change: Change) => void)[] = [];
  readonly #historyLimit: number;
  #history: Change[] = [];
  #floor: number;
  #keys: readonly string[] | undefined;

  constructor({ floor, historyLimit }: { floor: number; historyLimit: number }) {
    this.#floor = floor;
    this.#historyLimit = historyLimit;
  }

  /** The oldest revision whose state and later changes are still known. */
  get floor(): number {
    return this.#floor;
  }

  get size(): number {
    return this.#objects.size;
  }

  get subscriberCount(): number {
    return this.#subscribers.size;
  }

  get(key: string): ObjectVersion | undefined {
    return this.#objects.get(key);
  }

  /** All objects in the order of lists. */
  values(): readonly ObjectVersion[] {
    this.#keys ??= [...this.#objects.keys()].sort();
    return this.#keys.flatMap((key) => this.#objects.get(key) ?? []);
  }

  /** All objects as they were at `revision`, which is not below the floor. */
  valuesAt(revision: number): readonly ObjectVersion[] {
    const later = this.changesAfter(revision);
    if (later.length === 0) return this.values();
    const objects = new Map(this.#objects);
    for (const { before, after } of later.toReversed()) {
      if (before) objects.set(before.key, before);
      else if (after) objects.delete(after.key);
    }
    return [...objects.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  /** The changes after `revision`, which is not below the floor. */
  changesAfter(revision: number): readonly Change[] {
    const first = this.#history.findLastIndex((change) => change.revision <= revision) + 1;
    return this.#history.slice(first);
  }

  /** Takes a change in, and tells everybody: what it costs does not depend on the number of objects. */
  commit(change: Change): void {
    const { before, after } = change;
    if (after) this.#objects.set(after.key, after);
    else if (before) this.#objects.delete(before.key);
    if (!before || !after) this.#keys = undefined;
    this.#remember(change);
    for (const subscriber of this.#subscribers) subscriber.changed(change);
    for (const observer of this.#observers) observer(change);
  }

  /** Forgets the history up to `revision`. */
  compact(revision: number): void {
    this.#history = [...this.changesAfter(revision)];
    this.#floor = Math.max(this.#floor, revision);
  }

  /** Gives all objects another form, at the revisions that they have: nobody is told, and the history is forgotten. */
  restate(form: (object: Frozen<KubernetesObject>) => Frozen<KubernetesObject>): void {
    this.#history = [];
    for (const [key, { object, revision }] of this.#objects) {
      this.#objects.set(key, objectVersion(form(object), revision));
    }
  }

  /** Tells `subscriber` of each change from now on; gives back what ends that. */
  subscribe(subscriber: Subscriber): () => void {
    this.#subscribers.add(subscriber);
    return () => this.#subscribers.delete(subscriber);
  }

  /** Calls `observer` after each change, when all subscribers have been told; it may write itself. */
  observe(observer: (change: Change) => void): void {
    this.#observers.push(observer);
  }

  /** Sends all subscribers away. */
  close(): void {
    for (const subscriber of [...this.#subscribers]) subscriber.closed();
  }

  #remember(change: Change): void {
    this.#history.push(change);
    if (this.#history.length <= this.#historyLimit) return;
    this.#history.shift();
    this.#floor = (this.#history[0]?.revision ?? change.revision + 1) - 1;
  }
}
