import * as v from "valibot";
import { ApiError, InvalidInputError } from "../kubernetes/errors.ts";
import {
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import { identifierOf, type ObjectReference } from "../kubernetes/identifier_of.ts";
import { aFlag, anObjectWith, aSignal, aText, checkInputs, type InputSchemas } from "../kubernetes/inputs.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import type { JsonPatchOperation } from "../kubernetes/patch.ts";
import { collectionPath, objectPath, withQuery } from "../kubernetes/path.ts";
import type { Clock } from "../support/clock.ts";
import { isJsonObject, type JsonObject } from "../support/json.ts";
import { type Logger, resolveLogger } from "../support/logger.ts";
import { type ApiResource, Discovery } from "./discovery.ts";
import { listPages } from "./list_pages.ts";
import { requestJson } from "./request_json.ts";
import type { Transport } from "./transport.ts";
import { readWarnings } from "./warnings.ts";

/** Options of an ApiClient. */
export interface ApiClientOptions {
  /** By default the runtime's. */
  readonly clock?: Clock | undefined;
  /** How long the resource of a kind is remembered, by default 600,000. */
  readonly discoveryTtlMs?: number | undefined;
  /** Where the server's warnings go, by default the console; `false` mutes them. */
  readonly logger?: Logger | false | undefined;
}

/** Options of what reads. */
export interface ReadOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
}

/** Options of what writes. */
export interface WriteOptions extends ReadOptions {
  /** Who owns the fields that are written; by default the server takes it from the User-Agent. */
  readonly fieldManager?: string | undefined;
  /** Checks and answers as usual, and changes nothing. */
  readonly dryRun?: boolean | undefined;
}

/** Options of `update`. */
export interface UpdateOptions extends WriteOptions {
  /** Writes this part only, such as `status`. */
  readonly subresource?: string | undefined;
}

/** Options of `patch`. */
export interface PatchOptions extends UpdateOptions {
  /** "json", by default for an array: operations of RFC 6902. "merge", else: RFC 7386, null removes a field. */
  readonly type?: "json" | "merge" | undefined;
}

/** Options of `delete`. */
export interface DeleteOptions extends ReadOptions {
  /** Deletes only this very object or version; otherwise the error is a 409. */
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
  /** What becomes of the objects that it owns; by default the server decides. */
  readonly propagationPolicy?: "Background" | "Foreground" | "Orphan" | undefined;
}

/** What is done with one object. */
interface Call {
  readonly method: keyof typeof HTTP_METHODS;
  readonly identifier: ObjectIdentifier;
  /** What the object that holds namespace and name is called in errors. */
  readonly field?: string;
  readonly contentType?: string;
  readonly body?: object;
  readonly subresource?: string | undefined;
}

const HTTP_METHODS = { get: "GET", create: "POST", update: "PUT", patch: "PATCH", delete: "DELETE" };
const PATCH_TYPES = { json: "application/json-patch+json", merge: "application/merge-patch+json" };
const writeInputs = { signal: aSignal, fieldManager: aText, dryRun: aFlag };
/** A misspelt `dryRun` would write. */
const INPUTS: Readonly<Record<Exclude<Call["method"], "get">, InputSchemas>> = {
  create: writeInputs,
  update: { ...writeInputs, subresource: aText },
  patch: { ...writeInputs, subresource: aText, type: aText },
  delete: {
    signal: aSignal,
    preconditions: v.optional(v.object({}, "it must be an object")),
    propagationPolicy: aText,
  },
};
/** Of an object whose name the server makes. */
const NO_NAME = "(unnamed)";

/**
 * Reads and writes objects of any kind: what a reconcile function needs. Discovery turns kinds into resources. The
 * objects are the caller's own: mutable, and from the server, not from a cache.
 *
 * Every method rejects with an ApiError when the server refuses, an InvalidInputError for an incomplete identifier or
 * object, a NoVersionedResourceError for a kind that the server does not serve, and `signal.reason` after an abort.
 * Nothing is retried: a reconcile function runs again.
 *
 * @example
 * ```ts
 * import { ApiClient } from "kubernetes-dependency-watches";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * interface ConfigMap {
 *   apiVersion: "v1";
 *   kind: "ConfigMap";
 *   metadata: { name: string; namespace: string };
 *   data?: Record<string, string>;
 * }
 *
 * const client = new ApiClient(memoryApiServer().transport());
 * const metadata = { name: "settings", namespace: "default" };
 * await client.create<ConfigMap>({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { colour: "red" } });
 *
 * const settings = { version: "v1", kind: "ConfigMap", ...metadata };
 * await client.patch(settings, { data: { colour: "blue" } });
 * (await client.get<ConfigMap>(settings))?.data; // { colour: "blue" }
 * ```
 */
export class ApiClient {
  readonly #transport: Transport;
  readonly #discovery: Discovery;
  readonly #logger: Logger;

  /**
   * Asks nothing of the server yet.
   *
   * @throws {InvalidInputError} without a transport
   */
  constructor(transport: Transport, { clock, discoveryTtlMs, logger }: ApiClientOptions = {}) {
    checkInputs("construct an ApiClient", { transport: anObjectWith("request") }, { transport });
    this.#transport = transport;
    this.#discovery = new Discovery(transport, { clock, ttlMs: discoveryTtlMs });
    this.#logger = resolveLogger(logger);
  }

  /** The object, or undefined when the server says that it does not exist. */
  async get<T extends object = KubernetesObject>(
    identifier: ObjectIdentifier,
    options: ReadOptions = {},
  ): Promise<T | undefined> {
    const { identifier: one } = canonicalizeForGet(identifier);
    return this.#send<T>({ method: "get", identifier: one }, options).catch(absentIfNotFound);
  }

