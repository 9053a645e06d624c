import { EventEmitter } from "eventemitter3";
import type { ObjectCause } from "../kubernetes/cause.ts";
import { compareByPlace, objectKey, type WatchedObject } from "../kubernetes/object.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";
import type { ObjectEvent } from "../protocol/watch_event.ts";
import type { StreamSink, StreamState } from "../watch/stream.ts";

/** One change of one object in a store. */
export interface Transition {
  readonly type: ObjectCause["type"];
  /** The place of the object: `namespace/name`. */
  readonly key: string;
  /** The version that the store had; absent for ADDED. */
  readonly before?: WatchedObject;
  /** The version that it has now; absent for DELETED. */
  readonly after?: WatchedObject;
  /** Found by comparing a new list with the store. */
  readonly relisted: boolean;
}

/** What a store tells, at once, by its `events`. */
export interface ObjectStoreEvents {
  transition: [Transition];
  state: [StreamState];
}

/** What is known of an object whose version alone was kept. */
class SeededObject implements WatchedObject {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels = Object.freeze({});

  constructor(key: string, uid: string, resourceVersion: string) {
    const slash = key.indexOf("/");
    this.namespace = key.slice(0, slash);
    this.name = key.slice(slash + 1);
    this.uid = uid;
    this.resourceVersion = resourceVersion;
  }

  object(): undefined {}
}

/**
 * The objects of one stream, and what changes among them: a replay, or a version that is known already, is no
 * transition. An event costs the same however many objects there are.
 *
 * Listeners are called after the store has changed as a whole, so they may read it.
 */
export class ObjectStore implements StreamSink {
  /** Where transitions and the stream's states go out. */
  readonly events: EventEmitter<ObjectStoreEvents> = new EventEmitter();
  #objects = new Map<string, WatchedObject>();
  #sorted: readonly WatchedObject[] | undefined;
  #hasSeeds = false;

  /** Whether objects are in it whose version alone is known. */
  get hasSeeds(): boolean {
    // Looked through only until the last of them is gone.
    this.#hasSeeds &&= [...this.#objects.values()].some((object) => object instanceof SeededObject);
    return this.#hasSeeds;
  }

  /** The object at a place (`namespace/name`). */
  get(key: string): WatchedObject | undefined {
    return this.#objects.get(key);
  }

  /** The objects, in no particular order. */
  values(): IterableIterator<WatchedObject> {
    return this.#objects.values();
  }

  /** The objects by namespace and name: one frozen array until the set changes, and it never changes itself. */
  sorted(): readonly WatchedObject[] {
    this.#sorted ??= Object.freeze([...this.#objects.values()].sort(compareByPlace));
    return this.#sorted;
  }

  /** What `seed` takes: the place, uid and resource version of each object. */
  *versions(): IterableIterator<[key: string, uid: string, resourceVersion: string]> {
    for (const [key, { uid, resourceVersion }] of this.#objects) yield [key, uid, resourceVersion];
  }

  /** Begins with versions known from before, so that only what changed since is a transition. */
  seed(versions: Iterable<readonly [key: string, uid: string, resourceVersion: string]>): void {
    for (const version of versions) this.#objects.set(version[0], new SeededObject(...version));
    this.#hasSeeds = true;
    this.#sorted = undefined;
  }

  /** Takes one event of the watch. What is older than the version at its place is dropped. */
  apply({ type, object }: ObjectEvent): void {
    const key = objectKey(object);
    const before = this.#objects.get(key);
    if (before && isOlder(object, before)) return;
    const after = type === "DELETED" ? undefined : newest(before, object);
    if (after === before) return;
    if (after) this.#objects.set(key, after);
    else this.#objects.delete(key);
    this.#sorted = undefined;
    this.#emit(transitions(key, { before, after, relisted: false }));
  }

  /** Takes a whole list for the truth, also where its versions are older than those known. */
  replace(items: readonly WatchedObject[], _resourceVersion: string, relisted: boolean): void {
    const previous = this.#objects;
    const next = new Map<string, WatchedObject>();
    const changes: Transition[] = [];
    for (const item of items) {
      const key = objectKey(item);
      const before = previous.get(key);
      const after = newest(before, item);
      next.set(key, after);
      if (after !== before) this.#sorted = undefined;
      changes.push(...transitions(key, { before, after, relisted }));
    }
    for (const [key, before] of previous) {
      if (next.has(key)) continue;
      this.#sorted = undefined;
      changes.push({ type: "DELETED", key, before, relisted });
    }
    this.#objects = next;
    this.#emit(changes);
  }

  /** Passes on where the stream is in its life. */
  state(state: StreamState): void {
    this.events.emit("state", state);
  }

  #emit(changes: readonly Transition[]): void {
    for (const change of changes) this.events.emit("transition", change);
  }
}

/** The version to keep: a known one, whose frozen object may be shared already, rather than its equal. */
function newest(before: WatchedObject | undefined, object: WatchedObject): WatchedObject {
  return before && isSameVersion(before, object) && !(before instanceof SeededObject) ? before : object;
}

function transitions(
  key: string,
  {
    before,
    after,
    relisted,
  }: { before: WatchedObject | undefined; after: WatchedObject | undefined; relisted: boolean },
): Transition[] {
  if (before && after && before.uid === after.uid) {
    return isSameVersion(before, after) ? [] : [{ type: "MODIFIED", key, before, after, relisted }];
  }
  const changes: Transition[] = [];
  if (before) changes.push({ type: "DELETED", key, before, relisted });
  if (after) changes.push({ type: "ADDED", key, after, relisted });
  return changes;
}

function isSameVersion(a: WatchedObject, b: WatchedObject): boolean {
  return a.uid === b.uid && a.resourceVersion === b.resourceVersion;
}

function isOlder(object: WatchedObject, known: WatchedObject): boolean {
  const order = compareResourceVersions(object.resourceVersion, known.resourceVersion);
  return order !== undefined && order < 0;
}
