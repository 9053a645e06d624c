import type { ObjectStore } from "../cache/object_store.ts";
import { type DependencyWatchError, NoVersionedResourceError, TimeoutError } from "../kubernetes/errors.ts";
import { formatGroupVersion, type ScopedResource } from "../kubernetes/group_version.ts";
import {
  type CanonicalIdentifier,
  canonicalize,
  formatIdentifier,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import type { Discovery } from "../protocol/discovery.ts";
import type { Transport } from "../protocol/transport.ts";
import { linkedController } from "../support/abort.ts";
import type { Clock } from "../support/clock.ts";
import type { Logger } from "../support/logger.ts";
import { SilenceTimer } from "../support/silence_timer.ts";
import { IdleWatchdog } from "../watch/idle_watchdog.ts";
import { Reflector } from "../watch/reflector.ts";
import type { StreamSpec } from "../watch/stream.ts";
import { errorAbout } from "./error_about.ts";
import { plan } from "./planner.ts";
import { ServedIdentifier, type ServingStream } from "./served_identifier.ts";
import type { Answer, Lease, ServedSnapshot, Serving, ServingSink } from "./serving.ts";

/** What a StreamServing is made of. */
export interface StreamServingOptions {
  readonly transport: Transport;
  readonly discovery: Discovery;
  readonly sink: ServingSink;
  readonly clock: Clock;
  /** From 0 up to 1, by default Math.random. */
  readonly random?: (() => number) | undefined;
  readonly logger: Logger;
  /** "metadata" keeps no bodies. */
  readonly content: "object" | "metadata";
  /** How long an acquire may hear nothing, in milliseconds. */
  readonly startTimeoutMs: number;
  /** The server's timeout of each watch, in milliseconds; absent: random, 5 to 10 minutes. */
  readonly watchTimeoutMs?: number | undefined;
}

/** Serves each watched identifier by a stream of its own, shared by all who hold a lease on it. */
export class StreamServing implements Serving {
  readonly #options: StreamServingOptions;
  readonly #watchdog: IdleWatchdog;
  readonly #served = new Map<Key, ServedIdentifier>();
  /** Given back by all, but their connections have not ended yet. */
  readonly #ending = new Set<ServedIdentifier>();
  readonly #leaseOwners = new WeakMap<Lease, ServedIdentifier>();
  /** The resource of each kind that is served, fixed meanwhile, so that reads never need discovery. */
  readonly #pins = new Map<string, { readonly resource: ScopedResource; holders: number }>();

  constructor(options: StreamServingOptions) {
    this.#options = options;
    this.#watchdog = new IdleWatchdog(options.clock);
  }

  /** How many streams are live. */
  get streamCount(): number {
    let count = 0;
    for (const served of this.#all()) if (served.streaming) count += 1;
    return count;
  }

  /** Whether every identifier is live and has heard of all that had happened when it began. */
  get caughtUp(): boolean {
    return [...this.#served.values()].every((served) => served.caughtUp);
  }

  /** The last failure of one of the identifiers that retry; undefined where none does. */
  get error(): DependencyWatchError | undefined {
    return [...this.#served.values()].find(({ error }) => error)?.error;
  }

  async acquire(
    id: ObjectIdentifier,
    { field, bodies = false, signal }: { field?: string; bodies?: boolean; signal: AbortSignal },
  ): Promise<Lease> {
    const { startTimeoutMs, clock, discovery } = this.#options;
    const attempt = linkedController(signal);
    let served: ServedIdentifier | undefined;
    let lease: Lease | undefined;
    const silence = new SilenceTimer(clock, startTimeoutMs, () => {
      attempt.abort(startTimeout(served?.watched ?? id, startTimeoutMs, served?.error));
    });
    const progress = { signal: attempt.signal, onProgress: () => silence.touch() };
    try {
      attempt.signal.throwIfAborted();
      const resource = this.#pinned(id) ?? (await discovery.findWatchable(id, progress));
      attempt.signal.throwIfAborted();
      const canonical = canonicalize(id, { field, namespaced: resource.namespaced });
      served = this.#served.get(canonical.key) ?? this.#serve(canonical, resource);
      lease = this.#lease(served);
      await served.started({ ...progress, bodies });
      return lease;
    } catch (error) {
      if (lease) await this.release(lease);
      // What a stream failed with says already what it is about, and the caller's reason is his own.
      throw served || signal.aborted ? error : errorAbout(error, id);
    } finally {
      silence.stop();
      attempt.unlink();
    }
  }

  async release(lease: Lease): Promise<void> {
    const served = this.#leaseOwners.get(lease);
    if (!served?.release(lease) || served.leased) return;
    this.#forget(served);
    this.#ending.add(served);
    await served.stop();
    this.#ending.delete(served);
  }

  scoped({ identifier }: CanonicalIdentifier, { field }: { field: string }): CanonicalIdentifier {
    return canonicalize(identifier, { field, namespaced: this.#pinned(identifier)?.namespaced });
  }

  read(key: Key): Answer {
    return this.#served.get(key)?.read() ?? { known: false };
  }

  /** What is known of each identifier that is live. */
  *snapshots(): Iterable<ServedSnapshot> {
    for (const served of this.#served.values()) {
      const { watched } = served;
      const [snapshot, resource] = [served.snapshot(), this.#pinned(watched)];
      if (snapshot && resource) yield { watched, resource, ...snapshot };
    }
  }

  /** Goes on with an identifier of a former run; what comes back makes one lease at each call. */
  restore(snapshot: ServedSnapshot): () => Lease {
    const { resource, watched } = snapshot;
    const canonical = canonicalize(watched, { namespaced: resource.namespaced });
    const served = this.#serve(canonical, resource, snapshot);
    return () => this.#lease(served);
  }

  async reassign(key: Key, to: StreamSpec): Promise<void> {
    await this.#served.get(key)?.reassign(to);
  }

  async close(): Promise<void> {
    await Promise.all(Array.from(this.#all(), (served) => served.stop()));
  }

  *#all(): Iterable<ServedIdentifier> {
    yield* this.#served.values();
    yield* this.#ending;
  }

  #lease(served: ServedIdentifier): Lease {
    const lease = served.lease();
    this.#leaseOwners.set(lease, served);
    return lease;
  }

  #serve(
    canonical: CanonicalIdentifier,
    resource: ScopedResource,
    restored?: ServedSnapshot,
  ): ServedIdentifier {
    const { sink, content, clock } = this.#options;
    const identifiers = new Map([[canonical.key, { identifier: canonical.identifier, resource }]]);
    const spec = plan({ identifiers, content }).get(canonical.key) as StreamSpec;
    const served = new ServedIdentifier(canonical, {
      spec,
      clock,
      restored,
      open: (...stream) => this.#openStream({ watched: canonical.identifier, resource }, ...stream),
      sink: {
        transition: (key, cause) => sink.transition(key, cause),
        stream: (streamSpec, state) => {
          // A start that failed is over; a blocked one is taken out before its sink hears of it.
          if (state.state === "blocked") this.#forget(served);
          sink.stream(streamSpec, state);
        },
        blocked: (key, error) => {
          this.#forget(served);
          sink.blocked(key, error);
        },
      },
    });
    this.#served.set(canonical.key, served);
    this.#pin(canonical.identifier, resource);
    return served;
  }

  #openStream(
    { watched, resource }: { watched: ObjectIdentifier; resource: ScopedResource },
    spec: StreamSpec,
    store: ObjectStore,
    stream: { started: boolean; resourceVersion: string; onProgress: () => void },
  ): ServingStream {
    const { transport, clock, random, logger, watchTimeoutMs, discovery } = this.#options;
    return new Reflector({
      transport,
      spec,
      sink: store,
      clock,
      random,
      logger,
      watchTimeoutMs,
      ...stream,
      watchdog: this.#watchdog,
      confirmKind: async (signal) => {
        const now = await discovery.findWatchable(watched, { signal, fresh: true });
        if (now.resource === resource.resource && now.namespaced === resource.namespaced) return;
        throw new NoVersionedResourceError(formatIdentifier(watched));
      },
    });
  }

  #forget(served: ServedIdentifier): void {
    if (this.#served.get(served.key) !== served) return;
    this.#served.delete(served.key);
    this.#unpin(served.watched);
  }

  #pinned(id: ObjectIdentifier): ScopedResource | undefined {
    return this.#pins.get(kindKey(id))?.resource;
  }

  #pin(id: ObjectIdentifier, resource: ScopedResource): void {
    const kind = kindKey(id);
    const pin = this.#pins.get(kind) ?? { resource, holders: 0 };
    pin.holders += 1;
    this.#pins.set(kind, pin);
  }

  #unpin(id: ObjectIdentifier): void {
    const kind = kindKey(id);
    const pin = this.#pins.get(kind);
    if (!pin) return;
    pin.holders -= 1;
    if (pin.holders === 0) this.#pins.delete(kind);
  }
}

function kindKey(id: ObjectIdentifier): string {
  return `${formatGroupVersion(id)} ${id.kind}`;
}

function startTimeout(id: ObjectIdentifier, afterMs: number, cause: unknown): TimeoutError {
  return new TimeoutError(
    `Cannot watch ${formatIdentifier(id)}: the API server was silent for ${afterMs} ms`,
    afterMs,
    { cause, watched: id },
  );
}
