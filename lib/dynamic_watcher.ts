/// <reference lib="esnext.disposable" preserve="true" />
import {
  CacheDisabledError,
  InvalidInputError,
  NoCacheEntryError,
  NotStartedError,
} from "./kubernetes/errors.ts";
import type { ScopedResource } from "./kubernetes/group_version.ts";
import {
  type CanonicalIdentifier,
  type CanonicalizeOptions,
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  canonicalizeWatcher,
  formatIdentifier,
  type ObjectIdentifier,
} from "./kubernetes/identifier.ts";
import { aFlag, aFunction, checkInputs, someMs } from "./kubernetes/inputs.ts";
import type { Frozen, KubernetesObject, WatchedObject } from "./kubernetes/object.ts";
import { Discovery, type KindReference } from "./protocol/discovery.ts";
import { Reconciler } from "./reconcile/reconciler.ts";
import { addAsyncDispose } from "./support/dispose.ts";
import { TypedEventTarget } from "./support/typed_events.ts";
import { bodiesOf, firstBody, noBodies, nothingWatched } from "./watchers/answers.ts";
import { type CallOptions, signalOf } from "./watchers/call.ts";
import type { LoadedCheckpoint } from "./watchers/checkpoint_contract.ts";
import { type DynamicWatcherEvents, WatchStreamEvent, WatchTransitionEvent } from "./watchers/events.ts";
import { Lifecycle } from "./watchers/lifecycle.ts";
import { type DynamicWatcherOptions, type ResolvedOptions, resolveOptions } from "./watchers/options.ts";
import type { Query, QueryBatch } from "./watchers/query_batch.ts";
import { createRun, type Run } from "./watchers/run.ts";
import { type RunSummary, type RunUntilIdleOptions, runUntilIdle } from "./watchers/until_idle.ts";

