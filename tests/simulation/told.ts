import type { Cause, ObjectCause } from "../../lib/kubernetes/cause.ts";
import {
  type Frozen,
  type KubernetesObject,
  objectKey,
  type WatchedObject,
} from "../../lib/kubernetes/object.ts";
import { compareResourceVersions } from "../../lib/kubernetes/resource_version.ts";
import type { Watched } from "./catalogue.ts";

/** An object as far as a cause tells of it. */
export type Version = Pick<WatchedObject, "namespace" | "name" | "uid" | "resourceVersion">;

/** What the reconciles of each watcher that succeeded have been told of the objects that it depends on. */
export class Told {
  readonly #objects = new Map<string, Map<string, Version>>();

  /** Begins with what is there when an edge is made: of that a watcher is told only that it is there. */
  begin(watcher: string, watched: Watched, objects: readonly Version[]): void {
    const known = new Map(objects.map((object) => [objectKey(object), object]));
    this.#objects.set(pair(watcher, watched), known);
  }

  /** Keeps no count any more, for an edge that was made when nobody knew what was there. */
  forget(watcher: string, watched: Watched): void {
    this.#objects.delete(pair(watcher, watched));
  }

  hear(watcher: string, watched: Watched, cause: ObjectCause): void {
    const objects = this.#objects.get(pair(watcher, watched));
    const object = cause.after ?? cause.before;
    if (!objects || !object) return;
    const key = objectKey(object);
    const known = objects.get(key);
    if (known?.uid === object.uid && isOlder(object, known)) {
      // What a retry tells once more, or what was pending before the edge, is old news; an end may be that or the end
      // of what was newer: better not to count than to count wrong.
      if (!cause.after) this.forget(watcher, watched);
      return;
    }
    if (cause.after) objects.set(key, cause.after);
    else if (known?.uid === object.uid) objects.delete(key);
  }

  /** What a watcher must believe now; undefined where nobody kept count. */
  of(watcher: string, watched: Watched): readonly Version[] | undefined {
    const objects = this.#objects.get(pair(watcher, watched));
    return objects && [...objects.values()];
  }
}

/** The version of a whole object. */
export function versionOf({ metadata }: Frozen<KubernetesObject>): Version {
  const { namespace = "", name = "", uid = "", resourceVersion = "" } = metadata ?? {};
  return { namespace, name, uid, resourceVersion };
}

/** Whether a cause is about a change of an object. */
export function isObjectCause(cause: Cause): cause is ObjectCause {
  return "relisted" in cause;
}

function isOlder(object: Version, known: Version): boolean {
  return (compareResourceVersions(object.resourceVersion, known.resourceVersion) ?? 0) < 0;
}

function pair(watcher: string, { text }: Watched): string {
  return `${watcher} ${text}`;
}
