import { KINDS, type Kind } from "./kinds.ts";
import type { Step } from "./step.ts";

/** What a step is about. */
export interface Target {
  readonly kind: Kind | undefined;
  /** The plural; "" for a path that is no resource's. */
  readonly resource: string;
  /** The path of the collection, for kinds that there are. */
  readonly collection: string | undefined;
  readonly isWatch: boolean;
  /** With its subresource; `odd` for a subresource that there is not, and for a patch of another media type. */
  readonly verb: string;
}

const PATCHES: readonly string[] = ["json-patch", "merge-patch", "apply-patch"];
const SUBRESOURCES: readonly string[] = ["status", "finalize"];
const ODD = "odd";

/** Reads the method and path of a step. */
export function targetOf({ method, path, headers }: Pick<Step, "method" | "path" | "headers">): Target {
  const [bare = "", query = ""] = path.split("?");
  const [, root, ...all] = bare.split("/");
  const parts = all.slice(root === "api" ? 1 : 2);
  const inNamespace = parts[0] === "namespaces" && parts.length > 2 && !SUBRESOURCES.includes(parts[2] ?? "");
  const [resource = "", name, subresource] = inNamespace ? parts.slice(2) : parts;
  const kind = KINDS.find((one) => one.resource === resource);
  const isWatch = method === "GET" && name === undefined && new URLSearchParams(query).has("watch");
  const end = bare.indexOf(
    `/${resource}`,
    inNamespace ? bare.indexOf("/namespaces/") + "/namespaces/".length : 0,
  );
  const verb = verbOf(method, { isWatch, name, headers });
  return {
    kind,
    resource,
    collection: kind && bare.slice(0, end + resource.length + 1),
    isWatch,
    verb: withSubresource(verb, subresource),
  };
}

function withSubresource(verb: string, subresource: string | undefined): string {
  if (subresource === undefined) return verb;
  return verb !== ODD && SUBRESOURCES.includes(subresource) ? `${verb} ${subresource}` : ODD;
}

function verbOf(
  method: string,
  { isWatch, name, headers = {} }: { isWatch: boolean; name: string | undefined; headers?: Step["headers"] },
): string {
  const patch = headers["content-type"]?.replace(/^application\/|\+.*$/g, "") ?? "";
  switch (method) {
    case "GET":
      if (isWatch) return "watch";
      return name === undefined ? "list" : "get";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return PATCHES.includes(patch) ? patch : ODD;
    case "DELETE":
      return name === undefined ? "deletecollection" : "delete";
    default:
      return method.toLowerCase();
  }
}
