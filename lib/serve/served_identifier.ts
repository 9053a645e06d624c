import { ObjectStore, type Transition } from "../cache/object_store.ts";
import { objectCause } from "../kubernetes/cause.ts";
import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { CanonicalIdentifier, Key, ObjectIdentifier } from "../kubernetes/identifier.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";
import { untilAborted } from "../support/abort.ts";
import type { Clock } from "../support/clock.ts";
import { type Deferred, deferred } from "../support/deferred.ts";
import { SilenceTimer } from "../support/silence_timer.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";
import { errorAbout } from "./error_about.ts";
import type { Answer, Lease, ServedSnapshot, ServingSink } from "./serving.ts";

/** What a served identifier needs of the stream behind it. */
export interface ServingStream {
  /** Up to where it has delivered everything. */
  readonly resourceVersion: string;
  start(): void;
  /** Resolves when the connection has ended. */
  stop(): Promise<void>;
}

/**
 * Opens a stream that delivers to `store`. `started`: it takes the place of one that has been live; with a
 * `resourceVersion` it goes on there, without a list.
 */
export type OpenStream = (
  spec: StreamSpec,
  store: ObjectStore,
  options: { started: boolean; resourceVersion: string; onProgress: () => void },
) => ServingStream;

/** A server sends what has happened since right behind the head of its answer. */
const QUIET_MS = 500;

/** How an identifier is doing: a failed one never was live, a blocked one was. Both are over. */
type Phase = "starting" | "live" | "failed" | "blocked";

/** One watched identifier with its stream, its store and those who hold it. */
export class ServedIdentifier {
  readonly key: Key;
  readonly watched: ObjectIdentifier;
  /** The last failure of the stream: why it retries, failed or is blocked. */
  error: DependencyWatchError | undefined;
  /** Whether a watch connection is open. */
  streaming = false;
  /** Whether the stream waits for its turn to watch. */
  #waiting = false;

  readonly #store = new ObjectStore();
  readonly #open: OpenStream;
  readonly #sink: ServingSink;
  readonly #leases = new Set<Lease>();
  readonly #progressListeners = new Set<() => void>();
  readonly #clock: Clock;
  readonly #started = deferred();
  /** The list of what is known by its versions alone, once somebody asks for more. */
  #listed: Deferred | undefined;
  /** What came from a checkpoint may lag behind, until it hears of `newestVersion` or nothing for a while. */
  #lagging = false;
  #newestVersion: string | undefined;
  #silence: SilenceTimer | undefined;
  #phase: Phase = "starting";
  #stopped = false;
  #spec: StreamSpec;
  #stream: ServingStream;

  constructor(
    { key, identifier }: CanonicalIdentifier,
    options: {
      spec: StreamSpec;
      open: OpenStream;
      sink: ServingSink;
      clock: Clock;
      /** What was known in a former run. */
      restored?: Omit<ServedSnapshot, "watched" | "resource"> | undefined;
    },
  ) {
    this.key = key;
    this.watched = identifier;
    this.#open = options.open;
    this.#sink = options.sink;
    this.#spec = options.spec;
    this.#clock = options.clock;
    const { restored } = options;
    if (restored) {
      this.#store.seed(restored.versions);
      this.#newestVersion = restored.newestVersion;
      this.#lagging = true;
      this.#phase = "live";
      this.#started.resolve();
    }
    this.#store.events.on("transition", (transition) => this.#onTransition(transition));
    this.#store.events.on("state", (state) => this.#onState(state));
    this.#stream = this.#openStream(restored?.resourceVersion);
    this.#stream.start();
  }

