import { NoVersionedResourceError, ResourceUnwatchableError } from "../kubernetes/errors.ts";
import { formatGroupVersion } from "../kubernetes/group_version.ts";
import { groupVersionPath } from "../kubernetes/path.ts";
import { type Clock, systemClock } from "../support/clock.ts";
import {
  AGGREGATED_ACCEPT,
  type ApiResource,
  type GroupVersionResources,
  isAggregated,
  isWatchable,
  readAggregated,
  readLegacy,
} from "./discovery_documents.ts";
import { type CallOptions, requestJson } from "./request_json.ts";
import { type Fetch, SharedAnswer } from "./shared_answer.ts";
import type { Transport } from "./transport.ts";

export type { ApiResource } from "./discovery_documents.ts";

/** A kind as identifiers name it; the core group may be absent. */
export interface KindReference {
  /** Absent or "" for the core group. */
  readonly group?: string | undefined;
  /** Such as `v1`. */
  readonly version: string;
  /** Such as `ConfigMap`. */
  readonly kind: string;
}

/** How long discovery remembers. */
export interface DiscoveryOptions {
  readonly clock?: Clock | undefined;
  /** How long what was found is taken as true, by default 600,000. Each new answer of the server renews it. */
  readonly ttlMs?: number | undefined;
  /** How long a kind that the server does not serve is not asked for again, by default 0. */
  readonly missingTtlMs?: number | undefined;
}

/** How a kind is looked for. */
export interface FindOptions extends CallOptions {
  /** Asks the server, whatever is remembered: for a resource that answers 404. */
  readonly fresh?: boolean | undefined;
}

/** What `/api` or `/apis` said: all that it serves, or nothing where the server knows no aggregated discovery. */
interface Catalog {
  readonly groupVersions: ReadonlyMap<string, GroupVersionResources>;
  /** False for a legacy answer: a group and version that is not listed may exist. */
  readonly complete: boolean;
  readonly etag?: string | undefined;
}

/** "unknown": this document cannot say. */
type Finding = ApiResource | "missing" | "unknown";

const DEFAULT_TTL_MS = 600_000;

/** A server without aggregated discovery: only each group and version can say what it serves. */
const UNTOLD: Catalog = { groupVersions: new Map(), complete: false };

/**
 * Turns kinds into resources. One request tells all kinds where the server has aggregated discovery (Kubernetes 1.30),
 * elsewhere one request tells those of a group and version.
 *
 * "Missing" is always a fresh answer of the server: a kind that is not known is asked for again. Who asks at once
 * shares one request; its failure reaches all of them, and is forgotten.
 */
export class Discovery {
  readonly #transport: Transport;
  readonly #clock: Clock;
  readonly #ttlMs: number;
  readonly #missingTtlMs: number;
  readonly #core: SharedAnswer<Catalog>;
  readonly #named: SharedAnswer<Catalog>;
  /** What was asked directly, by apiVersion. */
  readonly #direct = new Map<string, SharedAnswer<Catalog>>();
  /** Until when a kind is taken as missing. */
  readonly #missing = new Map<string, number>();

  constructor(
    transport: Transport,
    { clock = systemClock, ttlMs = DEFAULT_TTL_MS, missingTtlMs = 0 }: DiscoveryOptions = {},
  ) {
    this.#transport = transport;
    this.#clock = clock;
    this.#ttlMs = ttlMs;
    this.#missingTtlMs = missingTtlMs;
    this.#core = this.#share((previous, options) => this.#fetchRoot("/api", previous, options));
    this.#named = this.#share((previous, options) => this.#fetchRoot("/apis", previous, options));
  }

