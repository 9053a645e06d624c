import { NoVersionedResourceError } from "../../lib/kubernetes/errors.ts";
import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import {
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  type ObjectIdentifier,
} from "../../lib/kubernetes/identifier.ts";
import { identifierOf, type ObjectReference } from "../../lib/kubernetes/identifier_of.ts";
import type { ApiResource } from "./api_resource.ts";
import type { ResourceRegistry } from "./resource_registry.ts";

/** Where the server's own verbs find an object or a collection. */
export interface Place extends Pick<ObjectIdentifier, "namespace" | "name" | "selector"> {
  readonly resource: ApiResource;
}

/** Of an object whose name the server makes. */
const NO_NAME = "(unnamed)";

/**
 * The place of an object by what it says of itself.
 *
 * @throws InvalidInputError naming the field that is missing, NoVersionedResourceError for a kind that is not served
 */
export function objectPlace(registry: ResourceRegistry, object: object): Place {
  const identifier = identifierOf(object as ObjectReference);
  const resource = servedResource(registry, identifier);
  const { namespaced } = resource;
  return { resource, ...canonicalize(identifier, { field: "metadata", namespaced }).identifier };
}

/** As `objectPlace`, for an object that may have no name yet. */
export function newObjectPlace(registry: ResourceRegistry, object: ObjectReference): Place {
  const metadata = { ...object?.metadata, name: object?.metadata?.name || NO_NAME };
  return objectPlace(registry, { ...object, metadata });
}

/** The place that the identifier of one object names. It throws as `objectPlace` does. */
export function namedPlace(registry: ResourceRegistry, identifier: ObjectIdentifier): Place {
  const { identifier: one } = canonicalizeForGet(identifier);
  const resource = servedResource(registry, one);
  return { resource, ...canonicalize(one, { namespaced: resource.namespaced }).identifier };
}

/** The collection that an identifier without a name selects from. It throws as `objectPlace` does. */
export function collectionPlace(registry: ResourceRegistry, identifier: ObjectIdentifier): Place {
  const { identifier: set } = canonicalizeForList(identifier);
  const resource = servedResource(registry, set);
  return { resource, ...canonicalize(set, { namespaced: resource.namespaced }).identifier };
}

/** What is done to a place, as errors word it: "Cannot <verb> ConfigMap default/settings: ...". */
export function describeCall(verb: string, { resource: { kind }, namespace, name }: Place): string {
  const path = [namespace, name].filter(Boolean).join("/");
  return path === "" ? `${verb} ${kind}` : `${verb} ${kind} ${path}`;
}

function servedResource(
  registry: ResourceRegistry,
  { group = "", version, kind }: ObjectIdentifier,
): ApiResource {
  const resource = registry.findKind({ group, version, kind });
  if (resource) return resource;
  throw new NoVersionedResourceError(`${formatGroupVersion({ group, version })} ${kind}`);
}
