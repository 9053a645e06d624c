import { formatGroupVersion } from "../kubernetes/group_version.ts";
import { type ObjectContext, type WatchedObject, watchedObject } from "../kubernetes/object.ts";
import { collectionPath, type QueryParameters, withQuery } from "../kubernetes/path.ts";
import { listPages } from "../protocol/list_pages.ts";
import { readApiError } from "../protocol/response_body.ts";
import type { Transport, TransportHeaders } from "../protocol/transport.ts";
import { malformedItemError } from "./failure.ts";
import type { ListActivity, WatchActivity } from "./reflector_state.ts";
import type { StreamSpec } from "./stream.ts";

const JSON_TYPE = "application/json";

/** What a request for a stream takes. */
export interface StreamRequestOptions {
  readonly signal: AbortSignal;
  readonly onProgress: () => void;
}

/** What a decoder is to know of the objects of a stream. */
export function objectContext({ resource, kind, content }: StreamSpec): ObjectContext {
  return { apiVersion: formatGroupVersion(resource), kind, content };
}

/**
 * Lists the collection of a stream: the freshest, or what is not older than the activity's version.
 *
 * @throws {ProtocolError} also for an item without name or resource version
 */
export async function listStream(
  { transport, spec }: { transport: Transport; spec: StreamSpec },
  { activity, ...options }: StreamRequestOptions & { activity: ListActivity },
): Promise<{ items: WatchedObject[]; resourceVersion: string }> {
  const query = {
    ...selectors(spec),
    ...(activity.resourceVersion !== "" && {
      resourceVersion: activity.resourceVersion,
      resourceVersionMatch: "NotOlderThan",
    }),
  };
  const headers = accept("PartialObjectMetadataList", activity);
  const path = collectionPath(spec.resource, spec.namespace);
  const { items, resourceVersion } = await listPages(transport, path, { query, headers, ...options });
  const context = objectContext(spec);
  const objects = items.map((item) => {
    const object = watchedObject(item, context);
    if (object === undefined) throw malformedItemError(spec);
    return object;
  });
  return { items: objects, resourceVersion };
}

/**
 * Opens the watch of a stream, or a streaming list (KEP-3157).
 *
 * @throws {ApiError} for every answer but 200
 */
export async function openWatch(
  { transport, spec }: { transport: Transport; spec: StreamSpec },
  {
    activity,
    timeoutMs,
    signal,
    onProgress,
  }: StreamRequestOptions & { activity: WatchActivity; timeoutMs: number },
): Promise<AsyncIterable<Uint8Array>> {
  const { resourceVersion, initialEvents } = activity;
  const path = withQuery(collectionPath(spec.resource, spec.namespace), {
    watch: 1,
    allowWatchBookmarks: true,
    ...(initialEvents && { sendInitialEvents: true, resourceVersionMatch: "NotOlderThan" }),
    ...(resourceVersion !== "" && { resourceVersion }),
    timeoutSeconds: Math.max(1, Math.ceil(timeoutMs / 1000)),
    ...selectors(spec),
  });
  // The List form would be answered by 200 and an end.
  const headers = accept("PartialObjectMetadata", activity);
  const response = await transport.request({ method: "GET", path, headers, signal, stream: true });
  if (response.status !== 200) throw await readApiError(`watch ${spec.kind}`, response);
  onProgress();
  return response.body;
}

/** A form of metadata only, with plain JSON behind it for servers that do not know the form. */
function accept(form: string, { plainJson }: { plainJson: boolean }): TransportHeaders {
  return { accept: plainJson ? JSON_TYPE : `${JSON_TYPE};as=${form};g=meta.k8s.io;v=v1,${JSON_TYPE}` };
}

function selectors({ fieldSelector, labelSelector }: StreamSpec): QueryParameters {
  return { fieldSelector: fieldSelector || undefined, labelSelector: labelSelector || undefined };
}
