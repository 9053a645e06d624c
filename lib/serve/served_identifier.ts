import { ObjectStore, type Transition } from "../cache/object_store.ts";
import { objectCause } from "../kubernetes/cause.ts";
import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { CanonicalIdentifier, Key, ObjectIdentifier } from "../kubernetes/identifier.ts";
import { untilAborted } from "../support/abort.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";
import { errorAbout } from "./error_about.ts";
import type { Answer, Lease, ServingSink } from "./serving.ts";

/** What a served identifier needs of the stream behind it. */
export interface ServingStream {
  start(): void;
  /** Resolves when the connection has ended. */
  stop(): Promise<void>;
}

/** Opens a stream that delivers to `store`; `started`: which takes the place of one that has been live. */
export type OpenStream = (
  spec: StreamSpec,
  store: ObjectStore,
  options: { started: boolean; onProgress: () => void },
) => ServingStream;

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

  readonly #store = new ObjectStore();
  readonly #open: OpenStream;
  readonly #sink: ServingSink;
  readonly #leases = new Set<Lease>();
  readonly #progressListeners = new Set<() => void>();
  readonly #started: Promise<void>;
  #settleStart: { resolve(): void; reject(error: DependencyWatchError): void } = {
    resolve() {},
    reject() {},
  };
  #phase: Phase = "starting";
  #stopped = false;
  #spec: StreamSpec;
  #stream: ServingStream;

  constructor(
    { key, identifier }: CanonicalIdentifier,
    options: { spec: StreamSpec; open: OpenStream; sink: ServingSink },
  ) {
    this.key = key;
    this.watched = identifier;
    this.#open = options.open;
    this.#sink = options.sink;
    this.#spec = options.spec;
    this.#started = new Promise((resolve, reject) => {
      this.#settleStart = { resolve, reject };
    });
    // Whoever waits hears of a failure; with nobody waiting it is nobody's unhandled rejection.
    this.#started.catch(() => undefined);
    this.#store.events.on("transition", (transition) => this.#onTransition(transition));
    this.#store.events.on("state", (state) => this.#onState(state));
    this.#stream = this.#openStream();
    this.#stream.start();
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

  /** Resolves once the identifier has been live; rejects with the failure of its start or `signal.reason`. */
  async started({ signal, onProgress }: { signal: AbortSignal; onProgress: () => void }): Promise<void> {
    this.#progressListeners.add(onProgress);
    try {
      await untilAborted(this.#started, signal);
    } finally {
      this.#progressListeners.delete(onProgress);
    }
  }

  read(): Answer {
    return this.#phase === "live" ? { known: true, objects: this.#store.sorted() } : { known: false };
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
    return this.#stream.stop();
  }

  #openStream(): ServingStream {
    return this.#open(this.#spec, this.#store, {
      started: this.#phase === "live",
      onProgress: () => {
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
    this.error = "error" in state ? errorAbout(state.error, this.watched) : undefined;
    if (state.state === "live") {
      this.#phase = "live";
      this.#settleStart.resolve();
    }
    if (state.state === "blocked" && this.error) {
      const wasLive = this.#phase === "live";
      this.#phase = wasLive ? "blocked" : "failed";
      if (wasLive) this.#sink.blocked(this.key, this.error);
      else this.#settleStart.reject(this.error);
    }
    this.#sink.stream(this.#spec, state);
  }
}
