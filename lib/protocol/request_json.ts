import type { JsonObject } from "../support/json.ts";
import { parseJsonObject } from "./parse_json.ts";
import { readApiError, readText } from "./response_body.ts";
import type { Transport, TransportHeaders, TransportResponse } from "./transport.ts";

/** What every call to the API server takes. */
export interface CallOptions {
  /** Rejects the call with `signal.reason`. */
  readonly signal?: AbortSignal | undefined;
  /** Called whenever something of an answer arrives, but for refusals: who counts silence starts again. */
  readonly onProgress?: (() => void) | undefined;
}

/** A request for one JSON object. */
export interface JsonRequest {
  /** What is done, as errors word it: "Cannot <verb>: ...". */
  readonly verb: string;
  /** By default GET. */
  readonly method?: string;
  readonly path: string;
  readonly headers?: TransportHeaders | undefined;
  readonly body?: string | undefined;
  /** Statuses that are an answer too, though no success; their body is not parsed. */
  readonly accepts?: readonly number[];
}

/** The answer to a JsonRequest. */
export interface JsonAnswer {
  readonly status: number;
  readonly headers: TransportResponse["headers"];
  /** `{}` for a status that `accepts` names. */
  readonly body: JsonObject;
}

/**
 * Asks the API server for one JSON object.
 *
 * @throws {ApiError} for an answer that is no success
 * @throws {ProtocolError} for a success that is no JSON object
 * @throws {TransportError} when no whole answer came
 */
export async function requestJson(
  transport: Transport,
  { verb, method = "GET", path, headers, body, accepts = [] }: JsonRequest,
  { signal, onProgress }: CallOptions = {},
): Promise<JsonAnswer> {
  signal?.throwIfAborted();
  const response = await transport.request({
    method,
    path,
    ...(headers && { headers }),
    ...(body !== undefined && { body }),
    ...(signal && { signal }),
  });
  const accepted = accepts.includes(response.status);
  if (!accepted && (response.status < 200 || response.status > 299)) {
    throw await readApiError(verb, response);
  }
  onProgress?.();
  const text = await readText(response, { onProgress });
  return {
    status: response.status,
    headers: response.headers,
    body: accepted ? {} : parseJsonObject(text, verb),
  };
}
