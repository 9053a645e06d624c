import { InvalidInputError } from "./errors.ts";
import type { GroupVersionResource } from "./group_version.ts";

/** Query parameters; undefined ones are left out. */
export type QueryParameters = Readonly<Record<string, string | number | boolean | undefined>>;

/** `/api/v1` for the core group, else `/apis/<group>/<version>`. */
export function groupVersionPath({ group, version }: { group: string; version: string }): string {
  return group === ""
    ? `/api/${segment("version", version)}`
    : `/apis/${segment("group", group)}/${segment("version", version)}`;
}

/**
 * The path of a resource's collection: of one namespace, or without one of all namespaces or the cluster.
 *
 * @throws {InvalidInputError} for an empty namespace: the server would answer for all of them
 *
 * @example
 * ```ts
 * collectionPath({ group: "apps", version: "v1", resource: "deployments" }, "t");
 * // "/apis/apps/v1/namespaces/t/deployments"
 * ```
 */
export function collectionPath(resource: GroupVersionResource, namespace?: string): string {
  const scope = namespace === undefined ? "" : `/namespaces/${segment("namespace", namespace)}`;
  return `${groupVersionPath(resource)}${scope}/${segment("resource", resource.resource)}`;
}

/**
 * The path of one object, or of its subresource such as `status`.
 *
 * @throws {InvalidInputError} for a name that is empty or would change the path
 */
export function objectPath(
  resource: GroupVersionResource,
  {
    namespace,
    name,
    subresource,
  }: { namespace?: string | undefined; name: string; subresource?: string | undefined },
): string {
  const path = `${collectionPath(resource, namespace)}/${segment("name", name)}`;
  return subresource === undefined ? path : `${path}/${segment("subresource", subresource)}`;
}

/** `path` with `parameters` behind it, encoded; it may have a query already. */
export function withQuery(path: string, parameters: QueryParameters): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== undefined) query.append(name, String(value));
  }
  if (query.size === 0) return path;
  return `${path}${path.includes("?") ? "&" : "?"}${query}`;
}

/** One path segment, encoded so that it stays one. Encoding does not touch dots, which a URL parser resolves. */
function segment(field: string, value: string): string {
  if (value !== "" && value !== "." && value !== "..") {
    try {
      return encodeURIComponent(value);
    } catch {
      // A lone surrogate: refused below like the others.
    }
  }
  throw new InvalidInputError(field, `Cannot build a path: the ${field} ${JSON.stringify(value)} is no name`);
}
