import type { ObjectCause } from "../kubernetes/cause.ts";
import type { Key } from "../kubernetes/identifier.ts";

/** Who asked for a dependency: a call of the user, or a reconcile whose reads are tracked. */
export type Owner = "explicit" | "tracked";

/** One edge: `watcher` depends on `watched` as long as it has an owner. */
export interface Dependency {
  readonly watcher: Key;
  readonly watched: Key;
  readonly owners: Set<Owner>;
  /** Which causes concern this watcher; absent: all. */
  accepts?: (cause: ObjectCause) => boolean;
}

/** The edges from watchers to what they watch, found from either end in constant time. */
export class DependencyGraph {
  readonly #byWatcher = new Map<Key, Map<Key, Dependency>>();
  readonly #byWatched = new Map<Key, Map<Key, Dependency>>();

  /** How many watched identifiers have at least one edge. */
  get watchedCount(): number {
    return this.#byWatched.size;
  }

  /** Whether anybody depends on `watched`. */
  isWatched(watched: Key): boolean {
    return this.#byWatched.has(watched);
  }

  /** Adds `owner` to the edge, which is made where there is none; says whether it was made. */
  link(edge: { watcher: Key; watched: Key }, owner: Owner): boolean {
    const known = this.#byWatcher.get(edge.watcher)?.get(edge.watched);
    if (known) {
      known.owners.add(owner);
      return false;
    }
    const dependency: Dependency = { ...edge, owners: new Set([owner]) };
    inner(this.#byWatcher, edge.watcher).set(edge.watched, dependency);
    inner(this.#byWatched, edge.watched).set(edge.watcher, dependency);
    return true;
  }

  /** Takes `owner` from the edge, which goes with its last owner; says whether it went. */
  unlink({ watcher, watched }: { watcher: Key; watched: Key }, owner: Owner): boolean {
    const dependency = this.#byWatcher.get(watcher)?.get(watched);
    if (!dependency?.owners.delete(owner) || dependency.owners.size > 0) return false;
    drop(this.#byWatcher, watcher, watched);
    drop(this.#byWatched, watched, watcher);
    return true;
  }

  /** Who depends on `watched`. Edges may be dropped, but not added, while one iterates. */
  dependents(watched: Key): Iterable<Dependency> {
    return this.#byWatched.get(watched)?.values() ?? [];
  }

  /** What `watcher` depends on, in the order in which the edges were made. */
  dependencies(watcher: Key): Iterable<Dependency> {
    return this.#byWatcher.get(watcher)?.values() ?? [];
  }
}

function inner(edges: Map<Key, Map<Key, Dependency>>, key: Key): Map<Key, Dependency> {
  const known = edges.get(key);
  if (known) return known;
  const made = new Map<Key, Dependency>();
  edges.set(key, made);
  return made;
}

function drop(edges: Map<Key, Map<Key, Dependency>>, key: Key, other: Key): void {
  const ends = edges.get(key);
  ends?.delete(other);
  if (ends?.size === 0) edges.delete(key);
}
