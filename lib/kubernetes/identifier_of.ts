import { InvalidInputError } from "./errors.ts";
import { parseGroupVersion } from "./group_version.ts";
import type { ObjectIdentifier } from "./object_identifier.ts";

/** The least that an object says of itself; any interface of one's own kind fits. */
export interface ObjectReference {
  /** Such as `apps/v1`. */
  readonly apiVersion?: string | undefined;
  /** Such as `Deployment`. */
  readonly kind?: string | undefined;
  /** Where its name is, and its namespace if it has one. */
  readonly metadata?:
    | { readonly name?: string | undefined; readonly namespace?: string | undefined }
    | undefined;
}

/**
 * The identifier of a Kubernetes object, as it or a cache's frozen copy says it; the core group and an absent
 * namespace are left out.
 *
 * @throws InvalidInputError naming the field that is missing: `apiVersion`, `kind` or `metadata.name`
 *
 * @example
 * ```ts
 * import { identifierOf } from "kubernetes-dependency-watches";
 *
 * const metadata = { name: "web", namespace: "default" };
 * identifierOf({ apiVersion: "apps/v1", kind: "Deployment", metadata });
 * // { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" }
 * ```
 */
export function identifierOf(object: ObjectReference): ObjectIdentifier {
  if (typeof object !== "object" || object === null) {
    throw new InvalidInputError("object", "Cannot identify the object: it is no Kubernetes object");
  }
  const { group, version } = parseGroupVersion(required(object.apiVersion, "apiVersion"));
  const kind = required(object.kind, "kind");
  const name = required(object.metadata?.name, "metadata.name");
  const namespace = object.metadata?.namespace;
  return { ...(group && { group }), version, kind, ...(namespace && { namespace }), name };
}

function required(value: string | undefined, field: string): string {
  if (typeof value === "string" && value !== "") return value;
  throw new InvalidInputError(field, `Cannot identify the object: it has no ${field}`);
}
