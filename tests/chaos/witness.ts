import { setImmediate as turn } from "node:timers/promises";
import {
  type Cause,
  type DependencyWatchError,
  type DynamicWatcher,
  type Frozen,
  formatIdentifier,
  type KubernetesObject,
  NoCacheEntryError,
  type ObjectCause,
  type ObjectIdentifier,
  type ReconcileContext,
} from "../../mod.ts";

/** The resource version of each object of a set, by uid. */
export type Versions = ReadonlyMap<string, string>;

/** What one watcher knows of one identifier that it depends on. */
export interface Knowledge {
  readonly watched: ObjectIdentifier;
  /** What the cache held when the watcher was last reconciled. */
  readonly seen: Versions;
  /** What its causes make up, from the first to the last. */
  readonly told: Versions;
}

interface MutableKnowledge extends Knowledge {
  seen: Versions;
  told: Map<string, string>;
}

/** Of so many runs one fails, to be retried. */
const FAILING_RUNS = 50;
/** How many causes a watcher is told at most. */
const MOST_CAUSES = 100;

/** The reconcile of all watchers, which remembers what each of them was told and saw. */
export class Witness {
  /** Which identifiers have been blocked for which watchers, and why. */
  readonly blocked: { watcher: string; watched: ObjectIdentifier; error: DependencyWatchError }[] = [];
  /** The kinds of which changes were found by comparing lists, as when the server has forgotten what happened. */
  readonly relisted = new Set<string>();
  /** What must never be: two runs of a watcher at once, causes that do not follow from those before them. */
  readonly faults: string[] = [];
  #runs = 0;
  readonly #running = new Set<string>();
  readonly #knowledge = new Map<string, Map<string, MutableKnowledge>>();
  #dynamicWatcher: DynamicWatcher | undefined;

  /** How many reconciles have begun. */
  get runs(): number {
    return this.#runs;
  }

  /** Whether no reconcile is under way. */
  get idle(): boolean {
    return this.#running.size === 0;
  }

  /** Names the watcher's cache; no reconcile may come before. */
  attach(dynamicWatcher: DynamicWatcher): void {
    this.#dynamicWatcher = dynamicWatcher;
  }

  /** Says that the watcher depends on the identifier from now on; a block takes that back. */
  expect(watcher: ObjectIdentifier, watched: ObjectIdentifier): void {
    const ofWatcher = this.#knowledgeOf(watcher);
    const key = formatIdentifier(watched);
    if (!ofWatcher.has(key)) ofWatcher.set(key, { watched, seen: new Map(), told: new Map() });
  }

  /** All that is expected: each watcher's name with each identifier. */
  *knowledge(): Iterable<[watcher: string, Knowledge]> {
    for (const [watcher, ofWatcher] of this.#knowledge) {
      for (const knowledge of ofWatcher.values()) yield [watcher, knowledge];
    }
  }

  /** What the cache holds of the identifier now; undefined where it has no entry. */
  cached(watched: ObjectIdentifier): Versions | undefined {
    try {
      const { name } = watched;
      const cache = this.#dynamicWatcher;
      const objects = name === undefined ? cache?.listFromCache(watched) : [cache?.getFromCache(watched)];
      return new Map(objects?.flatMap((object) => versionOf(object)));
    } catch (error) {
      if (error instanceof NoCacheEntryError) return undefined;
      throw error;
    }
  }

  /** The reconcile function. */
  async reconcile(watcher: ObjectIdentifier, context: ReconcileContext): Promise<void> {
    const name = watcher.name ?? "";
    if (this.#running.has(name)) this.faults.push(`${name} was reconciled twice at once`);
    this.#running.add(name);
    this.#runs += 1;
    try {
      if (context.attempt === 0 && this.#runs % FAILING_RUNS === 0) throw new Error("a run that fails");
      this.#learn(watcher, context);
      await turn();
    } finally {
      this.#running.delete(name);
    }
  }

  #learn(watcher: ObjectIdentifier, { causes, causesDropped }: ReconcileContext): void {
    if (causesDropped && causes.length < MOST_CAUSES) {
      this.faults.push(`${watcher.name} was told of ${causes.length} causes only`);
    }
    const ofWatcher = this.#knowledgeOf(watcher);
    const initial = new Set<string>();
    for (const cause of causes) {
      if (cause.type === "INITIAL") initial.add(formatIdentifier(cause.watched));
      if (cause.type === "BLOCKED") this.#block(watcher, cause);
    }
    for (const [key, knowledge] of ofWatcher) {
      // A watcher that is being added is reconciled for its other identifiers too.
      knowledge.seen = this.cached(knowledge.watched) ?? new Map();
      if (initial.has(key) || causesDropped) knowledge.told = new Map(knowledge.seen);
    }
    for (const cause of causes) {
      if (!("relisted" in cause)) continue;
      if (cause.relisted) this.relisted.add(cause.watched.kind);
      const key = formatIdentifier(cause.watched);
      const knowledge = ofWatcher.get(key);
      if (knowledge === undefined || initial.has(key) || causesDropped) continue;
      const problem = follow(knowledge.told, cause);
      if (problem) this.faults.push(`${watcher.name} was told of ${key}: ${problem}`);
    }
  }

  #block(watcher: ObjectIdentifier, { watched, error }: Extract<Cause, { type: "BLOCKED" }>): void {
    this.blocked.push({ watcher: watcher.name ?? "", watched, error });
    this.#knowledgeOf(watcher).delete(formatIdentifier(watched));
  }

  #knowledgeOf({ name = "" }: ObjectIdentifier): Map<string, MutableKnowledge> {
    const known = this.#knowledge.get(name) ?? new Map<string, MutableKnowledge>();
    this.#knowledge.set(name, known);
    return known;
  }
}

/** Applies a cause to what was told before; answers what does not fit. */
function follow(told: Map<string, string>, { type, before, after }: ObjectCause): string | undefined {
  const known = before && told.get(before.uid);
  if (before) told.delete(before.uid);
  const twice = after && told.has(after.uid);
  if (after) told.set(after.uid, after.resourceVersion);
  // One that came and went between two runs is told as DELETED, with a version that nobody was told of.
  if (before && known !== before.resourceVersion && !(type === "DELETED" && known === undefined)) {
    return `${type} of ${before.name} from ${before.resourceVersion}, told before was ${known ?? "nothing"}`;
  }
  return twice ? `ADDED of ${after?.name}, which it knows` : undefined;
}

function versionOf(object: Frozen<KubernetesObject> | undefined): [uid: string, resourceVersion: string][] {
  const { uid = "", resourceVersion = "" } = object?.metadata ?? {};
  return object ? [[uid, resourceVersion]] : [];
}
