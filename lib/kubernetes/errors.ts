import type { ScopedResource } from "./group_version.ts";
import type { ObjectIdentifier } from "./object_identifier.ts";

/** Options that every error of this library takes. */
export interface DependencyWatchErrorOptions {
  /** What it came of. */
  readonly cause?: unknown;
  /** The watched identifier that it is about. */
  readonly watched?: ObjectIdentifier | undefined;
}

/**
 * The base of every error that this library throws. Tell them apart by `code`, which is stable, or by class.
 *
 * @example
 * ```ts
 * import { DependencyWatchError, validateIdentifier } from "kubernetes-dependency-watches";
 *
 * try {
 *   validateIdentifier({ version: "v1", kind: "ConfigMap" });
 * } catch (error) {
 *   if (error instanceof DependencyWatchError) error.code; // "INVALID_INPUT"
 * }
 * ```
 */
export class DependencyWatchError extends Error {
  /** Stable, for programs; the message is for people. */
  readonly code: string;
  /** The watched identifier that this is about, where it is about one. */
  declare watched?: ObjectIdentifier;

  /** Makes one with a code of its own. */
  constructor(code: string, message: string, { cause, watched }: DependencyWatchErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    if (watched !== undefined) this.watched = watched;
  }
}

/** A method was called before start() or after stop(), or stop() came while it was under way. */
export class NotStartedError extends DependencyWatchError {
  /** Says what cannot be done, and why. */
  constructor(verb: string, problem = "the DynamicWatcher is not started; call start() first") {
    super("NOT_STARTED", `Cannot ${verb}: ${problem}`);
  }
}

/** A method that reads or fills the cache was called without `cache: true`. */
export class CacheDisabledError extends DependencyWatchError {
  /** Says what cannot be done. */
  constructor(verb: string) {
    super("CACHE_DISABLED", `Cannot ${verb}: the cache is off; construct with cache: true`);
  }
}

/** What was given is not valid. `field` names the part at fault; the message says what would be valid. */
export class InvalidInputError extends DependencyWatchError {
  /** The path of the field at fault, such as `selector` or `users[0].user.token`. */
  readonly field: string;

  /** Names the field, and says what is wrong with it. */
  constructor(field: string, message: string, options?: DependencyWatchErrorOptions) {
    super("INVALID_INPUT", message, options);
    this.field = field;
  }
}

/** The API server serves no resource for this kind. */
export class NoVersionedResourceError extends DependencyWatchError {
  /** Names the kind, in words. */
  constructor(kind: string, options?: DependencyWatchErrorOptions) {
    super(
      "NO_VERSIONED_RESOURCE",
      `Cannot find a resource for ${kind}: the API server does not serve it (is its CRD installed?)`,
      options,
    );
  }
}

/** The kind exists but cannot be both listed and watched. */
export class ResourceUnwatchableError extends DependencyWatchError {
  /** "" for the core group. */
  readonly group: string;
  /** Such as `v1`. */
  readonly version: string;
  /** The lower-case plural, such as `tokenreviews`. */
  readonly resource: string;
  /** Whether its objects are in namespaces. */
  readonly namespaced: boolean;

  /** Names the resource. */
  constructor(
    { group, version, resource, namespaced }: ScopedResource,
    options?: DependencyWatchErrorOptions,
  ) {
    super(
      "RESOURCE_UNWATCHABLE",
      `Cannot watch ${resource}${group && `.${group}`}: it does not allow both list and watch`,
      options,
    );
    this.group = group;
    this.version = version;
    this.resource = resource;
    this.namespaced = namespaced;
  }
}

/** A query batch of this watcher is open. */
export class QueryBatchInProgressError extends DependencyWatchError {
  /** Says what cannot be done, and to which watcher. */
  constructor(verb: string, watcher: string) {
    super("QUERY_BATCH_IN_PROGRESS", `Cannot ${verb}: a query batch of ${watcher} is open; end() it first`);
  }
}

/** A query batch was used after its end. */
export class QueryBatchNotStartedError extends DependencyWatchError {
  /** Says what cannot be done, and to which watcher. */
  constructor(verb: string, watcher: string) {
    super(
      "QUERY_BATCH_NOT_STARTED",
      `Cannot ${verb}: the query batch of ${watcher} has ended; start a new one`,
    );
  }
}

/** The cache knows nothing of exactly this identifier, not even that it is absent: no watcher depends on it. */
export class NoCacheEntryError extends DependencyWatchError {
  /** Names the identifier, and says how to get an entry. */
  constructor(identifier: string, reason: string, options?: DependencyWatchErrorOptions) {
    super(
      "NO_CACHE_ENTRY",
      `Cannot read ${identifier} from the cache: there is no entry for it; ${reason}`,
      options,
    );
  }
}

/** The watcher was removed while the call was under way. */
export class WatcherRemovedError extends DependencyWatchError {
  /** Names the watcher. */
  constructor(watcher: string) {
    super("WATCHER_REMOVED", `Cannot go on for ${watcher}: it was removed meanwhile`);
  }
}

/** `details` of a Kubernetes Status. */
export interface StatusDetails {
  /** The object that it is about. */
  readonly name?: string;
  /** The group of its kind. */
  readonly group?: string;
  /** Its kind; from kube-apiserver often the resource, such as `pods`. */
  readonly kind?: string;
  /** Its uid. */
  readonly uid?: string;
  /** More that is wrong, by field where it is about one. */
  readonly causes?: readonly {
    readonly reason?: string;
    readonly message?: string;
    readonly field?: string;
  }[];
  /** How long to wait before the next attempt. */
  readonly retryAfterSeconds?: number;
}

/** The API server answered with an error, as an HTTP status or inside a watch. */
export class ApiError extends DependencyWatchError {
  /** The HTTP status code. */
  readonly status: number;
  /** Kubernetes' reason, such as `NotFound` or `Expired`; where the server gave none, the one its status stands for. */
  readonly reason: string;
  /** More that the server told; empty where it told nothing. */
  readonly details: StatusDetails;
  /** What the server asked to wait, in milliseconds (Retry-After or retryAfterSeconds). */
  declare readonly retryAfterMs?: number;

  /** Takes what the server said. */
  constructor(
    message: string,
    fields: { status: number; reason: string; details: StatusDetails; retryAfterMs?: number | undefined },
    options?: DependencyWatchErrorOptions,
  ) {
    super("API_ERROR", message, options);
    this.status = fields.status;
    this.reason = fields.reason;
    this.details = fields.details;
    if (fields.retryAfterMs !== undefined) this.retryAfterMs = fields.retryAfterMs;
  }
}

/** No answer came, or its body broke off. `cause` holds what the runtime said. */
export class TransportError extends DependencyWatchError {
  /** Says what broke; `cause` is what the runtime threw. */
  constructor(message: string, options?: DependencyWatchErrorOptions) {
    super("TRANSPORT_ERROR", message, options);
  }
}

/** Something took longer than it was allowed to; `cause` is the last failure seen, where there was one. */
export class TimeoutError extends DependencyWatchError {
  /** How long it was allowed to take, in milliseconds. */
  readonly afterMs: number;

  /** Says what took too long. */
  constructor(message: string, afterMs: number, options?: DependencyWatchErrorOptions) {
    super("TIMEOUT", message, options);
    this.afterMs = afterMs;
  }
}

/** The server sent what the protocol does not allow: broken JSON, a frame over the limit, a list without version. */
export class ProtocolError extends DependencyWatchError {
  /** Says what the server sent. */
  constructor(message: string, options?: DependencyWatchErrorOptions) {
    super("PROTOCOL_ERROR", message, options);
  }
}
