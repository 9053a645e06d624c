import { badRequest } from "./status_error.ts";

/** The verbs of the API, as permissions name them. */
export type Verb = "get" | "list" | "watch" | "create" | "update" | "patch" | "delete" | "deletecollection";

/** What a request is about, read from its method and path alone: before anything is known to exist. */
export interface RequestInfo {
  readonly method: string;
  /** Decoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** Undefined for paths that are no resource's, as discovery's and /healthz. */
  readonly target: RequestTarget | undefined;
}

/** The resource part of a path. Absent parts are "". */
export interface RequestTarget {
  readonly verb: Verb;
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  /** Whether the path has a namespace in front of the resource, be it an empty one. */
  readonly inNamespace: boolean;
}

const NAMESPACE_SUBRESOURCES = new Set(["status", "finalize"]);

/** Reads method and path; a path that is not encoded as it should be is a 400. */
export function requestInfo(method: string, pathAndQuery: string): RequestInfo {
  const mark = pathAndQuery.indexOf("?");
  const path = mark < 0 ? pathAndQuery : pathAndQuery.slice(0, mark);
  const query = new URLSearchParams(mark < 0 ? "" : pathAndQuery.slice(mark + 1));
  const segments = path.replace(/\/$/, "").split("/").slice(1).map(decoded);
  return { method, path: `/${segments.join("/")}`, query, target: targetOf(segments, { method, query }) };
}

/** Whether a query parameter is true: all but absent, `0` and `false` is. */
export function isTrue(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "0" && value.toLowerCase() !== "false";
}

function targetOf(
  [prefix, ...segments]: readonly string[],
  { method, query }: { method: string; query: URLSearchParams },
): RequestTarget | undefined {
  if (prefix !== "api" && prefix !== "apis") return undefined;
  const [group = "", version = "", ...parts] = prefix === "api" ? ["", ...segments] : segments;
  if (parts.length === 0) return undefined;
  const isNamespaceItself =
    parts.length < 3 || (parts.length === 3 && NAMESPACE_SUBRESOURCES.has(parts[2] ?? ""));
  const inNamespace = parts[0] === "namespaces" && !isNamespaceItself;
  const [resource = "", name = "", ...subresources] = inNamespace ? parts.slice(2) : parts;
  const namespace = inNamespace
    ? (parts[1] ?? "")
    : resource === "namespaces" && prefix === "api"
      ? name
      : "";
  const subresource = subresources.join("/");
  const verb = verbOf(method, { name, query });
  return { verb, group, version, resource, subresource, namespace, name, inNamespace };
}

/** A method that is none of these counts as an update: permissions are judged before methods are. */
function verbOf(method: string, { name, query }: { name: string; query: URLSearchParams }): Verb {
  switch (method) {
    case "GET":
    case "HEAD":
      if (name !== "") return "get";
      return isTrue(query, "watch") ? "watch" : "list";
    case "POST":
      return "create";
    case "PATCH":
      return "patch";
    case "DELETE":
      return name === "" ? "deletecollection" : "delete";
    default:
      return "update";
  }
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`invalid URL escape in ${JSON.stringify(segment)}`);
  }
}
