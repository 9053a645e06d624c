import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { type Call, existingObject, untilReached } from "./call.ts";
import { formatContinue, parseContinue } from "./continue_token.ts";
import { pinnedName } from "./field_selector.ts";
import { isAmong, type ListOptions, listOptions, notARevision, revisionOf } from "./list_options.ts";
import { type ObjectVersion, servedObject } from "./object_version.ts";
import { badRequest, expired, expiredContinue, internalError } from "./status_error.ts";

/** One page of a list. */
export interface Page {
  readonly revision: number;
  readonly items: readonly ObjectVersion[];
  /** "" on the last page. */
  readonly continueToken: string;
  /** Undefined where it is not told. */
  readonly remaining: number | undefined;
}

/** GET of an object, and of its subresources. */
export async function getObject(call: Call): Promise<Answer> {
  const resourceVersion = call.query.get("resourceVersion") ?? "";
  const revision = revisionOf(resourceVersion);
  if (revision === undefined) {
    const why = notARevision(resourceVersion);
    // The cache and the storage behind it refuse it each in a way of its own.
    throw call.resource.cached ? internalError(why) : badRequest(`invalid resource version: ${why}`);
  }
  await untilReached(call, revision);
  return jsonAnswer(servedObject(existingObject(call), call.resource));
}

/** GET of a collection. */
export async function listObjects(call: Call): Promise<Answer> {
  const options = listOptions(call);
  const start = await startOf(call, options);
  return jsonAnswer(listBody(pageOf(call, { options, ...start }), call.resource));
}

/** The body of a list of all `items`. */
export function listBody(
  { revision, items, continueToken, remaining }: Page,
  resource: ApiResource,
): Record<string, unknown> {
  const head = { kind: resource.listKind, apiVersion: formatGroupVersion(resource) };
  const resourceVersion = String(revision);
  const remainingItemCount = remaining === undefined ? {} : { remainingItemCount: remaining };
  const objects = items.map((version) => servedObject(version, resource));
  if (resource.custom) {
    const metadata = { continue: continueToken, ...remainingItemCount, resourceVersion };
    return { apiVersion: head.apiVersion, items: objects, kind: head.kind, metadata };
  }
  const metadata = {
    resourceVersion,
    ...(continueToken === "" ? {} : { continue: continueToken }),
    ...remainingItemCount,
  };
  return {
    ...head,
    metadata,
    items: objects.map(({ kind: _kind, apiVersion: _apiVersion, ...item }) => item),
  };
}

/** At which revision, and after which key, a list begins. */
async function startOf(call: Call, options: ListOptions): Promise<{ revision: number; after: string }> {
  const { collection, cluster } = call;
  const { resourceVersion, match, limit, continueToken, filter } = options;
  if (continueToken !== "") {
    const token = parseContinue(continueToken);
    if (resourceVersion !== "" && resourceVersion !== "0") {
      throw badRequest("specifying resource version is not allowed when using continue");
    }
    const { revision = cluster.store.revision, after } = token;
    if (revision < collection.floor) {
      throw expiredContinue(formatContinue({ revision: undefined, after }));
    }
    return { revision, after };
  }
  const asked = revisionOf(resourceVersion);
  if (asked === undefined) throw badRequest(`invalid resource version: ${notARevision(resourceVersion)}`);
  await untilReached(call, asked);
  // A limit makes a plain resource version exact: the pages must agree.
  const isOne = pinnedName(filter.fields) !== "";
  const isExact = match === "Exact" || (match === "" && asked > 0 && limit > 0 && !isOne);
  if (isExact && asked < collection.floor) {
    throw expired("The resourceVersion for the provided list is too old.");
  }
  return { revision: isExact ? asked : cluster.store.revision, after: "" };
}

/** The page of a list that begins after a key, as things were at a revision. */
export function pageOf(
  { collection, resource }: Pick<Call, "collection" | "resource">,
  { options, revision, after }: { options: ListOptions; revision: number; after: string },
): Page {
  const { filter, resourceVersion } = options;
  // One object by its name is read by itself: nothing is left behind it.
  const named = filter.fields.filter(({ label, equal }) => label === "metadata.name" && equal);
  const place = { ...filter, labels: [], fields: named };
  const all = collection
    .valuesAt(revision)
    .filter((version) => version.key > after && isAmong(place, version));
  const selected = all.filter((version) => isAmong(filter, version));
  // A watch cache answers "any version" whole.
  const limit = resourceVersion === "0" && resource.cached ? 0 : options.limit;
  // A page goes on where anything is left, be it selected or not.
  const last = limit > 0 ? selected[limit - 1] : undefined;
  if (!last || last === all.at(-1))
    return { revision, items: selected, continueToken: "", remaining: undefined };
  const isWhole = filter.labels.length === 0 && filter.fields.length === 0;
  return {
    revision,
    items: selected.slice(0, limit),
    continueToken: formatContinue({ revision, after: last.key }),
    remaining: isWhole ? selected.length - limit : undefined,
  };
}
