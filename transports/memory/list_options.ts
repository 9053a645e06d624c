import { matchesSelector, type Selector } from "../../lib/kubernetes/selector.ts";
import type { Call, Cluster } from "./call.ts";
import { checkFieldLabels, type FieldTerm, matchesFields, parseFieldSelector } from "./field_selector.ts";
import { parsedLabelSelector } from "./label_selector.ts";
import type { ObjectVersion } from "./object_version.ts";
import { isTrue } from "./request_info.ts";
import { badRequest, type InvalidCause, invalid } from "./status_error.ts";

/** Which objects of a collection a list or a watch is about. */
export interface ObjectFilter {
  /** "" for all. */
  readonly namespace: string;
  readonly labels: Selector;
  readonly fields: readonly FieldTerm[];
}

/** The query of a list or a watch, read and checked. */
export interface ListOptions {
  readonly filter: ObjectFilter;
  /** As asked: "" for the most recent. */
  readonly resourceVersion: string;
  readonly match: "" | "Exact" | "NotOlderThan";
  /** 0 for no limit. */
  readonly limit: number;
  readonly continueToken: string;
  readonly timeoutSeconds: number | undefined;
  readonly bookmarks: boolean;
  readonly sendInitialEvents: boolean | undefined;
}

type Raw = Pick<ListOptions, "resourceVersion" | "continueToken" | "sendInitialEvents"> & { match: string };

/** Whether an object is among those that are asked for. */
export function isAmong({ namespace, labels, fields }: ObjectFilter, version: ObjectVersion): boolean {
  return (
    (namespace === "" || namespace === version.namespace) &&
    matchesSelector(labels, version.labels) &&
    matchesFields(fields, version)
  );
}

/**
 * Reads the query of a list or a watch.
 *
 * @throws StatusError 400 for what cannot be read, 422 for what does not go together.
 */
export function listOptions({ query, target, resource, namespace, cluster }: Call): ListOptions {
  const limit = Math.max(0, integer(query, "limit") ?? 0);
  const timeoutSeconds = integer(query, "timeoutSeconds");
  const labels = parsedLabelSelector(query.get("labelSelector") ?? "");
  const fields = parseFieldSelector(query.get("fieldSelector") ?? "");
  const raw: Raw = {
    resourceVersion: query.get("resourceVersion") ?? "",
    match: query.get("resourceVersionMatch") ?? "",
    continueToken: query.get("continue") ?? "",
    sendInitialEvents: query.has("sendInitialEvents") ? isTrue(query, "sendInitialEvents") : undefined,
  };
  const causes = target.verb === "watch" ? watchProblems(raw, cluster) : listProblems(raw);
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "ListOptions", name: "" }, causes);
  checkFieldLabels(fields, resource);
  return {
    ...raw,
    match: raw.match as ListOptions["match"],
    filter: { namespace, labels, fields },
    limit,
    timeoutSeconds,
    bookmarks: isTrue(query, "allowWatchBookmarks"),
  };
}

/** The number that a resource version is; undefined where it is none. "" counts as 0. */
export function revisionOf(resourceVersion: string): number | undefined {
  return /^\d*$/.test(resourceVersion) ? Number(resourceVersion) : undefined;
}

/** What the API server says of a resource version that is no number. */
export function notARevision(resourceVersion: string): string {
  return `resourceVersion: Invalid value: "${resourceVersion}": strconv.ParseUint: parsing "${resourceVersion}": invalid syntax`;
}

function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null) return undefined;
  if (!/^[+-]?\d+$/.test(text)) throw badRequest(`strconv.ParseInt: parsing "${text}": invalid syntax`);
  return Number(text);
}

function listProblems({ resourceVersion, match, continueToken, sendInitialEvents }: Raw): InvalidCause[] {
  const causes: InvalidCause[] = [];
  if (match !== "") {
    if (resourceVersion === "") {
      causes.push(forbiddenMatch("resourceVersionMatch is forbidden unless resourceVersion is provided"));
    }
    if (continueToken !== "") {
      causes.push(forbiddenMatch("resourceVersionMatch is forbidden when continue is provided"));
    }
    if (match !== "Exact" && match !== "NotOlderThan") {
      causes.push(unsupportedMatch(match, '"Exact", "NotOlderThan", ""'));
    }
    if (match === "Exact" && resourceVersion === "0") {
      causes.push(forbiddenMatch('resourceVersionMatch "exact" is forbidden for resourceVersion "0"'));
    }
  }
  if (sendInitialEvents !== undefined) {
    causes.push(forbiddenField("sendInitialEvents", "sendInitialEvents is forbidden for list"));
  }
  return causes;
}

function watchProblems(
  { resourceVersion, match, continueToken, sendInitialEvents }: Raw,
  { watchList }: Pick<Cluster, "watchList">,
): InvalidCause[] {
  const causes: InvalidCause[] = [];
  if (sendInitialEvents !== undefined && match !== "NotOlderThan") {
    causes.push(forbiddenMatch("sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
  }
  if (sendInitialEvents !== undefined && !watchList) {
    const why = "sendInitialEvents is forbidden for watch unless the WatchList feature gate is enabled";
    causes.push(forbiddenField("sendInitialEvents", why));
  }
  if (match !== "" && sendInitialEvents === undefined) {
    causes.push(
      forbiddenMatch("resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"),
    );
  }
  if (match !== "" && match !== "NotOlderThan") causes.push(unsupportedMatch(match, '"NotOlderThan"'));
  // A watch from no version in particular begins with the state, as if it had asked for that.
  const isStreamingList = watchList && sendInitialEvents === undefined && ["", "0"].includes(resourceVersion);
  if ((match !== "" || isStreamingList) && continueToken !== "") {
    causes.push(forbiddenMatch("resourceVersionMatch is forbidden when continue is provided"));
  }
  return causes;
}

function forbiddenMatch(why: string): InvalidCause {
  return forbiddenField("resourceVersionMatch", why);
}

function forbiddenField(field: string, why: string): InvalidCause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
}

function unsupportedMatch(match: string, supported: string): InvalidCause {
  const message = `Unsupported value: "${match}": supported values: ${supported}`;
  return { reason: "FieldValueNotSupported", message, field: "resourceVersionMatch" };
}
