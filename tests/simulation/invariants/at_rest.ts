import type { Cause } from "../../../lib/kubernetes/cause.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { Watched } from "../catalogue.ts";
import type { Due } from "../due.ts";
import { isIgnored } from "../reconciles.ts";
import { type Version, versionOf } from "../told.ts";
import type { World } from "../world.ts";
import { canonicalJson } from "./canonical_json.ts";

/** The identifiers that somebody depends on, with what the server has of them. */
type Truth = ReadonlyMap<Watched, readonly KubernetesObject[]>;

/** What must be true when nothing is wrong any more and all that was under way has ended. */
export async function checkAtRest(world: World): Promise<void> {
  const truth = await truthOf(world);
  world.check("streams are what is needed", () => otherStreams(world, truth));
  if (world.schedule.settings.cache) {
    world.check("the cache is what the server has", () => otherCache(world, truth));
  }
  world.check("watchers were told everything", () => otherBelief(world, truth));
  world.check("watchers were reconciled after the last change", () => lateReconcile(world, truth));
  world.check("watchers were told what was due", () => unpaid(world));
  // Without a cache this is the only time at which it is known what a watcher must know.
  for (const [watcher, watched] of edges(world)) {
    world.told.begin(watcher, watched, truth.get(watched)?.map(versionOf) ?? []);
  }
}

async function truthOf(world: World): Promise<Truth> {
  const truth = new Map<Watched, readonly KubernetesObject[]>();
  for (const [, watched] of edges(world)) {
    if (!truth.has(watched)) truth.set(watched, await world.cluster.objectsOf(watched));
  }
  return truth;
}

function* edges({
  dependencies,
}: World): Iterable<readonly [watcher: string, watched: Watched, since: number]> {
  for (const watcher of dependencies.watchers) {
    for (const [watched, { since }] of dependencies.expected(watcher)) yield [watcher, watched, since];
  }
}

function otherStreams({ transport, dynamicWatcher, cluster }: World, truth: Truth): string | undefined {
  const open = transport.openStreams.map(({ stream }) => stream).sort();
  const needed = [...truth.keys()].map(({ stream }) => stream).sort();
  const { watchCount, streamCount } = dynamicWatcher;
  const { openWatches } = cluster.server;
  const counts = [watchCount, streamCount, openWatches];
  if (open.join() === needed.join() && counts.every((count) => count === open.length)) return undefined;
  const told = `${watchCount} watched, ${streamCount} streams, ${openWatches} open at the server`;
  return `${told}; open: ${open.join(", ")}; needed: ${needed.join(", ")}`;
}

function otherCache({ dynamicWatcher }: World, truth: Truth): string | undefined {
  for (const [{ identifier, text }, objects] of truth) {
    const cached =
      identifier.name === undefined
        ? dynamicWatcher.listFromCache(identifier)
        : [dynamicWatcher.getFromCache(identifier)].filter((object) => object !== undefined);
    const [has, should] = [cached, objects].map(canonicalJson);
    if (has !== should) return `${text}: ${has}; the server has ${should}`;
  }
  return undefined;
}

function otherBelief(world: World, truth: Truth): string | undefined {
  for (const [watcher, watched] of edges(world)) {
    const believed = world.told.of(watcher, watched);
    if (!believed) continue;
    const [has, should] = [formatVersions(believed), formatVersions(truth.get(watched)?.map(versionOf))];
    if (has !== should) return `${watcher} of ${watched.text}: ${has}; the server has ${should}`;
  }
  return undefined;
}

function lateReconcile(world: World, truth: Truth): string | undefined {
  const { dependencies, reconciles, cluster, told, triggeredAt } = world;
  for (const watcher of new Set([...dependencies.watchers, ...triggeredAt.keys()])) {
    const forgotten = world.forgottenAt(watcher);
    const last = reconciles.lastOf(watcher);
    const isMeant = last && last.startedAt > forgotten && !isIgnored(last);
    if (isMeant && (last.outcome !== "succeeded" || last.signal.aborted)) {
      return `the last reconcile of ${watcher} has ${last.outcome}, and no other came`;
    }
    const triggered = triggeredAt.get(watcher) ?? 0;
    if (triggered > forgotten && (last?.startedAt ?? 0) < triggered) {
      return `${watcher} was triggered and not reconciled`;
    }
  }
  for (const [watcher, watched, since] of edges(world)) {
    const changed = cluster.changedAt(watched);
    if (changed <= since || (reconciles.lastOf(watcher)?.startedAt ?? 0) > changed) continue;
    // What came and went unseen makes no difference.
    const believed = told.of(watcher, watched);
    if (!believed || formatVersions(believed) === formatVersions(truth.get(watched)?.map(versionOf)))
      continue;
    return `${watcher} was not reconciled after the last change of ${watched.text}`;
  }
  return undefined;
}

function unpaid(world: World): string | undefined {
  const { due, dependencies, reconciles } = world;
  for (const { watcher, watched, after, type } of due.splice(0)) {
    if (world.forgottenAt(watcher) > after) continue;
    if (type === "INITIAL" && !dependencies.expected(watcher).has(watched)) continue;
    const runs = reconciles.runs.filter((run) => run.watcher === watcher && run.startedAt > after);
    if (!runs.some((run) => run.causes.some((cause) => pays(world, cause, { watched, type })))) {
      return `${watcher} never heard ${type} of ${watched.text}`;
    }
  }
  return undefined;
}

/** Whoever is told of an object need not be told besides that there is one. */
function pays(world: World, cause: Cause, { watched, type }: Pick<Due, "watched" | "type">): boolean {
  if (!("watched" in cause) || world.watchedOf(cause.watched) !== watched) return false;
  return type === "INITIAL" || cause.type === type;
}

function formatVersions(objects: readonly Version[] = []): string {
  const texts = objects.map((one) => `${one.namespace}/${one.name} ${one.uid}@${one.resourceVersion}`);
  return texts.sort().join(", ") || "nothing";
}
