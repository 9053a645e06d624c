import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import { wishOf } from "./accept.ts";
import { type AdmissionHook, admit } from "./admission.ts";
import { isJson, type ServerRequest, type WrittenAnswer } from "./answer.ts";
import { type ApiResource, SUBRESOURCE_VERBS } from "./api_resource.ts";
import { authenticate } from "./authentication.ts";
import { type AccessPolicy, checkAccess, checkPathAccess } from "./authorization.ts";
import type { Call, Cluster, Handler } from "./call.ts";
import { callFormat, documentFormat } from "./call_format.ts";
import { createObject } from "./create.ts";
import { deleteCollection, deleteObject } from "./delete.ts";
import { inForm } from "./forms.ts";
import { impersonated } from "./impersonation.ts";
import { patchObject } from "./patch.ts";
import { pathAnswer } from "./path_answer.ts";
import { getObject, listObjects } from "./read.ts";
import { mediaType } from "./request_body.ts";
import { type RequestTarget, requestInfo, type Verb } from "./request_info.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import {
  badRequest,
  methodNotAllowed,
  noSuchResource,
  notFound,
  PageNotFoundError,
  requestTooLarge,
  StatusError,
} from "./status_error.ts";
import { withWarnings } from "./structured_body.ts";
import { updateObject } from "./update.ts";
import { watchObjects } from "./watch.ts";
import { timestamp } from "./write.ts";
import { writeOptions } from "./write_options.ts";
import { written, writtenError } from "./written_answer.ts";

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
/** How long a body may be. The API server counts bytes. */
const MOST_CHARACTERS = 3 * 1024 * 1024;
/** What a custom kind takes only where it has a namespace. */
const MAKING: readonly Verb[] = ["create", "update", "patch", "deletecollection"];
const COLLECTION_METHODS = ["GET", "POST", "DELETE"];
const OBJECT_METHODS = ["GET", "PUT", "PATCH", "DELETE"];

/** Answers one request: who asks, for what, is it allowed, is it there, and then the verb. */
export async function handle(
  request: ServerRequest,
  { cluster, policy, hook }: { cluster: Cluster; policy: AccessPolicy; hook: AdmissionHook | undefined },
): Promise<WrittenAnswer> {
  const wish = wishOf(request);
  const warnings: string[] = [];
  try {
    const asker = authenticate(request.login, policy.users);
    const info = requestInfo(request.method, request.path);
    const user = impersonated(asker, { headers: request.headers, policy });
    const { target, query } = info;
    if (!target) {
      checkPathAccess(policy, { user, info });
      const answer = pathAnswer(info, { registry: cluster.registry, request });
      return isJson(answer) ? written(answer, documentFormat(wish)) : answer;
    }
    checkAccess(policy, { user, target, query });
    const resource = findResource(cluster.registry, target);
    checkMethod(request.method, { target, resource });
    const format = callFormat(wish, { resource, target });
    checkSize(request);
    const namespace = resource.namespaced ? target.namespace : "";
    const options = writeOptions(query, {
      verb: target.verb,
      mediaType: mediaType({ request }),
      userAgent: request.headers.get("user-agent") ?? "",
    });
    const call: Call = {
      ...{ cluster, policy, request, user, query, target, resource, namespace, format },
      collection: cluster.store.collection(resource),
      ...{ dryRun: options.dryRun, options, warnings },
      writer: {
        ...{ manager: options.fieldManager, apiVersion: formatGroupVersion(resource) },
        subresource: target.subresource,
        get time() {
          return timestamp(cluster);
        },
      },
      ...(hook && { admit: (write) => admit(hook, { write, call: { resource, target, namespace, user } }) }),
    };
    const answer = withWarnings(await HANDLERS[target.verb](call), warnings);
    if (!isJson(answer)) return answer;
    return written({ ...answer, body: { json: inForm(answer.body.json, call) } }, format);
  } catch (error) {
    if (error instanceof StatusError || error instanceof PageNotFoundError) {
      return writtenError(withWarnings(error.answer(), warnings), wish);
    }
    throw error;
  }
}

function checkSize({ body }: ServerRequest): void {
  if (body.length > MOST_CHARACTERS) throw requestTooLarge(MOST_CHARACTERS);
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
  const isAcrossNamespaces = name === "" && !(custom && MAKING.includes(verb));
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
  if (resource.custom && name === "" && (verb === "update" || verb === "patch")) {
    throw badRequest("name must be provided");
  }
  if (!methods.includes(method) || !isPlaced || !isAllowed) throw methodNotAllowed();
}