  /** Whether it is live and has heard of all that had happened when it began. */
  get caughtUp(): boolean {
    return (this.streaming || this.#waiting) && !(this.#lagging && this.#isBehind());
  }

  get leased(): boolean {
    return this.#leases.size > 0;
  }

  /** A hold on this identifier, from now until it is released. */
  lease(): Lease {
    const blockedBy = () => (this.#phase === "blocked" ? this.error : undefined);
    const lease: Lease = {
      key: this.key,
      watched: this.watched,
      get error() {
        return blockedBy();
      },
    };
    this.#leases.add(lease);
    return lease;
  }

  /** Gives a hold back; says whether it was one. */
  release(lease: Lease): boolean {
    return this.#leases.delete(lease);
  }

  /**
   * Resolves once the identifier has been live, and with `bodies` once no object is known by its version alone;
   * rejects with the failure of its start or list, or with `signal.reason`.
   */
  async started({
    signal,
    bodies,
    onProgress,
  }: {
    signal: AbortSignal;
    bodies: boolean;
    onProgress: () => void;
  }): Promise<void> {
    this.#progressListeners.add(onProgress);
    try {
      await untilAborted(this.#started.promise, signal);
      if (bodies && this.#store.hasSeeds) await untilAborted(this.#list(), signal);
    } finally {
      this.#progressListeners.delete(onProgress);
    }
  }

  read(): Answer {
    if (this.#phase !== "live") return { known: false };
    return { known: true, objects: this.#store.sorted(), ...(this.#store.hasSeeds && { bodiless: true }) };
  }

  /** What a later run needs to go on from now; undefined where it is not live. */
  snapshot(): Pick<ServedSnapshot, "resourceVersion" | "versions"> | undefined {
    if (this.#phase !== "live") return undefined;
    return { resourceVersion: this.#stream.resourceVersion, versions: this.#store.versions() };
  }

  /** Goes on with another stream into the same store, so that only what differs is a transition. */
  async reassign(spec: StreamSpec): Promise<void> {
    const old = this.#stream;
    await old.stop();
    if (this.#stopped) return;
    // Another call was quicker: this one came later, so it decides.
    if (this.#stream !== old) return this.reassign(spec);
    this.#spec = spec;
    this.#stream = this.#openStream();
    this.#stream.start();
  }

  /** Ends the stream; what is known stays readable. */
  stop(): Promise<void> {
    this.#stopped = true;
    this.#silence?.stop();
    return this.#stream.stop();
  }

  #list(): Promise<void> {
    if (this.#listed === undefined) {
      this.#listed = deferred();
      void this.reassign(this.#spec);
    }
    return this.#listed.promise;
  }

  #isBehind(): boolean {
    if (this.#newestVersion === undefined) return true;
    return (compareResourceVersions(this.#stream.resourceVersion, this.#newestVersion) ?? -1) < 0;
  }

  #openStream(resourceVersion = ""): ServingStream {
    return this.#open(this.#spec, this.#store, {
      started: this.#phase === "live",
      resourceVersion,
      onProgress: () => {
        this.#silence?.touch();
        for (const listener of this.#progressListeners) listener();
      },
    });
  }

  #onTransition({ type, before, after, relisted }: Transition): void {
    // The objects of the first list are no changes: whoever comes to depend on them learns of them at its commit.
    if (this.#phase !== "live") return;
    const cause = objectCause({ type, watched: this.watched, before, after, relisted });
    this.#sink.transition(this.key, cause);
  }

  #onState(state: StreamState): void {
    this.streaming = state.state === "live";
    this.#waiting = state.state === "waiting";
    this.#silence?.stop();
    this.#silence = undefined;
    this.error = "error" in state ? errorAbout(state.error, this.watched) : undefined;
    if (this.streaming || this.#waiting) {
      this.#phase = "live";
      this.#started.resolve();
      if (!this.#store.hasSeeds) this.#listed?.resolve();
      if (this.streaming && this.#lagging)
        this.#silence = new SilenceTimer(this.#clock, QUIET_MS, () => (this.#lagging = false));
    }
    if (state.state === "blocked" && this.error) {
      const wasLive = this.#phase === "live";
      this.#phase = wasLive ? "blocked" : "failed";
      this.#listed?.reject(this.error);
      if (wasLive) this.#sink.blocked(this.key, this.error);
      else this.#started.reject(this.error);
    }
    this.#sink.stream(this.#spec, state);
  }
}
