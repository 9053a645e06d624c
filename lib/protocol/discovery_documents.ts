import * as v from "valibot";
import { ProtocolError } from "../kubernetes/errors.ts";
import { formatGroupVersion, type ScopedResource } from "../kubernetes/group_version.ts";
import { checked } from "../support/checked.ts";
import type { JsonObject } from "../support/json.ts";

/** A resource as discovery tells it. */
export interface ApiResource extends ScopedResource {
  readonly kind: string;
  /** What may be done with it, such as `list` and `watch`. */
  readonly verbs: readonly string[];
}

/** What a group and version serves. */
export interface GroupVersionResources {
  readonly byKind: ReadonlyMap<string, ApiResource>;
  /** False where the server could not ask who serves it: a kind that is not listed may exist. */
  readonly complete: boolean;
}

/** Accept for aggregated discovery, with the legacy documents for servers that do not know it. */
export const AGGREGATED_ACCEPT =
  "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

const optionalText = v.nullish(v.string(), "");

const AggregatedSchema = v.object({
  items: mainList(
    v.object({
      metadata: v.nullish(v.object({ name: optionalText }), { name: "" }),
      versions: list(
        v.object({
          version: v.string(),
          freshness: optionalText,
          resources: list(
            v.object({
              resource: v.string(),
              scope: optionalText,
              verbs: list(v.string()),
              responseKind: v.nullish(
                v.object({ group: optionalText, version: optionalText, kind: optionalText }),
              ),
            }),
          ),
        }),
      ),
    }),
  ),
});

const LegacySchema = v.object({
  resources: mainList(
    v.object({
      name: v.string(),
      kind: v.string(),
      group: optionalText,
      version: optionalText,
      namespaced: v.nullish(v.boolean(), false),
      verbs: list(v.string()),
    }),
  ),
});

/** Go writes a nil slice as null, or leaves it out where the field says so. */
function list<Item extends v.GenericSchema>(item: Item) {
  return v.nullish(v.array(item), []);
}

/** The list that a document is about: without it an answer is some other document, and proves nothing. */
function mainList<Item extends v.GenericSchema>(item: Item) {
  return v.nullable(v.array(item), []);
}

/** Whether a resource can be both listed and watched. */
export function isWatchable({ verbs }: ApiResource): boolean {
  return verbs.includes("list") && verbs.includes("watch");
}

/** Whether the answer is an APIGroupDiscoveryList: its Content-Type says so, its kind is no proof. */
export function isAggregated(contentType: string | null): boolean {
  const parameters = (contentType ?? "").split(";").map((parameter) => parameter.trim());
  return ["g=apidiscovery.k8s.io", "v=v2", "as=APIGroupDiscoveryList"].every((one) =>
    parameters.includes(one),
  );
}

/**
 * The resources of an APIGroupDiscoveryList, by apiVersion.
 *
 * @param path where it came from, for errors
 * @throws {ProtocolError} for a document that is none; it names the place
 */
export function readAggregated(body: JsonObject, path: string): Map<string, GroupVersionResources> {
  const catalog = new Map<string, GroupVersionResources>();
  for (const { metadata, versions } of checked(AggregatedSchema, body, brokenAt(path)).items) {
    for (const { version, freshness, resources } of versions) {
      const owner = { group: metadata.name, version };
      const entries = resources.map(({ resource, scope, verbs, responseKind }) => {
        return { ...responseKind, resource, namespaced: scope === "Namespaced", verbs };
      });
      catalog.set(formatGroupVersion(owner), {
        byKind: indexByKind(owner, entries),
        complete: freshness !== "Stale",
      });
    }
  }
  return catalog;
}

/**
 * The resources of an APIResourceList, which is of one group and version.
 *
 * @throws {ProtocolError} for a document that is none; it names the place
 */
export function readLegacy(
  body: JsonObject,
  path: string,
  owner: { group: string; version: string },
): GroupVersionResources {
  const { resources } = checked(LegacySchema, body, brokenAt(path));
  const entries = resources.map(({ name, ...entry }) => ({ ...entry, resource: name }));
  return { byKind: indexByKind(owner, entries), complete: true };
}

interface Entry {
  readonly resource: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
}

/** Built-in resources leave out the group and version of their kind: they are the owner's then. */
function indexByKind(
  owner: { group: string; version: string },
  entries: readonly Entry[],
): Map<string, ApiResource> {
  const byKind = new Map<string, ApiResource>();
  for (const { resource, namespaced, verbs, group, version, kind } of entries) {
    const isSubresource = resource.includes("/");
    const isForeign = (group || owner.group) !== owner.group || (version || owner.version) !== owner.version;
    if (!kind || isSubresource || isForeign) continue;
    const known = byKind.get(kind);
    const found = { ...owner, resource, namespaced, kind, verbs };
    // OpenShift serves Template as processedtemplates, which can only be created, and as templates.
    if (known === undefined || (isWatchable(found) && !isWatchable(known))) byKind.set(kind, found);
  }
  return byKind;
}

function brokenAt(path: string): (place: string, problem: string) => ProtocolError {
  return (place, problem) =>
    new ProtocolError(`Cannot discover ${path}: the answer is broken at ${place}: ${problem}`);
}