  /** The objects of a kind that the selector selects, without one all; of one namespace, without one of all. */
  async list<T extends object = KubernetesObject>(
    identifier: ObjectIdentifier,
    { signal }: ReadOptions = {},
  ): Promise<T[]> {
    const { identifier: set } = canonicalizeForList(identifier);
    const query = { labelSelector: set.selector || undefined };
    const { items } = await this.#withResource({ identifier: set }, { signal }, (resource, { namespace }) =>
      listPages(this.#transport, collectionPath(resource, namespace), { query, signal }),
    );
    return items as T[];
  }

  /** Creates an object and gives it back as the server has it; `metadata.generateName` may stand for a name. */
  async create<T extends ObjectReference>(object: T, options: WriteOptions = {}): Promise<T> {
    const metadata = { ...object?.metadata, name: object?.metadata?.name || NO_NAME };
    const identifier = identifierOf({ ...object, metadata });
    return this.#send<T>({ method: "create", identifier, field: "metadata", body: object }, options);
  }

  /**
   * Replaces an object, or with `subresource` that part of it. One that carries a resource version replaces only that
   * version: a conflict is an ApiError with status 409.
   */
  async update<T extends ObjectReference>(object: T, options: UpdateOptions = {}): Promise<T> {
    const identifier = identifierOf(object);
    const { subresource } = options;
    return this.#send<T>(
      { method: "update", identifier, field: "metadata", body: object, subresource },
      options,
    );
  }

  /** Changes an object by a patch, and gives it back; an array is a JSON Patch, and an object a merge patch. */
  async patch<T extends object = KubernetesObject>(
    identifier: ObjectIdentifier,
    patch: readonly JsonPatchOperation[] | object,
    options: PatchOptions = {},
  ): Promise<T> {
    const { identifier: one } = canonicalizeForGet(identifier);
    const { type = Array.isArray(patch) ? "json" : "merge", subresource } = options;
    const call = { method: "patch", identifier: one, body: patch, subresource } as const;
    if (!Object.hasOwn(PATCH_TYPES, type)) {
      throw new InvalidInputError("type", `Cannot ${verbOf(call)}: options.type must be "json" or "merge"`);
    }
    if (!(type === "json" ? Array.isArray(patch) : isJsonObject(patch))) {
      const wanted = type === "json" ? "an array of operations" : "an object";
      throw new InvalidInputError("patch", `Cannot ${verbOf(call)}: a ${type} patch is ${wanted}`);
    }
    return this.#send<T>({ ...call, contentType: PATCH_TYPES[type] }, options);
  }

  /**
   * Deletes an object. Resolves to false when there was none; true says that it is gone, or will be as soon as its
   * finalizers let it.
   */
  async delete(identifier: ObjectIdentifier, options: DeleteOptions = {}): Promise<boolean> {
    const { identifier: one } = canonicalizeForGet(identifier);
    const { preconditions, propagationPolicy } = options;
    const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions, propagationPolicy };
    const call = { method: "delete", identifier: one, body } as const;
    const answer = await this.#send(call, options).catch(absentIfNotFound);
    return answer !== undefined;
  }

  async #send<T = JsonObject>(call: Call, options: WriteOptions): Promise<T> {
    const { method, body, contentType = "application/json", subresource } = call;
    const verb = verbOf(call);
    if (method !== "get") checkInputs(verb, INPUTS[method], options);
    const { signal, fieldManager, dryRun } = options;
    const parameters = { fieldManager, dryRun: dryRun ? "All" : undefined };
    const answer = await this.#withResource(call, { signal }, (resource, { namespace, name = "" }) => {
      const path =
        method === "create"
          ? collectionPath(resource, namespace)
          : objectPath(resource, { namespace, name, subresource });
      const request = {
        verb,
        method: HTTP_METHODS[method],
        path: withQuery(path, parameters),
        ...(body && { headers: { "content-type": contentType }, body: JSON.stringify(body) }),
      };
      return requestJson(this.#transport, request, { signal });
    });
    for (const warning of readWarnings(answer.headers.get("warning"))) {
      this.#logger.warn(`Warning of the API server (${verb}): ${warning}`);
    }
    return answer.body as T;
  }

  /** Does `call`, and once more where its path is not served: the kind may be served elsewhere by now. */
  async #withResource<T>(
    { identifier, field }: Pick<Call, "identifier" | "field">,
    { signal }: ReadOptions,
    call: (resource: ApiResource, identifier: ObjectIdentifier) => Promise<T>,
  ): Promise<T> {
    const attempt = async (fresh: boolean) => {
      const resource = await this.#discovery.find(identifier, { signal, fresh });
      const { namespaced } = resource;
      return call(resource, canonicalize(identifier, { field, namespaced }).identifier);
    };
    try {
      return await attempt(false);
    } catch (error) {
      if (!isNotFound(error) || error.details.name !== undefined) throw error;
      return attempt(true);
    }
  }
}

/** What is done, as errors word it: "Cannot <verb>: ...". */
function verbOf({
  method,
  identifier: { kind, namespace, name },
}: Pick<Call, "method" | "identifier">): string {
  return `${method} ${kind} ${namespace ? `${namespace}/` : ""}${name}`;
}

function isNotFound(error: unknown): error is ApiError {
  return error instanceof ApiError && error.status === 404;
}

/** Only a 404 that names the object says that it is absent: one of a proxy, or for the whole path, says nothing of it. */
function absentIfNotFound(error: unknown): undefined {
  if (!isNotFound(error) || error.details.name === undefined) throw error;
}
