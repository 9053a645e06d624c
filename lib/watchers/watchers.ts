import type { DependencyGraph } from "../graph/dependency_graph.ts";
import type { Cause, ObjectCause } from "../kubernetes/cause.ts";
import {
  type DependencyWatchError,
  NotStartedError,
  QueryBatchInProgressError,
  WatcherRemovedError,
} from "../kubernetes/errors.ts";
import {
  type CanonicalIdentifier,
  formatIdentifier,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import type { Frozen, WatchedObject } from "../kubernetes/object.ts";
import type { Lease, Serving } from "../serve/serving.ts";
import { linkedController, onAbort, untilAborted } from "../support/abort.ts";
import { noBodies, nothingWatched } from "./answers.ts";
import type { Call } from "./call.ts";
import type { WatcherSnapshot } from "./checkpoint_contract.ts";
import { type Change, commit, unlink } from "./commit.ts";
import { type Ending, type Query, WatcherQueryBatch } from "./query_batch.ts";
import { WatcherState } from "./watcher_state.ts";

/** The rooms that the watchers work with. */
export interface WatchersOptions {
  readonly serving: Serving;
  readonly graph: DependencyGraph;
  readonly initialReconcile: boolean;
  /** Queues a watcher. */
  enqueue(watcher: CanonicalIdentifier, cause: Cause): void;
  /** Forgets all that is queued or running for a watcher. */
  forget(watcher: ObjectIdentifier): void;
}

/** The watchers of one run of a DynamicWatcher: their calls, in order, and what comes of them. */
export class Watchers {
  readonly #rooms: WatchersOptions;
  readonly #states = new Map<Key, WatcherState>();
  #stopped = false;

  constructor(rooms: WatchersOptions) {
    this.#rooms = rooms;
  }

  /** Whether anything is under way that may change what a watcher depends on. */
  get busy(): boolean {
    return [...this.#states.values()].some((state) => state.busy);
  }

  /** What each watcher depends on. */
  *dependencies(): Iterable<WatcherSnapshot> {
    for (const { identifier, edges } of this.#states.values()) {
      yield { watcher: identifier, watched: Array.from(edges.values(), ({ lease }) => lease.watched) };
    }
  }

  /** Links the edges of a former run, which are new to nobody. */
  restore(watcher: CanonicalIdentifier, leases: readonly Lease[]): void {
    const { signal } = new AbortController();
    commit(this.#state(watcher), { number: 0, leases, signal }, { ...this.#rooms, initialReconcile: false });
  }

  /** Makes the watcher depend on one more identifier. */
  async add(
    watcher: CanonicalIdentifier,
    watched: ObjectIdentifier,
    { signal }: { signal: AbortSignal | undefined },
  ): Promise<void> {
    this.#assertNoBatch("add a watcher", watcher);
    await this.#change(watcher, { watched: [{ id: watched, field: "watched" }], replace: false, signal });
  }

  /** Makes the watcher depend on these identifiers and on nothing else; all or nothing. */
  async replace(
    watcher: CanonicalIdentifier,
    watched: readonly ObjectIdentifier[],
    { signal }: { signal: AbortSignal | undefined },
  ): Promise<void> {
    this.#assertNoBatch("update a watcher", watcher);
    const fields = watched.map((id, index) => ({ id, field: `watched[${index}]` }));
    await Promise.all(await this.#change(watcher, { watched: fields, replace: true, signal }));
  }

  /** Drops all that the watcher depends on and all that is pending for it, at once. */
  async remove({ key, identifier }: CanonicalIdentifier, { endBatch }: { endBatch: boolean }): Promise<void> {
    const state = this.#states.get(key);
    if (state?.batch && !endBatch) {
      throw new QueryBatchInProgressError("remove a watcher", formatIdentifier(identifier));
    }
    this.#states.delete(key);
    const ended = state && this.#drop(state);
    // Last: a reconcile that hears of its abort may call back at once.
    this.#rooms.forget(identifier);
    await ended;
  }

  /** Opens a query batch; until it has ended, nothing else changes what the watcher depends on. */
  openBatch(watcher: CanonicalIdentifier, verb: string): WatcherQueryBatch {
    this.#assertNoBatch(verb, watcher);
    const state = this.#state(watcher);
    const batch = new WatcherQueryBatch({
      watcher: watcher.identifier,
      scoped: (id, options) => this.#rooms.serving.scoped(id, options),
      assertStarted: (from) => this.#assertStarted(from),
      read: (watched, { signal }) => this.#read(state, watched, signal),
      replace: (keep, ending) => this.#endBatch(state, { ...ending, settle: this.#replaceWith(state, keep) }),
      rollBack: (keep, ending) =>
        this.#endBatch(state, {
          ...ending,
          settle: ({ signal }) => this.#dropProvisional(state, keep, signal),
        }),
      rollBackNow: (keep) => {
        this.#dropProvisional(state, keep);
        this.#closeBatch(state, batch);
      },
    });
    state.batch = batch;
    return batch;
  }

  /** Runs `read` with a batch of its own, which ends with it, or at once where `signal` aborts before. */
  async query<T>(
    watcher: CanonicalIdentifier,
    read: (query: Query) => Promise<T>,
    { signal: callerSignal }: { signal: AbortSignal | undefined },
  ): Promise<T> {
    callerSignal?.throwIfAborted();
    const batch = this.openBatch(watcher, "query");
    const state = this.#state(watcher);
    const reading = async () =>
      read({ get: (id, options) => batch.get(id, options), list: (id, options) => batch.list(id, options) });
    return this.#call(state, callerSignal, async (call) => {
      const { signal } = call;
      const forget = onAbort(signal, () => {
        // After a stop or a removal there is nothing to take back.
        if (!this.#stopped && this.#states.get(state.key) === state) batch.giveUp(signal.reason);
      });
      try {
        // What the user's function awaits may be this very watcher's removal: nobody waits for it after an abort.
        const result = await untilAborted(reading(), signal);
        await batch.endWithin(call);
        return result;
      } catch (error) {
        if (!signal.aborted) await batch.failWithin(call);
        throw error;
      } finally {
        forget();
      }
    });
  }

  /** What the watcher depends on has changed: queues all whom it concerns. */
  onTransition(watched: Key, cause: ObjectCause): void {
    for (const { watcher, accepts } of this.#rooms.graph.dependents(watched)) {
      const state = this.#states.get(watcher);
      if (state && accepts?.(cause) !== false) this.#rooms.enqueue(state, cause);
    }
  }

  /** The identifier can no longer be watched: its edges go, and who had them is told. */
  onBlocked(watched: Key, error: DependencyWatchError): void {
    for (const { watcher } of [...this.#rooms.graph.dependents(watched)]) {
      const state = this.#states.get(watcher);
      const lease = state && unlink(state, watched, this.#rooms);
      if (!lease) continue;
      this.#forgetIfIdle(state);
      this.#rooms.enqueue(state, { type: "BLOCKED", watched: lease.watched, error });
    }
  }

  /**
   * All objects that the watcher depends on, each once.
   *
   * @throws NoCacheEntryError where it depends on nothing
   */
  readAll<T>({ key, identifier }: CanonicalIdentifier): readonly Frozen<T>[] {
    const state = this.#states.get(key);
    if (!state?.edges.size) throw nothingWatched(identifier);
    const answers = Array.from(state.edges.values(), ({ lease: { key: watched, watched: id } }) => {
      const answer = this.#rooms.serving.read(watched);
      if (answer.known && answer.bodiless) throw noBodies(id);
      return answer.known ? [answer.objects] : [];
    });
    return state.answers.bodiesOf<T>(answers.flat());
  }

  /** Rejects all that is under way and refuses what comes later. What is known stays readable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const reason = new NotStartedError("go on", "the DynamicWatcher was stopped meanwhile");
    await Promise.all(Array.from(this.#states.values(), (state) => state.abortCalls(reason)));
  }

  /** Takes the state out of everything; resolves when all that it had begun has ended. */
  async #drop(state: WatcherState): Promise<void> {
    state.batch?.abandon();
    const callsEnded = state.abortCalls(new WatcherRemovedError(formatIdentifier(state.identifier)));
    const leases = Array.from(state.edges.keys(), (watched) => unlink(state, watched, this.#rooms));
    await Promise.all([callsEnded, ...leases.map((lease) => lease && this.#rooms.serving.release(lease))]);
  }

  async #change(
    watcher: CanonicalIdentifier,
    {
      watched,
      replace,
      signal: callerSignal,
    }: {
      watched: readonly { id: ObjectIdentifier; field: string }[];
      replace: boolean;
      signal: AbortSignal | undefined;
    },
  ): Promise<Promise<unknown>[]> {
    const state = this.#state(watcher);
    const number = state.takeNumber();
    return this.#call(state, callerSignal, async (call) => {
      const leases = await this.#acquireAll(watched, { signal: call.signal });
      const keep = replace ? new Set(leases.map((lease) => lease.key)) : undefined;
      return this.#commit(state, call, { number, leases, ...(keep && { keep }) });
    });
  }

  /** A lease on each; where one fails the others are given up. */
  async #acquireAll(
    watched: readonly { id: ObjectIdentifier; field: string }[],
    { signal, bodies = false }: { signal: AbortSignal; bodies?: boolean },
  ): Promise<Lease[]> {
    const together = linkedController(signal);
    try {
      const results = await Promise.allSettled(
        watched.map(({ id, field }) =>
          this.#rooms.serving.acquire(id, { field, bodies, signal: together.signal }).catch((error) => {
            together.abort(error);
            throw error;
          }),
        ),
      );
      const leases = results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
      if (together.signal.aborted) {
        await Promise.all(leases.map((lease) => this.#rooms.serving.release(lease)));
        throw together.signal.reason;
      }
      return leases;
    } finally {
      together.unlink();
    }
  }

  async #read(
    state: WatcherState,
    id: ObjectIdentifier,
    signal: AbortSignal | undefined,
  ): Promise<{ key: Key; objects: readonly WatchedObject[] }> {
    const number = state.takeNumber();
    return this.#call(state, signal, async (call) => {
      const [lease] = (await this.#acquireAll([{ id, field: "watched" }], {
        signal: call.signal,
        bodies: true,
      })) as [Lease];
      const answer = this.#rooms.serving.read(lease.key);
      this.#commit(state, call, { number, leases: [lease], provisional: true });
      return { key: lease.key, objects: answer.known ? answer.objects : [] };
    });
  }

  async #endBatch(
    state: WatcherState,
    { reads, call, settle }: Ending & { settle: (call: Call) => Promise<unknown>[] },
  ): Promise<void> {
    const { batch } = state;
    async function end(within: Call): Promise<void> {
      await Promise.allSettled(reads);
      await Promise.all(settle(within));
    }
    try {
      await (call ? end(call) : this.#call(state, undefined, end));
    } finally {
      this.#closeBatch(state, batch);
    }
  }

  /** Lets another batch be opened; one that has been already is left alone. */
  #closeBatch(state: WatcherState, batch: WatcherQueryBatch | undefined): void {
    if (state.batch === batch) state.batch = undefined;
    this.#forgetIfIdle(state);
  }

  #replaceWith(state: WatcherState, keep: ReadonlySet<Key>): (call: Call) => Promise<unknown>[] {
    const number = state.takeNumber();
    return (call) => this.#commit(state, call, { number, leases: [], keep });
  }

  #dropProvisional(state: WatcherState, keep: ReadonlySet<Key>, signal?: AbortSignal): Promise<unknown>[] {
    signal?.throwIfAborted();
    const failed = [...state.edges].filter(([key, edge]) => edge.provisional && !keep.has(key));
    return failed.map(([key, { lease }]) => {
      unlink(state, key, this.#rooms);
      return this.#rooms.serving.release(lease);
    });
  }

  #commit(state: WatcherState, call: Call, change: Omit<Change, "signal">): Promise<unknown>[] {
    const ended = commit(state, { ...change, signal: call.signal }, this.#rooms);
    call.settle();
    return ended;
  }

  #call<T>(
    state: WatcherState,
    signal: AbortSignal | undefined,
    work: (call: Call) => Promise<T>,
  ): Promise<T> {
    return state.call(work, { signal, onEnded: () => this.#forgetIfIdle(state) });
  }

  #state(watcher: CanonicalIdentifier): WatcherState {
    const known = this.#states.get(watcher.key);
    if (known) return known;
    const state = new WatcherState(watcher);
    this.#states.set(watcher.key, state);
    return state;
  }

  #forgetIfIdle(state: WatcherState): void {
    if (state.idle && this.#states.get(state.key) === state) this.#states.delete(state.key);
  }

  #assertStarted(verb: string): void {
    if (this.#stopped) throw new NotStartedError(verb);
  }

  #assertNoBatch(verb: string, { key, identifier }: CanonicalIdentifier): void {
    if (!this.#states.get(key)?.batch) return;
    throw new QueryBatchInProgressError(verb, formatIdentifier(identifier));
  }
}
