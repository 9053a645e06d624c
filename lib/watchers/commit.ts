import type { DependencyGraph } from "../graph/dependency_graph.ts";
import type { Cause } from "../kubernetes/cause.ts";
import type { CanonicalIdentifier, Key } from "../kubernetes/identifier.ts";
import type { Lease, Serving } from "../serve/serving.ts";
import type { WatcherState } from "./watcher_state.ts";

/** The rooms that a commit touches. */
export interface CommitRooms {
  readonly serving: Serving;
  readonly graph: DependencyGraph;
  readonly initialReconcile: boolean;
  enqueue(watcher: CanonicalIdentifier, cause: Cause): void;
}

/** What one call of a watcher asks for. */
export interface Change {
  /** The place of the call among the calls of its watcher. */
  readonly number: number;
  /** What becomes edges, or goes back where an edge is there already. */
  readonly leases: readonly Lease[];
  /** For a replacement: all that stays; edges of earlier calls that are not in it go. */
  readonly keep?: ReadonlySet<Key>;
  /** The edges come from a read of a query that may yet fail. */
  readonly provisional?: boolean;
  /** Aborted where the call is over: then it changes nothing. */
  readonly signal: AbortSignal;
}

/**
 * Puts a change into effect in one synchronous step: links what is new, unlinks what is replaced, queues the initial
 * reconcile. Nothing changes where the call is over or a lease has been blocked meanwhile.
 *
 * @returns the ends of the streams that nobody needs any more
 * @throws `signal.reason`, or the error of a blocked lease
 */
export function commit(state: WatcherState, change: Change, rooms: CommitRooms): Promise<unknown>[] {
  const refusal = change.signal.aborted
    ? change.signal.reason
    : change.leases.find((lease) => lease.error !== undefined)?.error;
  if (refusal !== undefined) {
    for (const lease of change.leases) rooms.serving.release(lease);
    throw refusal;
  }
  const added: Lease[] = [];
  const released: Lease[] = [];
  for (const lease of change.leases)
    (link(state, { ...change, lease }, rooms) ? added : released).push(lease);
  if (change.keep) released.push(...replace(state, { ...change, keep: change.keep }, rooms));
  if (rooms.initialReconcile) for (const lease of added) queueInitial(state, lease, rooms);
  return released.map((lease) => rooms.serving.release(lease));
}

/** Drops an edge; its lease is the caller's to release. */
export function unlink(
  state: WatcherState,
  watched: Key,
  { graph }: Pick<CommitRooms, "graph">,
): Lease | undefined {
  const edge = state.edges.get(watched);
  state.edges.delete(watched);
  graph.unlink({ watcher: state.key, watched }, "explicit");
  return edge?.lease;
}

/** Says whether the lease became a new edge. */
function link(
  state: WatcherState,
  { lease, number, provisional = false }: Change & { lease: Lease },
  { graph }: CommitRooms,
): boolean {
  const edge = state.edges.get(lease.key);
  if (edge) {
    edge.number = Math.max(edge.number, number);
    edge.provisional &&= provisional;
    return false;
  }
  // A later replacement has already decided that this is not wanted.
  if (number < state.replacedAt) return false;
  state.edges.set(lease.key, { lease, number, provisional });
  graph.link({ watcher: state.key, watched: lease.key }, "explicit");
  return true;
}

function replace(
  state: WatcherState,
  { number, keep }: Change & { keep: ReadonlySet<Key> },
  rooms: CommitRooms,
): Lease[] {
  const released: Lease[] = [];
  for (const [key, edge] of state.edges) {
    if (keep.has(key)) edge.provisional = false;
    else if (edge.number < number) {
      unlink(state, key, rooms);
      released.push(edge.lease);
    }
  }
  state.replacedAt = Math.max(state.replacedAt, number);
  return released;
}

function queueInitial(state: WatcherState, { key, watched }: Lease, { serving, enqueue }: CommitRooms): void {
  const answer = serving.read(key);
  if (answer.known && answer.objects.length > 0) enqueue(state, { type: "INITIAL", watched });
}
