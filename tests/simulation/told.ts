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

  /** Takes a cause in; says so where it begins later than what came before it has ended. */
  hear(watcher: string, watched: Watched, cause: ObjectCause): string | undefined {
    const objects = this.#objects.get(pair(watcher, watched));
    const object = cause.after ?? cause.before;
    if (!objects || !object) return undefined;
    const key = objectKey(object);
    const known = objects.get(key);
    const gap = gapBetween(known, cause);
    if (known?.uid === object.uid && isOlder(object, known)) {
      // What a retry tells once more, or what was pending before the edge, is old news; an end may be that or the end
      // of what was newer: better not to count than to count wrong.
      if (!cause.after) this.forget(watcher, watched);
      return gap;
    }
    if (cause.after) objects.set(key, cause.after);
    else if (known?.uid === object.uid) objects.delete(key);
    return gap;
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

/**
 * What was last told of an object, where a change of the same one begins at a later version. What came and went between two
 * runs is DELETED as it was last seen, so only MODIFIED is judged.
 */
function gapBetween(known: Version | undefined, { type, before }: ObjectCause): string | undefined {
  if (type !== "MODIFIED" || !before || known?.uid !== before.uid || !isOlder(known, before))
    return undefined;
  return `${type} of ${before.name} from ${before.resourceVersion}, told before was ${known.resourceVersion}`;
}

function isOlder(object: Version, known: Version): boolean {
  return (compareResourceVersions(object.resourceVersion, known.resourceVersion) ?? 0) < 0;
}

function pair(watcher: string, { text }: Watched): string {
  return `${watcher} ${text}`;
}
