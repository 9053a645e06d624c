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

/**
 * The objects of several answers, each once and in the newest version that any of them has, sorted by apiVersion,
 * kind, namespace and name.
 */
export function mergedBodies<T>(answers: Iterable<readonly WatchedObject[]>): readonly Frozen<T>[] {
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
  const sorted = [...newest].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, object]) => object);
  return bodiesOf<T>(sorted);
}
