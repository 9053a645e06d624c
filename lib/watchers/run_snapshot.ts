import { canonicalize, canonicalizeWatcher, type Key } from "../kubernetes/identifier.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import type { Lease } from "../serve/serving.ts";
import type { RunSnapshot } from "./checkpoint_contract.ts";
import type { Run } from "./run.ts";

/** What is to be kept of a run. Only as a whole, and in one turn, it is true. */
export function snapshotOf({ graph, serving, watchers }: Run, reconciler: Reconciler): RunSnapshot {
  const served = [...serving.snapshots()].filter(({ watched }) => graph.isWatched(canonicalize(watched).key));
  return { served, watchers: watchers.dependencies(), due: reconciler.due() };
}

/** Goes on from a snapshot: nothing in it is new to anybody. */
export function restore({ serving, watchers }: Run, reconciler: Reconciler, snapshot: RunSnapshot): void {
  const leases = new Map<Key, () => Lease>();
  for (const served of snapshot.served) leases.set(canonicalize(served.watched).key, serving.restore(served));
  for (const { watcher, watched } of snapshot.watchers) {
    const held = Array.from(watched, (id) => leases.get(canonicalize(id).key)?.());
    watchers.restore(
      canonicalizeWatcher(watcher),
      held.filter((lease) => lease !== undefined),
    );
  }
  for (const due of snapshot.due) reconciler.resume(due);
}
