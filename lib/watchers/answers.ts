import { NoCacheEntryError } from "../kubernetes/errors.ts";
import { formatIdentifier, type ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { Frozen, KubernetesObject, WatchedObject } from "../kubernetes/object.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";

/** The store gives one array as long as its set does not change, and so do we. */
const bodies = new WeakMap<readonly WatchedObject[], readonly Frozen<KubernetesObject>[]>();

/** The objects themselves, as a frozen list that is the same as long as `objects` is. */
export function bodiesOf<T>(objects: readonly WatchedObject[]): readonly Frozen<T>[] {
  const known = bodies.get(objects);
  if (known) return known as readonly Frozen<T>[];
  const list = Object.freeze(objects.map((object) => object.object()).filter((body) => body !== undefined));
  bodies.set(objects, list);
  return list as readonly Frozen<T>[];
}

/** The one object of an answer to a get, or undefined where there is none. */
export function firstBody<T>(objects: readonly WatchedObject[]): Frozen<T> | undefined {
  return objects[0]?.object() as Frozen<T> | undefined;
}

/** The error of a read of all that a watcher depends on, where that is nothing. */
export function nothingWatched(watcher: ObjectIdentifier): NoCacheEntryError {
  return new NoCacheEntryError(`what ${formatIdentifier(watcher)} watches`, "it depends on nothing");
}

/** The error of a read, without waiting, of what a checkpoint told by its versions alone. */
export function noBodies(identifier: ObjectIdentifier): NoCacheEntryError {
  const reason = "a checkpoint keeps no objects; a query lists it";
  return new NoCacheEntryError(formatIdentifier(identifier), reason, { watched: identifier });
}

/** All that one watcher depends on, as one list that is the same until any of the answers changes. */
export class MergedAnswers {
  #answers: readonly (readonly WatchedObject[])[] = [];
  #merged: readonly WatchedObject[] = [];

  /**
   * The objects of several answers, each once and in the newest version that any of them has, sorted by apiVersion,
   * kind, namespace and name.
   */
  bodiesOf<T>(answers: readonly (readonly WatchedObject[])[]): readonly Frozen<T>[] {
    const known = this.#answers;
    if (answers.length !== known.length || answers.some((answer, index) => answer !== known[index])) {
      this.#answers = answers;
      this.#merged = merged(answers);
    }
    return bodiesOf<T>(this.#merged);
  }
}

function merged(answers: Iterable<readonly WatchedObject[]>): readonly WatchedObject[] {
  const newest = new Map<string, WatchedObject>();
  for (const objects of answers) {
    for (const object of objects) {
      const { apiVersion, kind } = object.object() ?? {};
      const place = JSON.stringify([apiVersion, kind, object.namespace, object.name]);
      const known = newest.get(place);
      if (!known || (compareResourceVersions(object.resourceVersion, known.resourceVersion) ?? 0) > 0) {
        newest.set(place, object);
      }
    }
  }
  return [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
}
