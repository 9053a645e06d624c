/// <reference lib="esnext.disposable" preserve="true" />
import { DependencyGraph } from "./graph/dependency_graph.ts";
import {
  CacheDisabledError,
  InvalidInputError,
  NoCacheEntryError,
  NotStartedError,
} from "./kubernetes/errors.ts";
import type { GroupVersionKind, ScopedResource } from "./kubernetes/group_version.ts";
import {
  type CanonicalIdentifier,
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  canonicalizeWatcher,
  formatIdentifier,
  type ObjectIdentifier,
} from "./kubernetes/identifier.ts";
import type { Frozen, KubernetesObject, WatchedObject } from "./kubernetes/object.ts";
import { Discovery } from "./protocol/discovery.ts";
import { Reconciler } from "./reconcile/reconciler.ts";
import { StreamServing } from "./serve/stream_serving.ts";
import { addAsyncDispose } from "./support/dispose.ts";
import { TypedEventTarget } from "./support/typed_events.ts";
import { bodiesOf, firstBody, mergedBodies } from "./watchers/answers.ts";
import { type DynamicWatcherEvents, StreamEvent, TransitionEvent } from "./watchers/events.ts";
import { type DynamicWatcherOptions, type ResolvedOptions, resolveOptions } from "./watchers/options.ts";
import type { Query, QueryBatch } from "./watchers/query_batch.ts";
import { Watchers } from "./watchers/watchers.ts";

/** What exists between a start and the end of the stop that follows it. */
interface Run {
  readonly graph: DependencyGraph;
  readonly serving: StreamServing;
  readonly watchers: Watchers;
}

