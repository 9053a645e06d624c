import { InvalidInputError } from "../kubernetes/errors.ts";
import { parseGroupVersion } from "../kubernetes/group_version.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { ObjectReference } from "../kubernetes/identifier_of.ts";
import { collectionPath, objectPath } from "../kubernetes/path.ts";
import type { ApiResource } from "./discovery.ts";

export type { ObjectReference } from "../kubernetes/identifier_of.ts";

/** What a call of the ApiClient is about: one object, or without a name the collection. */
export interface Target {
  /** What is done, as errors word it: "Cannot <verb>: ...". */
  readonly verb: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  /** Where the caller said namespace and name: `metadata.` in an object, "" in an identifier. */
  readonly fieldPrefix: string;
}

/**
 * The objects of a kind that an identifier selects. Empty fields count as absent.
 *
 * @throws {InvalidInputError} for a name, which is one object
 */
export function collectionTarget(method: string, identifier: ObjectIdentifier): Target {
  const target = identifierTarget(method, identifier);
  if (target.name === undefined) return target;
  throw new InvalidInputError("name", `Cannot ${target.verb}: a name identifies one object, not a set`);
}

/**
 * The one object that an identifier names.
 *
 * @throws {InvalidInputError} for a missing name, and for a selector, which is a set
 */
export function objectTarget(method: string, identifier: ObjectIdentifier): Target {
  const target = identifierTarget(method, identifier);
  requireField(target, "name");
  if (!identifier.selector) return target;
  throw new InvalidInputError(
    "selector",
    `Cannot ${target.verb}: a selector identifies a set, not one object`,
  );
}

/** The target that an object itself names. */
export function referenceTarget(
  method: string,
  { apiVersion = "", kind = "", metadata = {} }: ObjectReference,
): Target {
  if (!apiVersion) throw missingField(`${method} ${kind || "an object"}`, "apiVersion");
  const { name, namespace } = metadata;
  const identifier = { ...parseGroupVersion(apiVersion), kind, namespace, name };
  return { ...identifierTarget(method, identifier), fieldPrefix: "metadata." };
}

/**
 * Where the target is served. The namespace of a cluster-scoped kind is dropped.
 *
 * @param options `anyNamespace`: without a namespace it is all of them, and no mistake
 * @throws {InvalidInputError} for a namespaced kind without a namespace
 */
export function targetPath(
  target: Target,
  {
    resource,
    subresource,
    anyNamespace = false,
  }: { resource: ApiResource; subresource?: string | undefined; anyNamespace?: boolean },
): string {
  if (resource.namespaced && !anyNamespace) requireField(target, "namespace");
  const namespace = resource.namespaced ? target.namespace : undefined;
  const { name } = target;
  return name === undefined
    ? collectionPath(resource, namespace)
    : objectPath(resource, { namespace, name, subresource });
}

/** @throws {InvalidInputError} for a target that lacks `field` */
export function requireField(target: Target, field: "name" | "namespace"): void {
  if (target[field] === undefined) throw missingField(target.verb, `${target.fieldPrefix}${field}`);
}

function identifierTarget(
  method: string,
  { group, version, kind, namespace, name }: ObjectIdentifier,
): Target {
  const place = [namespace, name].filter(Boolean).join("/");
  const verb = `${method} ${[kind, place].filter(Boolean).join(" ")}`;
  if (!version) throw missingField(verb, "version");
  if (!kind) throw missingField(verb, "kind");
  return {
    verb,
    group: group ?? "",
    version,
    kind,
    namespace: namespace || undefined,
    name: name || undefined,
    fieldPrefix: "",
  };
}

function missingField(verb: string, field: string): InvalidInputError {
  return new InvalidInputError(field, `Cannot ${verb}: ${field} is missing`);
}
