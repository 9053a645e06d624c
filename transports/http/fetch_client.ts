import type { Transport } from "../../lib/protocol/transport.ts";
import { singleValues } from "./headers.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./http_transport.ts";
import { requestUrl } from "./request_url.ts";

/** The global fetch, or another that is called alike. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

/**
 * Sends requests with `fetch`, on any runtime: without a timeout, and a redirect is an answer.
 *
 * @param close ends the connections that `fetch` keeps, if it knows how to
 */
export function fetchClient(fetch: Fetch, close = () => {}): HttpClient {
  return {
    limits: fetchLimits(),
    defaultHeaders: ({ stream }) => ({
      accept: "application/json",
      // A compressed stream would be held back until its compressor has enough.
      ...(stream && { "accept-encoding": "identity" }),
    }),
    send: (request, signal) => send(fetch, { ...request, signal }),
    close: async () => close(),
  };
}

/** Of the 256 connections that Bun has in all, whatever their origin: all transports share one budget. */
const bunLimits = { streams: 240 };

/**
 * How many streams leave room for plain requests, in one object for all that share them: what comes when no connection is
 * left waits until one of them ends. A host of workers may have 6 for each invocation, which makes its own transport.
 */
function fetchLimits(): Transport["limits"] {
  const runtime = globalThis.navigator?.userAgent ?? "";
  if (runtime.startsWith("Bun/")) return bunLimits;
  return runtime === "Cloudflare-Workers" ? { streams: 4 } : undefined;
}

async function send(
  fetch: Fetch,
  { origin, target, method, headers, body, signal }: HttpRequest & { signal: AbortSignal },
): Promise<HttpAnswer> {
  const init: RequestInit & { timeout: false } = {
    method,
    headers: singleValues(headers, "fetch"),
    redirect: "manual",
    signal,
    timeout: false, // Bun's, which ends a silent answer otherwise
  };
  if (body !== undefined) init.body = body as BodyInit;
  const response = await fetch(requestUrl(origin, target, "fetch"), init);
  if (response.status === 0) {
    throw new TypeError(
      "the answer is a redirect, which is not followed and which this runtime does not show",
    );
  }
  const reader = response.body?.getReader();
  const cancel = () => void reader?.cancel().catch(() => {});
  // A fetch may let go of its signal: Node forgets that of a Request which became garbage.
  if (signal.aborted) cancel();
  else signal.addEventListener("abort", cancel, { once: true });
  return {
    status: response.status,
    headers: response.headers,
    read: reader && (async () => (await reader.read()).value),
  };
}
