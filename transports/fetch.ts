import * as v from "valibot";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { type HeaderFields, headerFields } from "./http/headers.ts";
import { type HttpAnswer, type HttpRequest, HttpTransport } from "./http/http_transport.ts";
import { type HttpTransportOptions, httpTransportEntries, optionsSchema, validate } from "./http/options.ts";

export type { HttpTransportOptions };

/** Options of fetchTransport. */
export interface FetchTransportOptions extends HttpTransportOptions {
  /** By default the global fetch. Give another one to add what a runtime's own fetch takes, such as a TLS client. */
  readonly fetch?: ((url: string, init: RequestInit) => Promise<Response>) | undefined;
}

const schema = optionsSchema({
  ...httpTransportEntries,
  fetch: v.optional(
    v.custom<NonNullable<FetchTransportOptions["fetch"]>>(
      (value) => typeof value === "function",
      "must be a function such as the global fetch",
    ),
  ),
});

/**
 * A transport over fetch, for every runtime that has one. It trusts whom the runtime trusts.
 *
 * fetch cannot send a header twice nor a path with dot segments: both are refused with INVALID_INPUT. On Node, whose
 * fetch gives up a body that is silent for 300 s, prefer undiciTransport, which has TLS options besides.
 *
 * @throws {InvalidInputError} for options that are not valid, and for credentials that would go out readable
 *
 * @example
 * ```ts
 * import { fetchTransport } from "kubernetes-dependency-watches/transports/fetch";
 *
 * const transport = fetchTransport({ baseUrl: "http://127.0.0.1:8001" }); // kubectl proxy
 * const response = await transport.request({ method: "GET", path: "/version" });
 * response.status; // 200
 * await transport.close();
 * ```
 */
export function fetchTransport(options: FetchTransportOptions): Transport {
  const { fetch = globalThis.fetch, ...httpOptions } = validate(schema, options);
  singleValues(headerFields(httpOptions.headers ?? {}, "headers"));
  return new HttpTransport(httpOptions, {
    defaultHeaders: ({ stream }) => ({
      accept: "application/json",
      // A compressed stream would be held back until its compressor has enough.
      ...(stream && { "accept-encoding": "identity" }),
    }),
    send: (request, signal) => send(fetch, { ...request, signal }),
    async close() {},
  });
}

async function send(
  fetch: NonNullable<FetchTransportOptions["fetch"]>,
  { origin, target, method, headers, body, signal }: HttpRequest & { signal: AbortSignal },
): Promise<HttpAnswer> {
  const init: RequestInit & { timeout: false } = {
    method,
    headers: singleValues(headers),
    redirect: "manual",
    signal,
    timeout: false, // Bun's, which ends a silent answer otherwise
  };
  if (body !== undefined) init.body = body as BodyInit;
  const response = await fetch(requestUrl(origin, target), init);
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

/** fetch resolves dot segments and encodes what it does not like: what it would change is refused. */
function requestUrl(origin: string, target: string): string {
  const [path, ...query] = target.split("?");
  // The only thing that it may do: it means the same to a server.
  const url = [path, ...query.map((part) => part.replaceAll("'", "%27"))].join("?");
  if (new URL(origin + url).href !== origin + url) {
    throw new InvalidInputError(
      "path",
      "Cannot send a request with fetch: its path has a dot segment, which fetch would resolve; use undiciTransport",
    );
  }
  return origin + url;
}

/** fetch joins the values of one name with commas, which makes one value of several groups. */
function singleValues(headers: HeaderFields): [string, string][] {
  return [...headers].flatMap(([name, [value, ...others]]): [string, string][] => {
    if (others.length > 0) {
      throw new InvalidInputError(
        `headers.${name}`,
        `Cannot send the header ${name} more than once with fetch: it would join the values; use undiciTransport`,
      );
    }
    return value === undefined ? [] : [[name, value]];
  });
}
