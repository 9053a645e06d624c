import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import { type Answer, jsonAnswer, type ServerRequest } from "./answer.ts";
import { type ApiResource, SUBRESOURCE_VERBS } from "./api_resource.ts";
import { jsonText } from "./json_text.ts";
import type { ResourceRegistry } from "./resource_registry.ts";
import { noSuchResource, PageNotFoundError } from "./status_error.ts";

const AGGREGATED = ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"];
const AGGREGATED_TYPE = ["application/json", ...AGGREGATED].join(";");

/** Answers /api and /apis, and the legacy documents below them. */
export function discoveryAnswer(
  registry: ResourceRegistry,
  { path, request }: { path: string; request: ServerRequest },
): Answer {
  const [prefix = "", first, second] = path.split("/").slice(1);
  const isCore = prefix === "api";
  if (first === undefined) {
    const groups = registry.groups.filter((group) => (group === "") === isCore);
    if (acceptsAggregated(request.headers.get("accept") ?? "")) {
      return tagged(aggregatedDocument(registry, groups), request);
    }
    return jsonAnswer(isCore ? apiVersions(registry) : groupList(registry, groups));
  }
  const group = isCore ? "" : first;
  const version = isCore ? first : second;
  if (version === undefined) {
    if (registry.versions(group).size === 0) throw new PageNotFoundError();
    return jsonAnswer({ kind: "APIGroup", apiVersion: "v1", ...groupEntry(registry, group) });
  }
  const resources = registry.versions(group).get(version);
  if (!resources) throw registry.isBuiltIn(group) ? noSuchResource() : new PageNotFoundError();
  return jsonAnswer(resourceList(formatGroupVersion({ group, version }), resources));
}

function acceptsAggregated(accept: string): boolean {
  return accept.split(",").some((range) => {
    const parameters = range.split(";").map((parameter) => parameter.trim());
    return AGGREGATED.every((parameter) => parameters.includes(parameter));
  });
}

/** The document, or a 304 where the client has it. */
function tagged(document: unknown, { headers }: ServerRequest): Answer {
  const body = `${jsonText(document)}\n`;
  const etag = `"${contentHash(body)}"`;
  const cacheHeaders = { "cache-control": "public", etag, vary: "Accept" };
  const isKnown = (headers.get("if-none-match") ?? "").split(",").some((tag) => tag.trim() === etag);
  if (isKnown) return { status: 304, headers: cacheHeaders, body: "" };
  return { status: 200, headers: { ...cacheHeaders, "content-type": AGGREGATED_TYPE }, body };
}

function aggregatedDocument(registry: ResourceRegistry, groups: readonly string[]): unknown {
  const items = groups.map((group) => ({
    metadata: group === "" ? {} : { name: group },
    versions: Array.from(registry.versions(group), ([version, resources]) => ({
      version,
      resources: resources.map(aggregatedResource),
      freshness: "Current",
    })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function aggregatedResource(resource: ApiResource): unknown {
  const { kind, custom, namespaced, shortNames, categories, subresources } = resource;
  // Built-in resources leave group and version to the place where they stand.
  const { group, version } = custom ? resource : { group: "", version: "" };
  const responseKind = { group, version, kind };
  return {
    resource: resource.resource,
    responseKind,
    scope: namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: resource.verbs,
    ...(shortNames.length > 0 && { shortNames }),
    ...(categories.length > 0 && { categories }),
    ...(subresources.length > 0 && {
      subresources: subresources.map((subresource) => ({
        subresource,
        responseKind,
        verbs: SUBRESOURCE_VERBS[subresource],
      })),
    }),
  };
}

function apiVersions(registry: ResourceRegistry): unknown {
  const serverAddressByClientCIDRs = [{ clientCIDR: "0.0.0.0/0", serverAddress: "10.0.0.1:443" }];
  return { kind: "APIVersions", versions: [...registry.versions("").keys()], serverAddressByClientCIDRs };
}

function groupList(registry: ResourceRegistry, groups: readonly string[]): unknown {
  return {
    kind: "APIGroupList",
    apiVersion: "v1",
    groups: groups.map((group) => groupEntry(registry, group)),
  };
}

function groupEntry(registry: ResourceRegistry, group: string): Record<string, unknown> {
  const versions = Array.from(registry.versions(group).keys(), (version) => ({
    groupVersion: formatGroupVersion({ group, version }),
    version,
  }));
  return { name: group, versions, preferredVersion: versions[0] };
}

function resourceList(groupVersion: string, resources: readonly ApiResource[]): unknown {
  const entries = resources.flatMap(({ resource, singular, namespaced, kind, ...row }) => [
    {
      name: resource,
      singularName: singular,
      namespaced,
      kind,
      verbs: row.verbs,
      ...(row.shortNames.length > 0 && { shortNames: row.shortNames }),
      ...(row.categories.length > 0 && { categories: row.categories }),
    },
    ...row.subresources.map((subresource) => ({
      name: `${resource}/${subresource}`,
      singularName: "",
      namespaced,
      kind,
      verbs: SUBRESOURCE_VERBS[subresource],
    })),
  ]);
  // Older than apiVersion, the document of the core group does without.
  const apiVersion = groupVersion === "v1" ? {} : { apiVersion: "v1" };
  return { kind: "APIResourceList", ...apiVersion, groupVersion, resources: entries };
}

/** Two hashes of 32 bits (FNV-1a, forwards and backwards): the web has no synchronous digest. */
function contentHash(text: string): string {
  let forwards = 0x811c9dc5;
  let backwards = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) {
    forwards = Math.imul(forwards ^ text.charCodeAt(at), 0x01000193);
    backwards = Math.imul(backwards ^ text.charCodeAt(text.length - 1 - at), 0x01000193);
  }
  return [forwards, backwards]
    .map((hash) => (hash >>> 0).toString(16).padStart(8, "0"))
    .join("")
    .toUpperCase();
}
