import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import {
  type Frozen,
  type KubernetesObject,
  type ObjectMeta,
  objectKey,
} from "../../lib/kubernetes/object.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import type { Call, WriteScope } from "./call.ts";
import { ownedObject } from "./field_manager.ts";
import { revisionOf } from "./list_options.ts";
import { newMetadataCauses } from "./metadata_validation.ts";
import { nameCauses } from "./object_name.ts";
import { arranged, emptyObject } from "./object_version.ts";
import { withOwnersOnce } from "./owner_references.ts";
import { bodyObject } from "./request_body.ts";
import { alreadyExists, forbidden, internalError, invalid, notFound } from "./status_error.ts";
import { put, timestamp } from "./write.ts";

const SUFFIX_CHARACTERS = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const LONGEST_GENERATED_BASE = 63 - SUFFIX_LENGTH;
const GENERATE_ATTEMPTS = 8;

/** POST to a collection. */
export function createObject(call: Call): Answer {
  const { resource } = call;
  const object = withOwnersOnce(bodyObject(call), { warnings: call.warnings, moment: "as it came" });
  if (!resource.review) return jsonAnswer(createFrom(call, object), { status: 201 });
  const head = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
  return jsonAnswer({ ...head, ...resource.review(object, call) }, { status: 201 });
}

/** Stores a new object and gives it as it now is. An applied one says itself who owns its fields. */
export function createFrom(
  scope: WriteScope,
  object: KubernetesObject,
  { isApplied = false }: { isApplied?: boolean } = {},
): Frozen<KubernetesObject> {
  const { resource, cluster } = scope;
  const metadata = object.metadata ?? {};
  checkNamespace(scope, metadata.name ?? "");
  if (resource.terminating) {
    const why = "create not allowed while custom resource definition is terminating";
    throw forbidden(resource, { name: metadata.name ?? "", why });
  }
  const draft = structuredClone(object);
  const { deletionTimestamp: _, deletionGracePeriodSeconds: _grace, ...own } = draft.metadata ?? {};
  draft.metadata = {
    ...own,
    name: metadata.name || generatedName(metadata, cluster.random),
    uid: newUid(cluster.random),
    creationTimestamp: timestamp(cluster),
  };
  if (resource.counted) draft.metadata.generation = 1;
  if (resource.subresources.includes("status") && !resource.statusOnCreate) delete draft.status;
  resource.normalize?.(draft);
  const owned = isApplied ? draft : newlyOwned(scope, draft);
  resource.prepareCreate?.(owned);
  resource.finish?.(owned);
  checkValid(owned, resource);
  if (revisionOf(metadata.resourceVersion ?? "")) {
    throw internalError("resourceVersion should not be set on objects to be created");
  }
  owned.metadata = {
    ...owned.metadata,
    name: freeName(scope, { asked: metadata.name ?? "", metadata: owned.metadata ?? {} }),
  };
  const stored = arranged(owned, resource);
  scope.admit?.({ operation: "CREATE", object: stored, dryRun: scope.dryRun });
  return put(scope, { object: stored });
}

function checkValid(draft: KubernetesObject, resource: ApiResource): void {
  const { group, kind, schema } = resource;
  const causes = [
    ...nameCauses(draft.metadata ?? {}, resource),
    ...newMetadataCauses(draft, resource),
    ...(schema?.causes(draft) ?? []),
    ...(resource.causes?.(draft) ?? []),
  ];
  if (causes.length > 0) throw invalid({ group, kind, name: draft.metadata?.name ?? "" }, causes);
}

function newlyOwned({ resource, writer }: WriteScope, draft: KubernetesObject): KubernetesObject {
  const write = { type: resource.fieldType, writer, live: emptyObject(resource) };
  return ownedObject(write, { next: arranged(draft, resource), asked: draft.metadata?.managedFields });
}

/** The name of a draft, or another one behind its generateName where that is taken. */
function freeName(
  { resource, collection, cluster, namespace }: WriteScope,
  { asked, metadata }: { asked: string; metadata: ObjectMeta },
): string {
  const { name = "", generateName = "" } = metadata;
  const holder = (candidate: string) => collection.get(objectKey({ namespace, name: candidate }));
  const taken = holder(name);
  if (!taken) return name;
  for (let attempt = 1; asked === "" && attempt < GENERATE_ATTEMPTS; attempt += 1) {
    const candidate = generatedName(metadata, cluster.random);
    if (!holder(candidate)) return candidate;
  }
  const isDeleting = taken.object.metadata?.deletionTimestamp !== undefined;
  throw alreadyExists(resource, { name, isDeleting, isGenerated: generateName !== "" });
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

/** A name behind `generateName`; "" where there is none. */
function generatedName({ generateName = "" }: ObjectMeta, random: () => number): string {
  if (generateName === "") return "";
  const suffix = Array.from(
    { length: SUFFIX_LENGTH },
    () => SUFFIX_CHARACTERS[Math.floor(random() * SUFFIX_CHARACTERS.length)],
  );
  return generateName.slice(0, LONGEST_GENERATED_BASE) + suffix.join("");
}

/** A version 4 UUID. */
function newUid(random: () => number): string {
  return "xxxxxxxx-xxxx-4xxx-8xxx-xxxxxxxxxxxx".replace(/x/g, () => Math.floor(random() * 16).toString(16));
}
