import { type Format, namesType, negotiated, type Wish } from "./accept.ts";
import type { ApiResource } from "./api_resource.ts";
import type { RequestTarget } from "./request_info.ts";
import { notAcceptable } from "./status_error.ts";

const OBJECT_TYPES = ["application/json", "application/yaml", "application/vnd.kubernetes.protobuf"];
const STREAM_TYPES = ["application/json;stream=watch", "application/vnd.kubernetes.protobuf;stream=watch"];

/**
 * How the answer to a request for a resource is to be written.
 *
 * @throws StatusError 406 where nothing that the client takes is served
 */
export function callFormat(
  wish: Wish,
  { resource, target }: { resource: ApiResource; target: RequestTarget },
): Format {
  const isCollection = target.verb === "list" || target.verb === "watch";
  if (!resource.custom && !namesType(wish.accept, OBJECT_TYPES)) {
    const available = isCollection ? [...OBJECT_TYPES, ...STREAM_TYPES] : OBJECT_TYPES;
    const message = `406: Not Acceptable\n\nAvailable representations: ${available.join(", ")}`;
    throw notAcceptable(message, { details: {} });
  }
  const transforms = ({ kind }: { kind: string }) => kind !== "Table" || resource.review === undefined;
  const format = negotiated(wish, { transforms });
  if (format === undefined) throw onlyAccepted(OBJECT_TYPES);
  if (target.verb === "watch" && format.type !== "application/json") throw onlyAccepted(STREAM_TYPES);
  return format;
}

/** How a document that is no resource's is to be written; a 406 where the client takes none. */
export function documentFormat(wish: Wish): Format {
  const format = negotiated(wish, { transforms: () => false });
  if (format === undefined) throw onlyAccepted(OBJECT_TYPES);
  return format;
}

function onlyAccepted(types: readonly string[]): Error {
  return notAcceptable(`only the following media types are accepted: ${types.join(", ")}`);
}
