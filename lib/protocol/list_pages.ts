import { ProtocolError } from "../kubernetes/errors.ts";
import type { KubernetesObject } from "../kubernetes/object.ts";
import { type QueryParameters, withQuery } from "../kubernetes/path.ts";
import { isExpired } from "../kubernetes/status.ts";
import { isJsonObject, type JsonObject } from "../support/json.ts";
import { type CallOptions, type JsonAnswer, requestJson } from "./request_json.ts";
import type { Transport, TransportHeaders } from "./transport.ts";

/** How a collection is listed. */
export interface ListOptions extends CallOptions {
  /** Selectors, and the resource version of the first page. */
  readonly query?: QueryParameters;
  readonly headers?: TransportHeaders | undefined;
  /** The most objects that a page holds, by default 500; 0 asks for all at once. */
  readonly limit?: number;
}

/** A whole list, of one moment. */
export interface ListResult {
  /** As the server sent them, with kind and apiVersion where it left them out. */
  readonly items: KubernetesObject[];
  readonly resourceVersion: string;
}

interface Page extends ListResult {
  readonly continueToken: string;
}

const DEFAULT_LIMIT = 500;
const MAX_RESTARTS = 3;

/**
 * Lists a collection, page after page. A continue token that has expired begins the list anew: pages of two
 * moments are never put together.
 *
 * @param path of the collection, without a query
 * @throws {ApiError} for an answer that is no success; a 410 on a later page only after three new beginnings
 * @throws {ProtocolError} for what is no list, such as one without a resource version
 */
export async function listPages(
  transport: Transport,
  path: string,
  { query = {}, headers, limit = DEFAULT_LIMIT, signal, onProgress }: ListOptions = {},
): Promise<ListResult> {
  const verb = `list ${path}`;
  // The version belongs to the first page: with a continue token the server refuses it (400, 422).
  const { resourceVersion, resourceVersionMatch, ...selectors } = query;
  const first: QueryParameters = { ...query, limit };

  let list: ListResult | undefined;
  let token = "";
  for (let restarts = 0; ; ) {
    let page: Page;
    try {
      const parameters = token === "" ? first : { ...selectors, limit, continue: token };
      const request = { verb, path: withQuery(path, parameters), headers };
      page = readPage(await requestJson(transport, request, { signal, onProgress }), verb);
    } catch (error) {
      if (token === "" || restarts === MAX_RESTARTS || !isExpired(error)) throw error;
      restarts += 1;
      list = undefined;
      token = "";
      continue;
    }
    if (list === undefined) list = { items: page.items, resourceVersion: page.resourceVersion };
    else for (const item of page.items) list.items.push(item);
    if (page.continueToken === "") return list;
    if (page.continueToken === token)
      throw new ProtocolError(`Cannot ${verb}: a page names itself as the next`);
    token = page.continueToken;
  }
}

function readPage({ body }: JsonAnswer, verb: string): Page {
  const metadata = isJsonObject(body.metadata) ? body.metadata : {};
  const { resourceVersion, continue: continueToken } = metadata;
  if (typeof resourceVersion !== "string" || resourceVersion === "") {
    throw new ProtocolError(`Cannot ${verb}: it has no resource version`);
  }
  return {
    items: readItems(body, verb),
    resourceVersion,
    // Lists of custom resources say "" where others say nothing.
    continueToken: typeof continueToken === "string" ? continueToken : "",
  };
}

/** Items of built-in kinds carry neither kind nor apiVersion: the list's own say what they are. */
function readItems({ kind, apiVersion, items }: JsonObject, verb: string): KubernetesObject[] {
  // Empty metadata lists say null.
  const objects: unknown = items ?? [];
  if (!Array.isArray(objects) || !objects.every(isJsonObject)) {
    throw new ProtocolError(`Cannot ${verb}: its items are no objects`);
  }
  if (typeof kind === "string" && kind.endsWith("List") && typeof apiVersion === "string") {
    const itemKind = kind.slice(0, -"List".length);
    for (const object of objects) {
      object.kind ??= itemKind;
      object.apiVersion ??= apiVersion;
    }
  }
  return objects;
}
