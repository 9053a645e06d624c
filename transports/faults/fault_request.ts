import type { TransportRequest } from "../../lib/protocol/transport.ts";
import { parseFieldSelector, pinnedName } from "../memory/field_selector.ts";
import { requestInfo } from "../memory/request_info.ts";

/** What a request does: a verb of the API, `discovery` (/api, /apis and below), or `other`, such as /version. */
export type FaultVerb =
  | "get"
  | "list"
  | "watch"
  | "create"
  | "update"
  | "patch"
  | "delete"
  | "deletecollection"
  | "discovery"
  | "other";

/** A request as a plan sees it. Parts that a request does not have are "". */
export interface FaultRequest {
  /** What it does. */
  readonly verb: FaultVerb;
  /** How many requests of this verb came before, whatever they were about. */
  readonly nth: number;
  /** Such as `GET`. */
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Such as `resourceVersion`, or the `sendInitialEvents` of a streaming list. */
  readonly query: URLSearchParams;
  /** Of the resource; also "" for the core group. */
  readonly group: string;
  /** Of the group. */
  readonly version: string;
  /** The plural, such as `configmaps`. */
  readonly resource: string;
  /** Such as `status`. */
  readonly subresource: string;
  /** Where the object or the collection is. */
  readonly namespace: string;
  /** The object; also the one that a list or a watch pins by `metadata.name`. */
  readonly name: string;
}

const NOTHING = { group: "", version: "", resource: "", subresource: "", namespace: "", name: "" };

/** Reads what a request is about. One that no server would understand is `other`, and its transport's to refuse. */
export function readFaultRequest({ method, path }: TransportRequest): Omit<FaultRequest, "nth"> {
  const [encodedPath = "", ...query] = path.split("?");
  const unread = { method, path: encodedPath, query: new URLSearchParams(query.join("?")), ...NOTHING };
  try {
    const { target, ...info } = requestInfo(method, path);
    if (target) {
      const name = target.name || pinnedName(parseFieldSelector(info.query.get("fieldSelector") ?? ""));
      return { ...info, ...target, name };
    }
    const [prefix = "", first = "", second = ""] = info.path.split("/").slice(1);
    if (prefix === "api") return { ...unread, ...info, verb: "discovery", version: first };
    if (prefix === "apis") return { ...unread, ...info, verb: "discovery", group: first, version: second };
  } catch {
    // A path that is not encoded, or a selector that is none.
  }
  return { ...unread, verb: "other" };
}
