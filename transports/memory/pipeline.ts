import type { Answer, ServerRequest } from "./answer.ts";
import { type ApiResource, SUBRESOURCE_VERBS } from "./api_resource.ts";
import { type AccessPolicy, checkAccess, checkUser } from "./authorization.ts";
import type { Call, Cluster, Handler } from "./call.ts";
import { createObject } from "./create.ts";
import { deleteCollection, deleteObject } from "./delete.ts";
import { patchObject } from "./patch.ts";
import { pathAnswer } from "./path_answer.ts";
import { getObject, listObjects } from "./read.ts";
import { type RequestTarget, requestInfo, type Verb } from "./request_info.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import {
  badRequest,
  methodNotAllowed,
  noSuchResource,
  notFound,
  PageNotFoundError,
  StatusError,
} from "./status_error.ts";
import { updateObject } from "./update.ts";
import { watchObjects } from "./watch.ts";

const HANDLERS: Readonly<Record<Verb, Handler>> = {
  get: getObject,
  list: listObjects,
  watch: watchObjects,
  create: createObject,
  update: updateObject,
  patch: patchObject,
  delete: deleteObject,
  deletecollection: deleteCollection,
};
const COLLECTION_METHODS = ["GET", "POST", "DELETE"];
const OBJECT_METHODS = ["GET", "PUT", "PATCH", "DELETE"];

/** Answers one request: who asks, for what, is it allowed, is it there, and then the verb. */
export async function handle(
  request: ServerRequest,
  { cluster, policy }: { cluster: Cluster; policy: AccessPolicy },
): Promise<Answer> {
  try {
    checkUser(request.user, policy);
    const info = requestInfo(request.method, request.path);
    const { target, query } = info;
    if (!target) return pathAnswer(info, { registry: cluster.registry, request });
    checkAccess(request.user, { policy, target, query });
    const resource = findResource(cluster.registry, target);
    checkMethod(request.method, { target, resource });
    const call: Call = {
      ...{ cluster, request, query, target, resource },
      collection: cluster.store.collection(resource),
      namespace: resource.namespaced ? target.namespace : "",
      dryRun: isDryRun(query),
    };
    return await HANDLERS[target.verb](call);
  } catch (error) {
    if (error instanceof StatusError || error instanceof PageNotFoundError) return error.answer();
    throw error;
  }
}

function findResource(registry: ResourceRegistry, target: RequestTarget): ApiResource {
  const resource = registry.find(target);
  if (resource && isPlaced(resource, target)) {
    const { subresource } = target;
    if (subresource === "" || resource.subresources.some((served) => served === subresource)) return resource;
    // Under a custom object nobody tells a missing subresource from a missing object.
    if (resource.custom) throw notFound(resource, target.name);
  }
  // Nothing serves a group that is not there; within one of its own, the API server answers itself.
  throw registry.isBuiltIn(target.group) ? noSuchResource() : new PageNotFoundError();
}

/** Whether the path has a namespace where the kind does. All namespaces have a collection, too. */
function isPlaced({ namespaced, custom }: ApiResource, { verb, inNamespace, name }: RequestTarget): boolean {
  const isAcrossNamespaces = name === "" && !(custom && verb === "create");
  return namespaced ? inNamespace || isAcrossNamespaces : !inNamespace;
}

function checkMethod(
  method: string,
  { target, resource }: { target: RequestTarget; resource: ApiResource },
): void {
  const { verb, name, subresource, inNamespace } = target;
  const methods = name === "" ? COLLECTION_METHODS : OBJECT_METHODS;
  // Across namespaces there is only reading.
  const isPlaced = inNamespace || !resource.namespaced || method === "GET";
  const verbs = subresource === "" ? resource.verbs : (SUBRESOURCE_VERBS[subresource] ?? []);
  // A kind that goes tells of fewer verbs than it takes.
  const isAllowed = resource.terminating || verbs.includes(verb);
  if (!methods.includes(method) || !isPlaced || !isAllowed) throw methodNotAllowed();
}

function isDryRun(query: URLSearchParams): boolean {
  const value = query.get("dryRun") ?? "";
  if (value === "" || value === "All") return value === "All";
  throw badRequest(`dryRun: Unsupported value: ["${value}"]: supported values: "All"`);
}
