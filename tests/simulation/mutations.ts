/** A deliberate defect of the engine: an edit of one file that the simulation must notice. */
export interface Mutation {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** What is wrong then. */
  readonly breaks: string;
  /** Is there exactly once. */
  readonly from: string;
  readonly to: string;
}

export const MUTATIONS: readonly Mutation[] = [
  {
    name: "drop-deleted",
    file: "lib/watch/reflector_step.ts",
    breaks: "a DELETED of the watch raises the version and goes no further",
    from: `return { state: advance(state, resourceVersion), effects: [{ do: "apply", event }] };`,
    to: `return { state: advance(state, resourceVersion), effects: event.type === "DELETED" ? [] : [{ do: "apply", event }] };`,
  },
  {
    name: "drop-added",
    file: "lib/watch/reflector_step.ts",
    breaks: "an ADDED of the watch raises the version and goes no further",
    from: `return { state: advance(state, resourceVersion), effects: [{ do: "apply", event }] };`,
    to: `return { state: advance(state, resourceVersion), effects: event.type === "ADDED" ? [] : [{ do: "apply", event }] };`,
  },
  {
    name: "ignore-expired",
    file: "lib/watch/failure.ts",
    breaks: "after a 410 the watch is asked for again at the same version",
    from: `if (isExpired(error)) return "expired";`,
    to: `if (isExpired(error)) return "throttled";`,
  },
  {
    name: "no-floor",
    file: "lib/watch/reflector_step.ts",
    breaks: "a replayed ADDED brings back the dead",
    from: `return order === undefined || order > 0;`,
    to: `return order !== Number.NaN;`,
  },
  {
    name: "resume-from-stale-version",
    file: "lib/watch/reflector_step.ts",
    breaks: "a bookmark beyond what was delivered is where the watch resumes: one event further",
    from: `return { state: advance(state, resourceVersion), effects: NO_EFFECTS };`,
    to: `return { state: advance(state, String(Number(resourceVersion) + 1)), effects: NO_EFFECTS };`,
  },
  {
    name: "trust-a-version-from-the-future",
    file: "lib/watch/reflector_step.ts",
    breaks:
      "two silent watches in a row lead to no list: after a restored backup the old world stays for ever",
    from: `if (silent && state.silentBefore && state.bookmarks) {`,
    to: `if (silent && state.silentBefore && state.bookmarks && false) {`,
  },
  {
    name: "no-backoff",
    file: "lib/support/backoff.ts",
    breaks: "a stream that fails tries again at once",
    from: `return base * (1 + policy.jitter * random());`,
    to: `return base * random() * 0;`,
  },
  {
    name: "block-at-once",
    file: "lib/watch/reflector_step.ts",
    breaks: "the first 403 of a live stream ends it",
    from: `if (final || (kind === "denied" && state.denied)) return block(state, error);`,
    to: `if (final || kind === "denied") return block(state, error);`,
  },
  {
    name: "believe-a-404",
    file: "lib/watch/reflector_step.ts",
    breaks: "a 404 ends a live stream though discovery still has the kind",
    from: `if (kind === "missing" && (state.started || state.failures === 0)) return confirmKind(state, error);`,
    to: `if (kind === "missing" && (state.started || state.failures === 0)) return block(state, error);`,
  },
  {
    name: "no-diff-on-relist",
    file: "lib/cache/object_store.ts",
    breaks: "what a new list lacks stays in the store, and nobody is told",
    from: `      if (next.has(key)) continue;`,
    to: `      if (next.has(key) || next.set(key, before)) continue;`,
  },
  {
    name: "relist-tells-nobody",
    file: "lib/cache/object_store.ts",
    breaks: "what a new list shows is taken in without a word",
    from: `    this.#objects = next;
    this.#emit(changes);`,
    to: `    this.#objects = next;`,
  },
  {
    name: "leaving-is-a-change",
    file: "lib/cache/object_store.ts",
    breaks: "an object that leaves a selector, or is deleted, stays, and is told as MODIFIED",
    from: `const after = type === "DELETED" ? undefined : newest(before, object);`,
    to: `const after = type === "DELETED" && !before ? undefined : newest(before, object);`,
  },
  {
    name: "stale-sorted-list",
    file: "lib/cache/object_store.ts",
    breaks: "a list handed out is not renewed after a delete",
    from: `    else this.#objects.delete(key);
    this.#sorted = undefined;`,
    to: `    else this.#objects.delete(key);
    if (after) this.#sorted = undefined;`,
  },
  {
    name: "keep-stream-after-release",
    file: "lib/serve/stream_serving.ts",
    breaks: "a stream that nobody needs goes on",
    from: `    await served.stop();
    this.#ending.delete(served);`,
    to: `    this.#ending.delete(served);`,
  },
  {
    name: "never-release",
    file: "lib/serve/stream_serving.ts",
    breaks: "a lease given back is not taken note of",
    from: `if (!served?.release(lease) || served.leased) return;`,
    to: `if (!served) return;`,
  },
  {
    name: "release-for-all",
    file: "lib/serve/stream_serving.ts",
    breaks: "the first who goes takes the stream of the others along",
    from: `if (!served?.release(lease) || served.leased) return;`,
    to: `if (!served?.release(lease)) return;`,
  },
  {
    name: "failed-call-keeps-its-leases",
    file: "lib/watchers/watchers.ts",
    breaks: "where one identifier of a call cannot be watched, the streams of the others stay",
    from: `        await Promise.all(leases.map((lease) => this.#rooms.serving.release(lease)));
        throw together.signal.reason;`,
    to: `        throw together.signal.reason;`,
  },
  {
    name: "one-stream-for-each-call",
    file: "lib/serve/stream_serving.ts",
    breaks: "each call opens a stream of its own",
    from: `served = this.#served.get(canonical.key) ?? this.#serve(canonical, resource);`,
    to: `served = this.#serve(canonical, resource);`,
  },
  {
    name: "forget-trigger-while-running",
    file: "lib/reconcile/work_queue.ts",
    breaks: "what comes for a watcher while it is reconciled is lost",
    from: `      this.#again.add(key);`,
    to: `      this.#again.delete(key);`,
  },
  {
    name: "run-twice-at-once",
    file: "lib/reconcile/work_queue.ts",
    breaks: "a watcher that is reconciled is handed out again",
    from: `    this.#taken.add(key);
    return key;`,
    to: `    return key;`,
  },
  {
    name: "unlimited-workers",
    file: "lib/reconcile/reconciler.ts",
    breaks: "maxConcurrentReconciles limits nothing",
    from: `    this.#freeWorkers -= 1;`,
    to: `    this.#freeWorkers -= 0;`,
  },
  {
    name: "leak-workers",
    file: "lib/reconcile/reconcile_run.ts",
    breaks: "a run that takes too long never gives its worker back",
    from: `    this.#ended = true;
    this.#cancelTimeout?.();
    this.release();`,
    to: `    this.#ended = true;
    this.#cancelTimeout?.();
    if ("result" in outcome) this.release();`,
  },
  {
    name: "lose-retry",
    file: "lib/reconcile/reconciler.ts",
    breaks: "a run that failed is not run again",
    from: `      this.#queue.addRateLimited(watcher.key);`,
    to: `      void watcher;`,
  },
  {
    name: "lose-causes-of-failed-runs",
    file: "lib/reconcile/reconciler.ts",
    breaks: "a retry is not told what the run before it was told",
    from: `    pending.causes = causes;`,
    to: `    void causes;`,
  },
  {
    name: "lose-requeue",
    file: "lib/reconcile/delaying_queue.ts",
    breaks: "what comes later does not come",
    from: `      this.#delayed.delete(key);
      this.add(key);`,
    to: `      this.#delayed.delete(key);`,
  },
  {
    name: "no-initial-reconcile",
    file: "lib/watchers/commit.ts",
    breaks: "a new dependency that exists already wakes nobody",
    from: `if (answer.known && answer.objects.length > 0) enqueue`,
    to: `if (answer.known && answer.objects.length > 99) enqueue`,
  },
  {
    name: "replacement-keeps-all",
    file: "lib/watchers/commit.ts",
    breaks: "the end of a batch, or an update, unlinks nothing",
    from: `    else if (edge.number < number) {`,
    to: `    else if (edge.number < 0) {`,
  },
  {
    name: "replacement-drops-newer",
    file: "lib/watchers/commit.ts",
    breaks: "a replacement unlinks what a later call has asked for",
    from: `    else if (edge.number < number) {`,
    to: `    else if (number > 0) {`,
  },
  {
    name: "commit-out-of-order",
    file: "lib/watchers/commit.ts",
    breaks: "a call is linked that a later replacement has committed over",
    from: `  if (number < state.replacedAt) return false;`,
    to: `  if (number < 0) return false;`,
  },
  {
    name: "blocked-not-told",
    file: "lib/watchers/watchers.ts",
    breaks: "an edge that is dropped by a block wakes nobody",
    from: `      this.#rooms.enqueue(state, { type: "BLOCKED", watched: lease.watched, error });`,
    to: ``,
  },
  {
    name: "blocked-edge-stays",
    file: "lib/watchers/watchers.ts",
    breaks: "an identifier that is blocked still counts as one that is depended on",
    from: `      const lease = state && unlink(state, watched, this.#rooms);
      if (!lease) continue;`,
    to: `      const lease = state?.edges.get(watched)?.lease;
      if (!lease) continue;`,
  },
  {
    name: "failed-query-keeps-nothing",
    file: "lib/watchers/watchers.ts",
    breaks: "a query that fails takes the last good set along",
    from: `([key, edge]) => edge.provisional && !keep.has(key)`,
    to: `([key, edge]) => edge && !keep.has(key)`,
  },
  {
    name: "batch-read-is-no-edge",
    file: "lib/watchers/watchers.ts",
    breaks: "a read of a batch is answered and not linked",
    from: `      this.#commit(state, call, { number, leases: [lease], provisional: true });`,
    to: `      call.settle(); void number; void this.#rooms.serving.release(lease);`,
  },
  {
    name: "removal-leaves-pending-calls",
    file: "lib/watchers/watchers.ts",
    breaks: "a call that is under way when its watcher is removed links all the same",
    from: `    const callsEnded = state.abortCalls(new WatcherRemovedError(formatIdentifier(state.identifier)));`,
    to: `    const callsEnded = Promise.resolve(new WatcherRemovedError(formatIdentifier(state.identifier)));`,
  },
  {
    name: "removal-leaves-the-queue",
    file: "lib/watchers/watchers.ts",
    breaks: "what is queued for a watcher survives its removal",
    from: `    this.#rooms.forget(identifier);
    await ended;`,
    to: `    void identifier;
    await ended;`,
  },
  {
    name: "stop-leaves-streams",
    file: "lib/serve/stream_serving.ts",
    breaks: "stop() leaves the streams alone",
    from: `await Promise.all(Array.from(this.#all(), (served) => served.stop()));`,
    to: `await Promise.all(Array.from(this.#all(), (served) => served.key));`,
  },
  {
    name: "stop-leaves-a-timer",
    file: "lib/reconcile/reconciler.ts",
    breaks: "the timer of the grace outlives a stop",
    from: `        cancel();
        resolve();`,
    to: `        resolve();`,
  },
  {
    name: "stop-leaves-calls",
    file: "lib/watchers/watchers.ts",
    breaks: "calls under way are not rejected by a stop, and may link after it",
    from: `    await Promise.all(Array.from(this.#states.values(), (state) => state.abortCalls(reason)));`,
    to: `    void reason;`,
  },
  {
    name: "listener-left-on-signal",
    file: "lib/support/abort.ts",
    breaks: "the listener on a caller's signal stays when the call is over",
    from: `    if (hub.callbacks.size === 0) close(signal, hub);`,
    to: ``,
  },
  {
    name: "rejected-call-is-unhandled",
    file: "lib/watchers/watcher_state.ts",
    breaks: "a call that rejects is an unhandled rejection besides",
    from: `      .catch(() => undefined)
      .then(() => {`,
    to: `      .then(() => {`,
  },
  {
    name: "interruption-is-an-error",
    file: "lib/watch/reflector.ts",
    breaks: "a stream that goes on by itself is logged as an error",
    from: `      else logger.warn(message);`,
    to: `      else logger.error(message);`,
  },
  {
    name: "half-open-for-ever",
    file: "lib/watch/idle_watchdog.ts",
    breaks: "a watch that has gone silent is never given up",
    from: `    for (const { onIdle } of idle) onIdle();`,
    to: `    for (const { onIdle } of idle.slice(idle.length)) onIdle();`,
  },
  {
    name: "told-of-replays",
    file: "lib/cache/object_store.ts",
    breaks: "a list that shows nothing new wakes everybody",
    from: `    return isSameVersion(before, after) ? [] : [{ type: "MODIFIED", key, before, after, relisted }];`,
    to: `    return [{ type: "MODIFIED", key, before, after, relisted }];`,
  },
  {
    name: "delete-and-recreate-is-a-change",
    file: "lib/cache/object_store.ts",
    breaks: "an object made anew under the same name is told as MODIFIED",
    from: `  if (before && after && before.uid === after.uid) {
    return isSameVersion`,
    to: `  if (before && after) {
    return isSameVersion`,
  },
];

/** The mutation of this name. */
export function mutationNamed(name: string): Mutation {
  const found = MUTATIONS.find((one) => one.name === name);
  if (!found)
    throw new RangeError(
      `There is no mutation ${name}; there are ${MUTATIONS.map((one) => one.name).join(", ")}`,
    );
  return found;
}
