import { ProtocolError } from "../kubernetes/errors.ts";
import { type ObjectContext, watchedObject } from "../kubernetes/object.ts";
import { apiErrorFromStatus } from "../kubernetes/status.ts";
import { isJsonObject, type JsonObject } from "../support/json.ts";
import { parseJsonObject } from "./parse_json.ts";
import type { BookmarkEvent, WatchEvent } from "./watch_event.ts";

/** Marks the bookmark that ends a streaming list's initial objects (KEP-3157). */
const INITIAL_EVENTS_END = "k8s.io/initial-events-end";

/**
 * The event that a frame of a watch holds. An ERROR is an event too: its `error` says what the server said.
 *
 * @throws {ProtocolError} for what is no event: broken JSON, an unknown type, an object without name or resource
 *   version. Nothing of the frame is quoted, for it may be a Secret.
 */
export function decodeWatchEvent(frame: string, context: ObjectContext): WatchEvent {
  const verb = `decode a watch event of ${context.kind}`;
  const { type, object } = parseJsonObject(frame, verb);
  if (!isJsonObject(object)) throw new ProtocolError(`Cannot ${verb}: it has no object`);
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED": {
      const watched = watchedObject(object, context);
      if (watched) return { type, object: watched };
      throw new ProtocolError(`Cannot ${verb}: an object has no name or no resource version`);
    }
    case "BOOKMARK":
      return bookmark(object, verb);
    case "ERROR":
      return { type, error: apiErrorFromStatus(`watch ${context.kind}`, object) };
    default:
      throw new ProtocolError(`Cannot ${verb}: its type is unknown`);
  }
}

/** Only the metadata counts: the rest of a typed bookmark is zero values of an object that does not exist. */
function bookmark({ metadata }: JsonObject, verb: string): BookmarkEvent {
  const { resourceVersion, annotations } = isJsonObject(metadata) ? metadata : {};
  if (typeof resourceVersion !== "string" || resourceVersion === "") {
    throw new ProtocolError(`Cannot ${verb}: a BOOKMARK has no resource version`);
  }
  const initialEventsEnd = isJsonObject(annotations) && annotations[INITIAL_EVENTS_END] === "true";
  return { type: "BOOKMARK", resourceVersion, initialEventsEnd };
}