type Canonicalize = (id: ObjectIdentifier, options: CanonicalizeOptions) => CanonicalIdentifier;

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
 * await server.create({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "db" } });
 * const dynamicWatcher = new DynamicWatcher({
 *   transport: server.transport(),
 *   reconcile: (watcher, { causes }) => console.log(watcher.name, causes.map((cause) => cause.type)),
 * });
 * const reconciled = new Promise((resolve) => {
 *   dynamicWatcher.reconciler.addEventListener("reconcileend", resolve, { once: true });
 * });
 * await dynamicWatcher.start();
 * await dynamicWatcher.addWatcher(
 *   { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" },
 *   { version: "v1", kind: "Secret", namespace: "default", name: "db" },
 * );
 * await reconciled; // it has printed: web [ "INITIAL" ]
 * await dynamicWatcher.stop();
 * ```
 */
export class DynamicWatcher extends TypedEventTarget<DynamicWatcherEvents> {
  /** The same as `stop()`; absent where the runtime has no `Symbol.asyncDispose`. */
  declare [Symbol.asyncDispose]: () => Promise<void>;
  /** The queue and its events; lasts over a stop and another start. */
  readonly reconciler: Reconciler;
  readonly #options: ResolvedOptions;
  readonly #discovery: Discovery;
  readonly #lifecycle: Lifecycle;

  /**
   * Asks nothing of the server yet.
   *
   * @throws InvalidInputError naming the option at fault. Makes no request.
   */
  constructor(options: DynamicWatcherOptions) {
    const resolved = resolveOptions(options);
    super(resolved.logger);
    this.#options = resolved;
    this.#discovery = new Discovery(resolved.transport, {
      clock: resolved.clock,
      ttlMs: resolved.discoveryTtlMs,
      missingTtlMs: resolved.missingResourceTtlMs,
    });
    const { reconcile, maxConcurrentReconciles, reconcileTimeoutMs, rateLimiter, admit, clock, logger } =
      resolved;
    const limits = { maxConcurrentReconciles, reconcileTimeoutMs, rateLimiter, admit };
    this.reconciler = new Reconciler(reconcile, { ...limits, clock, logger });
    this.#lifecycle = new Lifecycle({
      options: resolved,
      reconciler: this.reconciler,
      createRun: (loaded) => this.#createRun(loaded),
      emit: (type) => this.emit(type, () => new Event(type)),
    });
  }

  /** Whether it is between a start and a stop. */
  get started(): boolean {
    return this.#lifecycle.active !== undefined;
  }

  /** How many watched identifiers somebody depends on. One that retries counts; a blocked one does not. */
  get watchCount(): number {
    return this.#lifecycle.run?.graph.watchedCount ?? 0;
  }

  /** How many streams are live: those that have a watch connection, but for the moments in which one is renewed. */
  get streamCount(): number {
    return this.#lifecycle.run?.serving.streamCount ?? 0;
  }

  /**
   * Makes it ready; only with a checkpoint it makes requests. A second call gives the same promise; one during a stop
   * waits for its end.
   *
   * @param options.signal stops it when it aborts, as stop() does
   * @throws `signal.reason` where it aborts first; NotStartedError where a stop comes first; what the checkpoint
   * throws where its store cannot be read, or the API server does not say which cluster it is.
   */
  start(options?: CallOptions): Promise<void> {
    try {
      return this.#lifecycle.start(signalOf(options));
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /**
   * Ends every watch and forgets every watcher. Calls under way reject; running reconciles see their signal abort
   * and are waited for. Idempotent; start() works again afterwards.
   *
   * @param options.graceMs how many milliseconds to wait for running reconciles; default 30,000. While it stops, the
   * first call's counts.
   * @throws once all has ended, what the checkpoint throws where it cannot be written
   */
  async stop(options?: { graceMs?: number | undefined }): Promise<void> {
    const graceMs = options?.graceMs ?? undefined;
    checkInputs("stop", { graceMs: someMs }, { graceMs });
    await this.#lifecycle.stop(graceMs);
  }

  /**
   * Starts, unless it is started; waits until every watch has caught up and nothing more is due before the time is
   * over; then stops. For functions that live for seconds: with a `checkpoint`, what remains is kept for the next run.
   *
   * @throws InvalidInputError; as start() and stop(); `signal.reason`; NotStartedError where a stop comes first. It
   * has stopped then as well.
   *
   * @example
   * ```ts
   * import { DynamicWatcher } from "kubernetes-dependency-watches";
   * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
   *
   * const server = memoryApiServer();
   * await server.create({ apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "db" } });
   * const dynamicWatcher = new DynamicWatcher({ transport: server.transport(), reconcile() {} });
   * await dynamicWatcher.start();
   * const secret = { version: "v1", kind: "Secret", namespace: "default", name: "db" };
   * await dynamicWatcher.addWatcher({ version: "v1", kind: "ConfigMap", namespace: "default", name: "web" }, secret);
   * await dynamicWatcher.runUntilIdle({ timeoutMs: 10_000 });
   * // { idle: true, start: "cold", reconciles: 1, failed: 0, remaining: 0 }
   * ```
   */
  runUntilIdle(options: RunUntilIdleOptions): Promise<RunSummary> {
    const { clock } = this.#options;
    return runUntilIdle(options, { lifecycle: this.#lifecycle, reconciler: this.reconciler, clock });
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
    options?: CallOptions,
  ): Promise<void> {
    const { watchers } = this.#running("add a watcher");
    const canonical = canonicalizeWatcher(watcher);
    const { identifier } = canonicalize(watched, { field: "watched" });
    await watchers.add(canonical, identifier, { signal: signalOf(options) });
  }

  /**
   * Makes `watcher` depend on exactly `watched`: all or nothing. Resolves when the streams that went have ended.
   *
   * @throws as addWatcher; InvalidInputError for an empty list (removeWatcher is what drops everything)
   */
  async addOrUpdateWatcher(
    watcher: ObjectIdentifier,
    watched: readonly ObjectIdentifier[],
    options?: CallOptions,
  ): Promise<void> {
    const { watchers } = this.#running("add or update a watcher");
    const canonical = canonicalizeWatcher(watcher);
    if (!Array.isArray(watched) || watched.length === 0) {
      const problem = "Cannot update a watcher: watched must be a list that is not empty";
      throw new InvalidInputError("watched", `${problem}; use removeWatcher to drop them all`);
    }
    const identifiers = watched.map(
      (id, index) => canonicalize(id, { field: `watched[${index}]` }).identifier,
    );
    await watchers.replace(canonical, identifiers, { signal: signalOf(options) });
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
    options?: { endBatch?: boolean | undefined },
  ): Promise<void> {
    const { watchers } = this.#running("remove a watcher");
    const canonical = canonicalizeWatcher(watcher);
    checkInputs("remove a watcher", { endBatch: aFlag }, { ...options });
    await watchers.remove(canonical, { endBatch: options?.endBatch ?? false });
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
   * @param options.signal ends it at once when it aborts, as if `read` had thrown then: reads under way abort, and
   * nobody waits for `read`. Too late once the reads are what the watcher depends on.
   * @throws what `read` throws, `signal.reason`, and as startQueryBatch
   */
  async query<T>(
    watcher: ObjectIdentifier,
    read: (query: Query) => Promise<T>,
    options?: CallOptions,
  ): Promise<T> {
    const { watchers } = this.#running("query");
    this.#assertCache("query");
    const canonical = canonicalizeWatcher(watcher);
    checkInputs("query", { read: aFunction }, { read });
    return watchers.query(canonical, read, { signal: signalOf(options) });
  }

  /**
   * The object as the cache has it; undefined where the server said that it does not exist.
   *
   * @throws CacheDisabledError, InvalidInputError; NoCacheEntryError where no watcher depends on this identifier
   */
  getFromCache<T = KubernetesObject>(watched: ObjectIdentifier): Frozen<T> | undefined {
    this.#assertCache("get from the cache");
    return firstBody<T>(this.#read(watched, canonicalizeForGet));
  }

  /**
   * The objects of a selector as the cache has them, sorted by namespace and name.
   *
   * @throws as getFromCache
   */
  listFromCache<T = KubernetesObject>(watched: ObjectIdentifier): readonly Frozen<T>[] {
    this.#assertCache("list from the cache");
    return bodiesOf<T>(this.#read(watched, canonicalizeForList));
  }

  /**
   * All objects that `watcher` depends on, each once, sorted by apiVersion, kind, namespace and name.
   *
   * @throws CacheDisabledError, InvalidInputError; NoCacheEntryError where the watcher depends on nothing
   */
  listWatchedFromCache<T = KubernetesObject>(watcher: ObjectIdentifier): readonly Frozen<T>[] {
    this.#assertCache("list what is watched from the cache");
    const canonical = canonicalizeWatcher(watcher);
    const { run } = this.#lifecycle;
    if (!run) throw nothingWatched(canonical.identifier);
    return run.watchers.readAll<T>(canonical);
  }

  /**
   * The resource of a kind, and whether it is namespaced. Works without start().
   *
   * @throws InvalidInputError; NoVersionedResourceError; ResourceUnwatchableError, whose fields hold the resource
   * all the same; `signal.reason`
   */
  async gvkToGvr(gvk: KindReference, options?: CallOptions): Promise<ScopedResource> {
    const { identifier } = canonicalize({ ...gvk, name: "", selector: "" }, { field: "gvk" });
    const signal = signalOf(options);
    const { group, version, resource, namespaced } = await this.#discovery.findWatchable(identifier, {
      signal,
    });
    return { group, version, resource, namespaced };
  }

  #createRun(loaded: LoadedCheckpoint | undefined): Run {
    return createRun(this.#options, {
      discovery: this.#discovery,
      reconciler: this.reconciler,
      loaded,
      onTransition: (cause) => this.emit("transition", () => new WatchTransitionEvent(cause)),
      onStream: (spec, state) => this.emit("stream", () => new WatchStreamEvent(spec, state)),
    });
  }

  #running(verb: string): Run {
    const { active } = this.#lifecycle;
    if (active) return active;
    throw new NotStartedError(verb);
  }

  #assertCache(verb: string): void {
    if (!this.#options.cache) throw new CacheDisabledError(verb);
  }

  #read(watched: ObjectIdentifier, canonical: Canonicalize): readonly WatchedObject[] {
    const options = { field: "watched" };
    const id = canonical(watched, options);
    const { run } = this.#lifecycle;
    const { key, identifier } = run?.serving.scoped(id, options) ?? id;
    // What a call under way has acquired is not in the cache before its commit.
    const answer = run?.graph.isWatched(key) ? run.serving.read(key) : undefined;
    if (!answer?.known) {
      const reason = "no watcher depends on exactly this identifier";
      throw new NoCacheEntryError(formatIdentifier(identifier), reason, { watched: identifier });
    }
    if (answer.bodiless) throw noBodies(identifier);
    return answer.objects;
  }
}

addAsyncDispose(DynamicWatcher.prototype, function (this: DynamicWatcher) {
  return this.stop();
});
