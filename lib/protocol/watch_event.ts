import type { ApiError } from "../kubernetes/errors.ts";
import type { WatchedObject } from "../kubernetes/object.ts";

/** One change of one object, as a watch tells it. */
export interface ObjectEvent {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: WatchedObject;
}

/** A resource version that the stream has reached. */
export interface BookmarkEvent {
  readonly type: "BOOKMARK";
  readonly resourceVersion: string;
  /** The end of a streaming list's initial objects (KEP-3157). */
  readonly initialEventsEnd: boolean;
}

/** A Status inside the stream. */
export interface ErrorEvent {
  readonly type: "ERROR";
  readonly error: ApiError;
}

/** One frame of a watch, typed. */
export type WatchEvent = ObjectEvent | BookmarkEvent | ErrorEvent;
