import { NoCacheEntryError } from "../../lib/kubernetes/errors.ts";
import type { LinkedEdge } from "./calls.ts";
import type { Watched } from "./catalogue.ts";
import { type Version, versionOf } from "./told.ts";
import type { World } from "./world.ts";

/** Something that a watcher must be told after a moment. */
export interface Due {
  readonly watcher: string;
  readonly watched: Watched;
  readonly after: number;
  readonly type: "INITIAL" | "BLOCKED";
}

/** Notes what a watcher must hear because of an edge that was made, and from where its news go on. */
export function expectNews(
  world: World,
  { watcher, watched, isNew, isUnsure, calledAt }: LinkedEdge & { readonly watcher: string },
): void {
  const { cache, initialReconcile } = world.schedule.settings;
  if (!isNew && !isUnsure) return;
  if (!cache) {
    world.told.forget(watcher, watched);
    return;
  }
  const objects = cachedIf(world, { watched, isUnsure });
  world.told.begin(watcher, watched, objects);
  const isQuiet = world.cluster.changedAt(watched) < calledAt;
  if (!initialReconcile || isUnsure || objects.length === 0 || !isQuiet) return;
  world.due.push({ watcher, watched, after: calledAt, type: "INITIAL" });
}

/** What the cache has, where it must have something; nothing where another call may have dropped that. */
function cachedIf(world: World, { watched, isUnsure }: Pick<LinkedEdge, "watched" | "isUnsure">): Version[] {
  try {
    return cached(world, watched);
  } catch (error) {
    if (isUnsure && error instanceof NoCacheEntryError) return [];
    throw error;
  }
}

function cached({ dynamicWatcher }: World, { identifier }: Watched): Version[] {
  const objects =
    identifier.name === undefined
      ? dynamicWatcher.listFromCache(identifier)
      : [dynamicWatcher.getFromCache(identifier)];
  return objects.flatMap((object) => (object ? [versionOf(object)] : []));
}
