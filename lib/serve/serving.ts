import type { ObjectCause } from "../kubernetes/cause.ts";
import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { ScopedResource } from "../kubernetes/group_version.ts";
import type { CanonicalIdentifier, Key, ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { WatchedObject } from "../kubernetes/object.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";

/** The right to have an identifier served, held by one edge of the graph or by one call under way. */
export interface Lease {
  readonly key: Key;
  /** Canonical. */
  readonly watched: ObjectIdentifier;
  /** Why the identifier has been blocked since it was acquired. */
  readonly error: DependencyWatchError | undefined;
}

/** What is known of an identifier. Known and empty: the server says that nothing is there. */
export type Answer =
  | { readonly known: false }
  | {
      readonly known: true;
      readonly objects: readonly WatchedObject[];
      /** Some are known by their versions alone: they come from a checkpoint and were not listed since. */
      readonly bodiless?: boolean;
    };

/** What was known of one identifier at one moment, but for the bodies: enough to go on from there. */
export interface ServedSnapshot {
  /** Canonical. */
  readonly watched: ObjectIdentifier;
  /** What its kind is as a resource, so that nobody has to ask. */
  readonly resource: ScopedResource;
  /** Where its watch goes on; "": what has changed is found by a list. */
  readonly resourceVersion: string;
  /** The place, uid and resource version of each object. */
  readonly versions: Iterable<readonly [key: string, uid: string, resourceVersion: string]>;
  /** What it has to hear of before it has caught up, where that is known. */
  readonly newestVersion?: string | undefined;
}

/** Whoever is told of what happens to served identifiers, synchronously. */
export interface ServingSink {
  /** One change of one object of an identifier that is live. */
  transition(key: Key, cause: ObjectCause): void;
  /** The identifier is no longer served and has no answer any more. */
  blocked(key: Key, error: DependencyWatchError): void;
  /** A watch connection changed its state. */
  stream(spec: StreamSpec, state: StreamState): void;
}

/** Gives each watched identifier exactly one stream, however many ask for it. */
export interface Serving {
  /**
   * Settles once the identifier has been live: at once where it is. With `bodies`, what came from a checkpoint is
   * listed first.
   *
   * @throws the failure of its first start, TimeoutError after silence, or `signal.reason`.
   */
  acquire(
    id: ObjectIdentifier,
    options: { field?: string; bodies?: boolean; signal: AbortSignal },
  ): Promise<Lease>;
  /** Idempotent; takes effect synchronously. Resolves when a stream that nobody else needs has ended. */
  release(lease: Lease): Promise<void>;
  /**
   * The identifier in the form that the scope of its kind asks for, as far as anything of that kind is served now.
   *
   * @throws InvalidInputError where a namespaced kind lacks the namespace
   */
  scoped(id: CanonicalIdentifier, options: { field: string }): CanonicalIdentifier;
  /** What is known now; needs no request. */
  read(key: Key): Answer;
  /** Moves an identifier to another stream; what differs between the two comes as transitions. */
  reassign(key: Key, to: StreamSpec): Promise<void>;
  /** Ends every stream; answers stay until the Serving itself is dropped. */
  close(): Promise<void>;
}