  /**
   * The resource that serves a kind.
   *
   * @throws {NoVersionedResourceError} when the server says that it serves no such kind
   * @throws {ApiError} when it refuses to say, as with 403
   * @throws {ProtocolError} when what it says is broken
   */
  async find(kind: KindReference, options: FindOptions = {}): Promise<ApiResource> {
    options.signal?.throwIfAborted();
    let finding = await this.#look(kind.group ? this.#named : this.#core, kind, options);
    if (finding === "unknown") finding = await this.#look(this.#directly(kind), kind, options);
    if (typeof finding !== "object") throw new NoVersionedResourceError(formatKind(kind));
    this.#missing.delete(formatKind(kind));
    return finding;
  }

  /**
   * The resource that serves a kind, which can be listed and watched.
   *
   * @throws {ResourceUnwatchableError} when it cannot; its fields name the resource
   * @throws as `find` does
   */
  async findWatchable(kind: KindReference, options: FindOptions = {}): Promise<ApiResource> {
    const resource = await this.find(kind, options);
    if (isWatchable(resource)) return resource;
    throw new ResourceUnwatchableError(resource);
  }

  async #look(source: SharedAnswer<Catalog>, kind: KindReference, options: FindOptions): Promise<Finding> {
    const { fresh = false } = options;
    if (!fresh) {
      const remembered = source.current ? lookUp(source.current, kind) : "missing";
      if (remembered !== "missing" || this.#isKnownMissing(kind)) return remembered;
    }
    const joins = source.fetching;
    let finding = lookUp(await source.refresh(options), kind);
    // That request was under way before this call: what has been made since may not be in its answer.
    if (joins && (fresh || finding === "missing")) finding = lookUp(await source.refresh(options), kind);
    if (finding === "missing" && this.#missingTtlMs > 0) {
      this.#missing.set(formatKind(kind), this.#clock.now() + this.#missingTtlMs);
    }
    return finding;
  }

  #isKnownMissing(kind: KindReference): boolean {
    const until = this.#missing.get(formatKind(kind));
    if (until !== undefined && this.#clock.now() < until) return true;
    this.#missing.delete(formatKind(kind));
    return false;
  }

  #share(fetch: Fetch<Catalog>): SharedAnswer<Catalog> {
    return new SharedAnswer(fetch, { clock: this.#clock, ttlMs: this.#ttlMs });
  }

  async #fetchRoot(
    path: "/api" | "/apis",
    previous: Catalog | undefined,
    options: CallOptions,
  ): Promise<Catalog> {
    const etag = previous?.etag;
    const headers = { accept: AGGREGATED_ACCEPT, ...(etag && { "if-none-match": etag }) };
    const request = { verb: `discover ${path}`, path, headers, accepts: [304, 404] };
    const answer = await requestJson(this.#transport, request, options);
    if (previous && answer.status === 304) return previous;
    if (!isAggregated(answer.headers.get("content-type"))) return UNTOLD;
    return {
      groupVersions: readAggregated(answer.body, path),
      complete: true,
      etag: answer.headers.get("etag") ?? undefined,
    };
  }

  /** What one group and version serves, asked for by itself. */
  #directly({ group = "", version }: KindReference): SharedAnswer<Catalog> {
    const apiVersion = formatGroupVersion({ group, version });
    const known = this.#direct.get(apiVersion);
    if (known) return known;
    const path = groupVersionPath({ group, version });
    const source = this.#share(async (_previous, options) => {
      const request = { verb: `discover ${path}`, path, accepts: [404] };
      const { status, body } = await requestJson(this.#transport, request, options);
      const served =
        status === 404 ? [] : [[apiVersion, readLegacy(body, path, { group, version })] as const];
      return { groupVersions: new Map(served), complete: true };
    });
    this.#direct.set(apiVersion, source);
    return source;
  }
}

function lookUp({ groupVersions, complete }: Catalog, kind: KindReference): Finding {
  const served = groupVersions.get(formatGroupVersion(kind));
  return served?.byKind.get(kind.kind) ?? ((served ?? { complete }).complete ? "missing" : "unknown");
}

function formatKind(kind: KindReference): string {
  return `${kind.kind} in ${formatGroupVersion(kind)}`;
}
