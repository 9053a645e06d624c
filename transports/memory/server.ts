import { ApiError, TransportError } from "../../lib/kubernetes/errors.ts";
import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { ObjectIdentifier } from "../../lib/kubernetes/identifier.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { JsonPatchOperation } from "../../lib/kubernetes/patch.ts";
import { collectionPath, objectPath, withQuery } from "../../lib/kubernetes/path.ts";
import { apiErrorFromAnswer } from "../../lib/kubernetes/status.ts";
import type { Transport } from "../../lib/protocol/transport.ts";
import { systemClock } from "../../lib/support/clock.ts";
import type { AdmissionHook } from "./admission.ts";
import type { ServerRequest, WrittenAnswer } from "./answer.ts";
import type { Subresource } from "./api_resource.ts";
import { loginName } from "./authentication.ts";
import type { AccessPolicy } from "./authorization.ts";
import { BUILT_IN_RESOURCES } from "./built_in_resources.ts";
import type { Cluster } from "./call.ts";
import { Connections } from "./connections.ts";
import { CustomResources } from "./custom_resources.ts";
import { type FetchFunction, fetchFunction } from "./fetch_function.ts";
import { makeFirstObjects } from "./first_objects.ts";
import { MemoryTransport } from "./memory_transport.ts";
import { handle } from "./pipeline.ts";
import {
  collectionPlace,
  describeCall,
  namedPlace,
  newObjectPlace,
  objectPlace,
  type Place,
} from "./place.ts";
import { rolesDecision } from "./rbac.ts";
import { ResourceRegistry } from "./resource_registry.ts";
import { checkServerOptions, type MemoryApiServerOptions } from "./server_options.ts";
import { Store } from "./store.ts";
import { APPLY_PATCH } from "./write_options.ts";

/** One request that came in by a transport or by `fetch`. */
export interface ReceivedRequest {
  /** Such as `GET`. */
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Who sent it, as far as it is known. Undefined: the superuser, or a token that nobody has. */
  readonly user: string | undefined;
}

interface VerbRequest {
  /** What is done, as errors word it. */
  readonly verb: string;
  readonly method: string;
  readonly path: string;
  readonly body?: object;
  readonly contentType?: string;
}

const HISTORY_LIMIT = 1000;
const REQUESTS_KEPT = 10_000;
/** In whose name the server's own verbs set fields. */
const USER_AGENT = "memory-api-server";
const JSON_TYPE = "application/json";
const PATCH_TYPES = { json: "application/json-patch+json", merge: "application/merge-patch+json" };

/**
 * Makes an API server in memory, empty but for the namespaces that every cluster has. It answers like kube-apiserver
 * and runs no controllers.
 *
 * @throws InvalidInputError naming the option that is not valid
 *
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const server = memoryApiServer();
 * const metadata = { name: "settings", namespace: "default" };
 * await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { colour: "red" } });
 *
 * const watcher = new DynamicWatcher({ transport: server.transport(), reconcile: () => {} });
 * ```
 */
export function memoryApiServer(options: MemoryApiServerOptions = {}): MemoryApiServer {
  return new MemoryApiServer(options);
}

/** An API server in memory. Its own verbs act as the superuser, by no connection: they work while the server is down. */
export class MemoryApiServer {
  /** While true, every new request is refused like a connection that nobody accepts; open watches go on. */
  down = false;
  /**
   * A `fetch` that is answered by this server, whatever the host of the URL: for `fetchTransport({ baseUrl, fetch })`,
   * for workers and for HTTP adapters. `Authorization: Bearer <token>` tells who asks, by the users of the options.
   */
  readonly fetch: FetchFunction;

  readonly #cluster: Cluster;
  readonly #policy: AccessPolicy;
  readonly #hook: AdmissionHook | undefined;
  readonly #requests: ReceivedRequest[] = [];
  readonly #ways = new Set<Connections>();
  readonly #neverAborts = new AbortController().signal;

