import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import { type Frozen, type KubernetesObject, objectKey } from "../../lib/kubernetes/object.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { Call, WriteScope } from "./call.ts";
import { checkName } from "./object_name.ts";
import { arranged } from "./object_version.ts";
import { bodyObject } from "./request_body.ts";
import { alreadyExists, forbidden, internalError, notFound } from "./status_error.ts";
import { put, timestamp } from "./write.ts";

const SUPERUSER = { username: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] };
const SUFFIX_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const LONGEST_GENERATED_BASE = 63 - SUFFIX_LENGTH;
const GENERATE_ATTEMPTS = 8;

/** POST to a collection. */
export function createObject(call: Call): Answer {
  const { resource, request, cluster } = call;
  const object = bodyObject(call);
  if (!resource.review) return jsonAnswer(createFrom(call, object), { status: 201 });
  const head = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
  const metadata = { creationTimestamp: timestamp(cluster) };
  const { user } = request;
  const reviewer = user === undefined ? SUPERUSER : { username: user, groups: ["system:authenticated"] };
  return jsonAnswer({ ...head, metadata, ...resource.review(reviewer) }, { status: 201 });
}

/** Stores a new object and gives it as it now is. */
export function createFrom(scope: WriteScope, object: KubernetesObject): Frozen<KubernetesObject> {
  const { resource, cluster } = scope;
  const metadata = object.metadata ?? {};
  checkNamespace(scope, metadata.name ?? "");
  if (resource.terminating) {
    const why = "create not allowed while custom resource definition is terminating";
    throw forbidden(resource, { name: metadata.name ?? "", why });
  }
  if (metadata.resourceVersion) {
    throw internalError("resourceVersion should not be set on objects to be created");
  }
  const draft = structuredClone(object);
  const { deletionTimestamp: _, deletionGracePeriodSeconds: _grace, ...own } = draft.metadata ?? {};
  draft.metadata = {
    ...own,
    name: freeName(scope, object),
    uid: newUid(cluster.random),
    creationTimestamp: timestamp(cluster),
  };
  delete draft.metadata.generation;
  if (resource.counted) draft.metadata.generation = 1;
  if (resource.subresources.includes("status") && !resource.statusOnCreate) delete draft.status;
  resource.prepareCreate?.(draft);
  resource.normalize?.(draft);
  return put(scope, { object: arranged(draft, resource) });
}

/** The name that the object asks for, or a new one behind its generateName. */
function freeName(
  { resource, collection, cluster, namespace }: WriteScope,
  { metadata = {} }: KubernetesObject,
): string {
  const { name = "", generateName = "" } = metadata;
  const isTaken = (candidate: string) =>
    collection.get(objectKey({ namespace, name: candidate })) !== undefined;
  for (let attempt = 0; attempt < GENERATE_ATTEMPTS; attempt += 1) {
    const candidate = name || (generateName && generated(generateName, cluster.random));
    checkName(candidate, resource);
    if (!isTaken(candidate)) return candidate;
    if (name !== "") break;
  }
  throw alreadyExists(resource, name || generateName);
}

function checkNamespace({ resource, cluster, namespace }: WriteScope, name: string): void {
  if (!resource.namespaced) return;
  const namespaces = { group: "", resource: "namespaces" };
  const version = cluster.store.collection(namespaces).get(objectKey({ namespace: "", name: namespace }));
  if (!version) throw notFound(namespaces, namespace);
  if (version.object.metadata?.deletionTimestamp === undefined) return;
  throw forbidden(resource, {
    name,
    why: `unable to create new content in namespace ${namespace} because it is being terminated`,
    causes: [
      {
        reason: "NamespaceTerminating",
        message: `namespace ${namespace} is being terminated`,
        field: "metadata.namespace",
      },
    ],
  });
}

function generated(base: string, random: () => number): string {
  const suffix = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_CHARACTERS[Math.floor(random() * SUFFIX_CHARACTERS.length)],
  );
  return base.slice(0, LONGEST_GENERATED_BASE) + suffix.join("");
}

/** A version 4 UUID. */
function newUid(random: () => number): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(random() * 16).toString(16));
}