/** Options of every call that can be given up. */
interface CallOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Watches what objects depend on and reconciles them when it changes.
 *
 * A watcher is the identifier of the thing that is reconciled; it need not exist. What it depends on are watched
 * identifiers: single objects or the objects of a selector. Each is watched once, however many depend on it.
 *
 * Every method that returns a promise rejects, and never throws.
 *
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const server = memoryApiServer();
 * const dynamicWatcher = new DynamicWatcher({
 *   transport: server.transport(),
 *   reconcile: (watcher, { causes }) => console.log(watcher.name, causes.map((cause) => cause.type)),
 * });
 * await dynamicWatcher.start();
 * await dynamicWatcher.addWatcher(
 *   { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" },
 *   { version: "v1", kind: "Secret", namespace: "default", name: "db" },
 * );
 * await dynamicWatcher.stop();
 * ```
 */
export class DynamicWatcher extends TypedEventTarget<DynamicWatcherEvents> {
  declare [Symbol.asyncDispose]: () => Promise<void>;
  /** The queue and its events; lasts over a stop and another start. */
  readonly reconciler: Reconciler;
  readonly #options: ResolvedOptions;
  readonly #discovery: Discovery;
  #run: Run | undefined;
  #starting: Promise<void> | undefined;
  #stopping: Promise<void> | undefined;
  /** Counts calls of stop(), so that a start that waits for one sees the next. */
  #stops = 0;
  #detachSignals: (() => void)[] = [];

  /** @throws InvalidInputError naming the option at fault. Makes no request. */
  constructor(options: DynamicWatcherOptions) {
    const resolved = resolveOptions(options);
    super(resolved.logger);
    this.#options = resolved;
    this.#discovery = new Discovery(resolved.transport, {
      clock: resolved.clock,
      ttlMs: resolved.discoveryTtlMs,
      missingTtlMs: resolved.missingResourceTtlMs,
    });
    this.reconciler = new Reconciler(resolved.reconcile, resolved);
  }

  /** Whether it is between a start and a stop. */
  get started(): boolean {
    return this.#run !== undefined && this.#stopping === undefined;
  }

  /** How many watched identifiers somebody depends on. One that retries counts; a blocked one does not. */
  get watchCount(): number {
    return this.#run?.graph.watchedCount ?? 0;
  }

  /** How many watch connections are open. */
  get streamCount(): number {
    return this.#run?.serving.streamCount ?? 0;
  }

  /**
   * Makes it ready; makes no request. A second call gives the same promise; one during a stop waits for its end.
   *
   * @param options.signal stops it when it aborts, as stop() does
   * @throws `signal.reason` where it has aborted already; NotStartedError where a stop comes first.
   */
  start({ signal }: CallOptions = {}): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    this.#starting ??= this.#stopping ? this.#startAfter(this.#stopping) : this.#startNow();
    if (signal) {
      const onAbort = () => void this.stop();
      signal.addEventListener("abort", onAbort, { once: true });
      this.#detachSignals.push(() => signal.removeEventListener("abort", onAbort));
    }
    return this.#starting;
  }

  /**
   * Ends every watch and forgets every watcher. Calls under way reject; running reconciles see their signal abort
   * and are waited for. Idempotent; start() works again afterwards.
   *
   * @param options.graceMs how many milliseconds to wait for running reconciles; default 30,000
   */
  async stop({ graceMs = 30_000 }: { graceMs?: number | undefined } = {}): Promise<void> {
    if (!(graceMs >= 0)) {
      throw new InvalidInputError("graceMs", `Cannot stop: graceMs is ${graceMs}; it must be 0 or more`);
    }
    this.#stops += 1;
    this.#starting = undefined;
    for (const detach of this.#detachSignals.splice(0)) detach();
    if (this.#run) this.#stopping ??= this.#stopNow(this.#run, graceMs);
    await this.#stopping;
  }

  /**
   * Makes `watcher` depend on `watched` too. An edge that exists already is left alone.
   *
   * @throws NotStartedError, InvalidInputError, QueryBatchInProgressError, NoVersionedResourceError,
   * ResourceUnwatchableError, ApiError (401 and 403 name the permissions that are missing), TransportError,
   * TimeoutError, WatcherRemovedError or `signal.reason`; nothing has changed then.
   */
  async addWatcher(
    watcher: ObjectIdentifier,
    watched: ObjectIdentifier,
    { signal }: CallOptions = {},
  ): Promise<void> {
    const { watchers } = this.#running("add a watcher");
    const canonical = canonicalizeWatcher(watcher);
    await watchers.add(canonical, canonicalize(watched, { field: "watched" }).identifier, { signal });
  }

  /**
   * Makes `watcher` depend on exactly `watched`: all or nothing. Resolves when the streams that went have ended.
   *
   * @throws as addWatcher; InvalidInputError for an empty list (removeWatcher is what drops everything)
   */
  async addOrUpdateWatcher(
    watcher: ObjectIdentifier,
    watched: readonly ObjectIdentifier[],
    { signal }: CallOptions = {},
  ): Promise<void> {
    const { watchers } = this.#running("add or update a watcher");
    const canonical = canonicalizeWatcher(watcher);
    if (!Array.isArray(watched) || watched.length === 0) {
      const problem = "Cannot update a watcher: watched must be a list of at least one identifier";
      throw new InvalidInputError("watched", `${problem}; use removeWatcher to drop them all`);
    }
    const identifiers = watched.map(
      (id, index) => canonicalize(id, { field: `watched[${index}]` }).identifier,
    );
    await watchers.replace(canonical, identifiers, { signal });
  }

  /**
   * Drops all that `watcher` depends on and all that is queued for it, at once; a running reconcile sees its signal
   * abort, and its result is ignored. Resolves when the streams that nobody else needs have ended; an unknown
   * watcher resolves.
   *
   * @param options.endBatch end an open query batch of this watcher too; default false
   * @throws NotStartedError, InvalidInputError, QueryBatchInProgressError
   */
  async removeWatcher(
    watcher: ObjectIdentifier,
    { endBatch = false }: { endBatch?: boolean | undefined } = {},
  ): Promise<void> {
    const { watchers } = this.#running("remove a watcher");
    await watchers.remove(canonicalizeWatcher(watcher), { endBatch });
  }

  /**
   * Opens a query batch: what is read in it until its `end()` is what the watcher depends on from then on.
   *
   * @throws NotStartedError, CacheDisabledError, InvalidInputError, QueryBatchInProgressError
   *
   * @example
   * ```ts
   * import type { DynamicWatcher, ObjectIdentifier } from "kubernetes-dependency-watches";
   *
   * async function readBoth(dynamicWatcher: DynamicWatcher, watcher: ObjectIdentifier) {
   *   const batch = dynamicWatcher.startQueryBatch(watcher);
   *   try {
   *     const settings = await batch.get({ version: "v1", kind: "ConfigMap", namespace: "default", name: "web" });
   *     const pods = await batch.list({ version: "v1", kind: "Pod", namespace: "default", selector: "app=web" });
   *     return { settings, pods };
   *   } finally {
   *     await batch.end();
   *   }
   * }
   * ```
   */
  startQueryBatch(watcher: ObjectIdentifier): QueryBatch {
    const { watchers } = this.#running("start a query batch");
    this.#assertCache("start a query batch");
    return watchers.openBatch(canonicalizeWatcher(watcher), "start a query batch");
  }

  /**
   * Runs `read`; what it reads is what the watcher depends on from then on. Where it throws, the last good set stays,
   * together with what was added since and what it has read this time.
   *
   * @throws what `read` throws, and as startQueryBatch
   */
  async query<T>(watcher: ObjectIdentifier, read: (query: Query) => Promise<T>): Promise<T> {
    const { watchers } = this.#running("query");
    this.#assertCache("query");
    return watchers.query(canonicalizeWatcher(watcher), read);
  }

  /**
   * The object as the cache has it; undefined where the server said that it does not exist.
   *
   * @throws CacheDisabledError, InvalidInputError; NoCacheEntryError where no watcher depends on this identifier
   */
  getFromCache<T = KubernetesObject>(watched: ObjectIdentifier): Frozen<T> | undefined {
    this.#assertCache("get from the cache");
    const namespaced = this.#run?.serving.namespaced(watched);
    return firstBody<T>(this.#read(canonicalizeForGet(watched, { field: "watched", namespaced })));
  }

  /**
   * The objects of a selector as the cache has them, sorted by namespace and name.
   *
   * @throws as getFromCache
   */
  listFromCache<T = KubernetesObject>(watched: ObjectIdentifier): readonly Frozen<T>[] {
    this.#assertCache("list from the cache");
    const namespaced = this.#run?.serving.namespaced(watched);
    return bodiesOf<T>(this.#read(canonicalizeForList(watched, { field: "watched", namespaced })));
  }

  /**
   * All objects that `watcher` depends on, each once, sorted by apiVersion, kind, namespace and name.
   *
   * @throws CacheDisabledError, InvalidInputError; NoCacheEntryError where the watcher depends on nothing
   */
  listWatchedFromCache<T = KubernetesObject>(watcher: ObjectIdentifier): readonly Frozen<T>[] {
    this.#assertCache("list what is watched from the cache");
    const canonical = canonicalizeWatcher(watcher);
    if (!this.#run) throw new NoCacheEntryError(`what ${formatIdentifier(canonical.identifier)} watches`);
    return mergedBodies<T>(this.#run.watchers.readAll(canonical));
  }

  /**
   * The resource of a kind, and whether it is namespaced. Works without start().
   *
   * @throws NoVersionedResourceError; ResourceUnwatchableError, whose fields hold the resource all the same
   */
  async gvkToGvr(gvk: GroupVersionKind): Promise<ScopedResource> {
    const { group, version, resource, namespaced } = await this.#discovery.findWatchable(gvk);
    return { group, version, resource, namespaced };
  }

  async #startNow(): Promise<void> {
    const { transport, clock, logger, cache, initialReconcile, startTimeoutMs, watchTimeoutMs } =
      this.#options;
    const graph = new DependencyGraph();
    const serving = new StreamServing({
      transport,
      clock,
      logger,
      startTimeoutMs,
      watchTimeoutMs,
      discovery: this.#discovery,
      content: cache ? "object" : "metadata",
      sink: {
        transition: (key, cause) => {
          watchers.onTransition(key, cause);
          this.emit("transition", () => new TransitionEvent(cause));
        },
        blocked: (key, error) => watchers.onBlocked(key, error),
        stream: (spec, state) => this.emit("stream", () => new StreamEvent(spec, state)),
      },
    });
    const watchers = new Watchers({
      serving,
      graph,
      initialReconcile,
      enqueue: (watcher, cause) => this.reconciler.enqueue(watcher, cause),
      forget: (watcher) => this.reconciler.forget(watcher),
    });
    this.#run = { graph, serving, watchers };
    this.reconciler.run();
    this.emit("started", () => new Event("started"));
  }

  async #startAfter(stopping: Promise<void>): Promise<void> {
    const stops = this.#stops;
    await stopping;
    if (this.#stops !== stops) throw new NotStartedError("start");
    await this.#startNow();
  }

  async #stopNow({ watchers, serving }: Run, graceMs: number): Promise<void> {
    try {
      await Promise.all([watchers.stop(), serving.close(), this.reconciler.stop({ graceMs })]);
    } finally {
      this.#run = undefined;
      this.#stopping = undefined;
      this.emit("stopped", () => new Event("stopped"));
    }
  }

  #running(verb: string): Run {
    if (!this.#run || this.#stopping) throw new NotStartedError(verb);
    return this.#run;
  }

  #assertCache(verb: string): void {
    if (!this.#options.cache) throw new CacheDisabledError(verb);
  }

  #read({ key, identifier }: CanonicalIdentifier): readonly WatchedObject[] {
    const answer = this.#run?.serving.read(key);
    if (!answer?.known) throw new NoCacheEntryError(formatIdentifier(identifier), { watched: identifier });
    return answer.objects;
  }
}

addAsyncDispose(DynamicWatcher.prototype, function (this: DynamicWatcher) {
  return this.stop();
});
