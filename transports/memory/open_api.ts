import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import { collectionPath } from "../../lib/kubernetes/path.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import { PageNotFoundError } from "./status_error.ts";

/** Where the documents of OpenAPI v3 are. */
export const OPEN_API_ROOT = "/openapi/v3";

/** What a write may say in its query, by the method. kubectl asks here whether the server checks fields itself. */
const WRITE_PARAMETERS = {
  post: ["dryRun", "fieldManager", "fieldValidation"],
  put: ["dryRun", "fieldManager", "fieldValidation"],
  patch: ["dryRun", "fieldManager", "fieldValidation", "force"],
};

/**
 * Answers the documents of OpenAPI v3: which paths take which writes with which parameters. Schemas of kinds are not in
 * them, so that `kubectl explain` has nothing to tell.
 */
export function openApiAnswer(registry: ResourceRegistry, path: string): Answer {
  const documents = new Map(
    registry.groups.flatMap((group) =>
      Array.from(registry.versions(group), ([version, resources]): [string, readonly ApiResource[]] => [
        `${group === "" ? "api" : "apis"}/${formatGroupVersion({ group, version })}`,
        resources,
      ]),
    ),
  );
  if (path === OPEN_API_ROOT) {
    const entries = Array.from(documents.keys(), (name) => [
      name,
      { serverRelativeURL: `${OPEN_API_ROOT}/${name}` },
    ]);
    return jsonAnswer({ paths: Object.fromEntries(entries) });
  }
  const resources = documents.get(path.slice(OPEN_API_ROOT.length + 1));
  if (resources === undefined) throw new PageNotFoundError();
  return jsonAnswer({
    openapi: "3.0.0",
    info: { title: "Kubernetes", version: "1.35" },
    paths: Object.fromEntries(resources.flatMap(resourcePaths)),
    components: { schemas: {} },
  });
}

function resourcePaths(resource: ApiResource): [string, object][] {
  const collection = collectionPath(resource, resource.namespaced ? "namespace" : undefined).replace(
    "/namespaces/namespace/",
    "/namespaces/{namespace}/",
  );
  return [
    [collection, { post: operation("post", resource) }],
    [`${collection}/{name}`, { put: operation("put", resource), patch: operation("patch", resource) }],
  ];
}

function operation(
  method: keyof typeof WRITE_PARAMETERS,
  { group, version, kind }: ApiResource,
): Record<string, unknown> {
  return {
    parameters: WRITE_PARAMETERS[method].map((name) => ({ name, in: "query", schema: { type: "string" } })),
    responses: { "200": { description: "OK" } },
    "x-kubernetes-action": method,
    "x-kubernetes-group-version-kind": { group, version, kind },
  };
}
