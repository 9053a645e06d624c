import {
  ApiError,
  DependencyWatchError,
  NoVersionedResourceError,
  ProtocolError,
  ResourceUnwatchableError,
  TimeoutError,
  TransportError,
} from "../kubernetes/errors.ts";
import { isExpired, isResourceVersionTooLarge } from "../kubernetes/status.ts";
import type { StreamSpec } from "./stream.ts";

/** What a failure means to a stream, however it came: as an HTTP status, inside a watch, or from the transport. */
export type FailureKind =
  /** 410: the resource version is too old, as after every restart of the server and every change of a CRD. */
  | "expired"
  /** 504: the server has not reached the resource version, and may never do so (a restored backup). */
  | "versionTooLarge"
  /** 429. */
  | "throttled"
  /** 401, 403. */
  | "denied"
  /** 404, 405: no such collection, or none that can be watched; only discovery knows. */
  | "missing"
  /** Discovery has said so. */
  | "notServed"
  /** 406, 415: the server knows no metadata-only form. */
  | "notAcceptable"
  /** 400, 422: a parameter is refused, such as those of a streaming list. */
  | "refused"
  /** 502, 503, 504: nothing is said about the resource version. */
  | "unavailable"
  /** No answer, or one that broke off. */
  | "disconnected"
  /** 500, every other status, what is no event: the resource version is not to be trusted. */
  | "broken";

const KIND_OF_STATUS: Readonly<Record<number, FailureKind>> = {
  400: "refused",
  401: "denied",
  403: "denied",
  404: "missing",
  405: "missing",
  406: "notAcceptable",
  410: "expired",
  415: "notAcceptable",
  422: "refused",
  429: "throttled",
  502: "unavailable",
  503: "unavailable",
  504: "unavailable",
};

/** What `error` means to a stream. */
export function classifyFailure(error: DependencyWatchError): FailureKind {
  if (error instanceof NoVersionedResourceError || error instanceof ResourceUnwatchableError) {
    return "notServed";
  }
  if (error instanceof TransportError || error instanceof TimeoutError) return "disconnected";
  if (isExpired(error)) return "expired";
  if (isResourceVersionTooLarge(error)) return "versionTooLarge";
  return (error instanceof ApiError && KIND_OF_STATUS[error.status]) || "broken";
}

/**
 * The error that a stream reports for whatever was thrown. One of permissions says which are needed; what a
 * transport throws of its own becomes a TransportError.
 */
export function streamError(error: unknown, { resource }: StreamSpec): DependencyWatchError {
  if (!(error instanceof DependencyWatchError)) {
    return new TransportError(`Cannot watch ${resource.resource}: the request failed`, { cause: error });
  }
  if (!(error instanceof ApiError) || classifyFailure(error) !== "denied") return error;
  return new ApiError(`${error.message}; list and watch permissions are needed`, error);
}

/** An answer, or the next bytes of one, that did not come in time. */
export function silenceError(afterMs: number): TimeoutError {
  return new TimeoutError(`Cannot go on: the API server sent nothing for ${afterMs / 1000} s`, afterMs);
}

/** A list with an item that is no object of its collection. */
export function malformedItemError({ kind }: StreamSpec): ProtocolError {
  return new ProtocolError(`Cannot list ${kind}: an item has no name or no resource version`);
}
