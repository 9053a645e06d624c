import { DependencyWatchError } from "../../../lib/kubernetes/errors.ts";
import { AbortOfCall } from "../calls.ts";

/** What only a server in trouble, or one that was, can make of a call. */
const TROUBLE = ["API_ERROR", "TRANSPORT_ERROR", "PROTOCOL_ERROR", "TIMEOUT", "RESOURCE_UNWATCHABLE"];

/** What a call may always end with: it came at the wrong moment, or its kind is away. */
const REFUSALS = [
  "NOT_STARTED",
  "CACHE_DISABLED",
  "WATCHER_REMOVED",
  "QUERY_BATCH_IN_PROGRESS",
  "QUERY_BATCH_NOT_STARTED",
  "NO_VERSIONED_RESOURCE",
];

/** A call fails by its own fault, by its abort, or, where anything has been wrong, by the server's. */
export function unexplained(error: unknown, { isTroubled }: { isTroubled: boolean }): string | undefined {
  if (error === undefined || error instanceof AbortOfCall) return undefined;
  const code = codeOf(error);
  if (REFUSALS.includes(code) || (isTroubled && TROUBLE.includes(code))) return undefined;
  return String(error);
}

/** The code of an error of the library. */
export function codeOf(error: unknown): string {
  return error instanceof DependencyWatchError ? error.code : String(error);
}