  /** Use `memoryApiServer`. */
  constructor(options: MemoryApiServerOptions) {
    checkServerOptions(options);
    this.fetch = fetchFunction(this.#openWay());
    const { users, authorize, authorization, admit, historyLimit = HISTORY_LIMIT } = options;
    const { clock = systemClock, wallClock = () => new Date(), random = Math.random, features } = options;
    const store = new Store({ historyLimit });
    const registry = new ResourceRegistry(BUILT_IN_RESOURCES);
    this.#cluster = { store, registry, clock, wallClock, random, watchList: features?.watchList ?? true };
    const roles = authorization === "rbac" ? rolesOf(store) : undefined;
    this.#policy = { users, authorize, roles };
    this.#hook = admit;
    new CustomResources(this.#cluster);
    makeFirstObjects(this.#cluster, { withRoles: roles !== undefined });
  }

  /** How many watches are open. */
  get openWatches(): number {
    return [...this.#cluster.store.collections].reduce(
      (count, { subscriberCount }) => count + subscriberCount,
      0,
    );
  }

  /** The last 10,000 requests that came in by transports, refused ones too, oldest first. */
  get requests(): readonly ReceivedRequest[] {
    return this.#requests;
  }

  /**
   * A transport that reaches this server as `user`. Without one its requests say who asks, as those to `fetch` do: with
   * `users` in the options by their token, and without a token it is `system:anonymous`; with no `users` it is always
   * the superuser, to whom nothing is refused.
   */
  transport(user?: string): Transport {
    return new MemoryTransport(this.#openWay(), user);
  }

  /** Ends every open watch cleanly, as at its timeout. */
  endWatches(): void {
    for (const collection of this.#cluster.store.collections) collection.close();
  }

  /** Breaks every open connection like a crash: requests and bodies reject with a TransportError. */
  dropConnections(): void {
    const error = new TransportError("Cannot go on reading: the connection was reset", {
      cause: new Error("the API server broke the connection off"),
    });
    for (const connections of this.#ways) connections.drop(error);
  }

  /** Forgets the history: resource versions and continue tokens from before are answered 410. */
  compact(): void {
    this.#cluster.store.compact();
  }

  /** A crash and a new start: connections break, and every resource version from before is stale. */
  restart(): void {
    // A server writes while it starts, so that nobody's last resource version is the present one.
    this.#cluster.store.advance();
    this.compact();
    this.dropConnections();
  }

  /**
   * Creates an object and gives it back as it now is; `metadata.generateName` may stand for a name. Like all verbs it
   * rejects with an ApiError for what the server refuses, an InvalidInputError for an object or identifier that is not
   * complete, and a NoVersionedResourceError for a kind that is not served.
   */
  async create<T extends object = KubernetesObject>(object: T): Promise<T> {
    const place = newObjectPlace(this.#cluster.registry, object);
    const path = collectionPath(place.resource, place.namespace);
    return this.#send({ verb: describeCall("create", place), method: "POST", path, body: object });
  }

  /** Replaces an object, or with `subresource` that part of it. */
  async update<T extends object = KubernetesObject>(
    object: T,
    { subresource }: { subresource?: Subresource } = {},
  ): Promise<T> {
    const place = objectPlace(this.#cluster.registry, object);
    const path = pathOf(place, subresource);
    return this.#send({ verb: describeCall("update", place), method: "PUT", path, body: object });
  }

  /**
   * Makes an object, or with `subresource` that part of it, have the fields that are given, by server-side apply: it is
   * created where there is none, and what `fieldManager` (by default `memory-api-server`) applied before and no longer
   * gives is taken away. A field that another manager set to another value is a conflict (409), unless `force` takes it.
   *
   * @example
   * ```ts
   * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
   *
   * const server = memoryApiServer();
   * const head = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "settings", namespace: "default" } };
   * await server.apply({ ...head, data: { colour: "red" } }, { fieldManager: "painter" });
   * await server.apply({ ...head, data: { colour: "blue" } }, { fieldManager: "other", force: true });
   * ```
   */
  async apply<T extends object = KubernetesObject>(
    object: T,
    {
      fieldManager = USER_AGENT,
      force = false,
      subresource,
    }: { fieldManager?: string; force?: boolean; subresource?: Subresource } = {},
  ): Promise<T> {
    const place = objectPlace(this.#cluster.registry, object);
    const query = { fieldManager, force: force ? "true" : undefined };
    const path = withQuery(pathOf(place, subresource), query);
    const call = { verb: describeCall("apply", place), method: "PATCH", path, body: object };
    return this.#send({ ...call, contentType: APPLY_PATCH });
  }

  /** Changes an object by a patch; by default an array is a JSON Patch, and an object a merge patch. */
  async patch<T extends object = KubernetesObject>(
    identifier: ObjectIdentifier,
    patch: readonly JsonPatchOperation[] | object,
    { type, subresource }: { type?: "json" | "merge"; subresource?: Subresource } = {},
  ): Promise<T> {
    const place = namedPlace(this.#cluster.registry, identifier);
    const contentType = PATCH_TYPES[type ?? (Array.isArray(patch) ? "json" : "merge")];
    const call = { verb: describeCall("patch", place), method: "PATCH", path: pathOf(place, subresource) };
    return this.#send({ ...call, body: patch, contentType });
  }

  /** Deletes an object; false where there was none. It stays while finalizers hold it. */
  async delete(identifier: ObjectIdentifier): Promise<boolean> {
    const place = namedPlace(this.#cluster.registry, identifier);
    const call = { verb: describeCall("delete", place), method: "DELETE", path: pathOf(place) };
    return (await this.#send(call).catch(absentIfNotFound)) !== undefined;
  }

  /** The object, or undefined where there is none. */
  async get<T extends object = KubernetesObject>(identifier: ObjectIdentifier): Promise<T | undefined> {
    const place = namedPlace(this.#cluster.registry, identifier);
    const call = { verb: describeCall("get", place), method: "GET", path: pathOf(place) };
    return this.#send<T>(call).catch(absentIfNotFound);
  }

  /** The objects that the selector selects, without one all; of one namespace, without one of all. */
  async list<T extends object = KubernetesObject>(identifier: ObjectIdentifier): Promise<T[]> {
    const place = collectionPlace(this.#cluster.registry, identifier);
    const { resource, namespace, selector } = place;
    const path = withQuery(collectionPath(resource, namespace), { labelSelector: selector || undefined });
    const call = { verb: describeCall("list", place), method: "GET", path };
    const { items } = await this.#send<{ items: T[] }>(call);
    const head = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
    return items.map((item) => ({ ...head, ...item }));
  }

  #openWay(): Connections {
    const connections = new Connections((request) => this.#receive(request));
    this.#ways.add(connections);
    return connections;
  }

  #receive(request: ServerRequest): Promise<WrittenAnswer> {
    const { method, path, login } = request;
    this.#requests.push({ method, path, user: loginName(login, this.#policy.users) });
    if (this.#requests.length > REQUESTS_KEPT) this.#requests.shift();
    return this.down ? Promise.reject(connectionRefused(method, path)) : this.#handle(request);
  }

  #handle(request: ServerRequest): Promise<WrittenAnswer> {
    return handle(request, { cluster: this.#cluster, policy: this.#policy, hook: this.#hook });
  }

  async #send<T>({ verb, method, path, body, contentType = JSON_TYPE }: VerbRequest): Promise<T> {
    const answer = await this.#handle({
      ...{ method, path, login: "superuser" as const, signal: this.#neverAborts },
      headers: { get: (name) => ({ "content-type": contentType, "user-agent": USER_AGENT })[name] ?? null },
      body: body === undefined ? "" : JSON.stringify(body),
    });
    const { status, headers } = answer;
    const text = String(answer.body);
    if (status < 300) return JSON.parse(text);
    throw apiErrorFromAnswer(verb, { status, headers: { get: (name) => headers[name] ?? null }, body: text });
  }
}

function pathOf({ resource, namespace, name = "" }: Place, subresource?: Subresource): string {
  return objectPath(resource, { namespace, name, subresource });
}

function rolesOf(store: Store): NonNullable<AccessPolicy["roles"]> {
  return (user, action) => rolesDecision(store, { user, action });
}

function connectionRefused(method: string, path: string): TransportError {
  const cause = new Error("the API server is down");
  return new TransportError(`Cannot ${method} ${path}: the connection was refused`, { cause });
}

function absentIfNotFound(error: unknown): undefined {
  if (!(error instanceof ApiError) || error.status !== 404) throw error;
}
