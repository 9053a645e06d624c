import { type ApiError, TransportError } from "../kubernetes/errors.ts";
import { apiErrorFromAnswer } from "../kubernetes/status.ts";
import type { TransportResponse } from "./transport.ts";

/** Of the body of an error no more than this is read. */
const MAX_ERROR_BODY_BYTES = 64 * 1024;

/**
 * The text of a response's body.
 *
 * @param options `onProgress` is called for each chunk; after `maxBytes` the rest is not read
 * @throws the transport's error, or the reason of the request's signal
 */
export async function readText(
  response: TransportResponse,
  {
    onProgress,
    maxBytes = Number.POSITIVE_INFINITY,
  }: { onProgress?: (() => void) | undefined; maxBytes?: number } = {},
): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body) {
    onProgress?.();
    text += decoder.decode(chunk.subarray(0, maxBytes - bytes), { stream: true });
    bytes += chunk.length;
    if (bytes >= maxBytes) break;
  }
  return text + decoder.decode();
}

/**
 * The error that a response with another status than a success stands for. Its body is read for it; one that breaks
 * off leaves the status, which is the better thing to know.
 *
 * @param verb what could not be done, as in "Cannot <verb>: ..."
 * @throws the reason of the request's signal
 */
export async function readApiError(verb: string, response: TransportResponse): Promise<ApiError> {
  const { status, headers } = response;
  let body = "";
  try {
    body = await readText(response, { maxBytes: MAX_ERROR_BODY_BYTES });
  } catch (error) {
    if (!(error instanceof TransportError)) throw error;
  }
  return apiErrorFromAnswer(verb, { status, headers, body });
}
