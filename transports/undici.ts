import { pipeline, type Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { Client, Dispatcher } from "undici";
import * as v from "valibot";
import { InvalidInputError, ProtocolError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { parseBaseUrl } from "./http/base_url.ts";
import { Connections } from "./http/connections.ts";
import { insecureError } from "./http/headers.ts";
import { type HttpAnswer, type HttpRequest, HttpTransport } from "./http/http_transport.ts";
import { type HttpTransportOptions, httpTransportEntries, optionsSchema, validate } from "./http/options.ts";
import { proxyAt } from "./http/proxy_server.ts";
import { type ClientCertificate, type TlsOptions, tlsSchema } from "./http/secure_context.ts";

export type { ClientCertificate, HttpTransportOptions, TlsOptions };

/** Options of undiciTransport. */
export interface UndiciTransportOptions extends HttpTransportOptions {
  /** Whom to trust, and who one is; by default the CAs of the runtime. */
  readonly tls?: TlsOptions | undefined;
  /**
   * For a client certificate that is renewed: asked before each request, after `credentials`, in place of `tls.cert` and
   * `tls.key`. Another object than before is used for new connections; streams that are open go on.
   */
  readonly clientCertificate?: (() => Promise<ClientCertificate | undefined>) | undefined;
  /**
   * The URL of a proxy (http, https or socks5) that every connection goes through, in a tunnel; a user and a password in
   * it are told to the proxy. By default there is none, whatever the environment says.
   */
  readonly proxy?: string | undefined;
}

const schema = optionsSchema({
  ...httpTransportEntries,
  tls: v.optional(tlsSchema),
  clientCertificate: v.optional(
    v.custom<NonNullable<UndiciTransportOptions["clientCertificate"]>>(
      (value) => typeof value === "function",
      "must be a function",
    ),
  ),
  proxy: v.optional(v.string("must be the URL of a proxy")),
});

/** How long a plain answer may be silent. Streams may for ever: whoever watches has a watchdog. */
const SILENCE_MS = 300_000;

/**
 * A transport over undici, for Node. It speaks HTTP/1.1: each stream has a connection of its own, as many as are
 * asked for, so that no stream ever holds up another request.
 *
 * @throws {InvalidInputError} for options that are not valid, and for credentials that would go out readable
 *
 * @example
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { undiciTransport } from "kubernetes-dependency-watches/transports/undici";
 *
 * const transport = undiciTransport({
 *   baseUrl: "https://10.0.0.1:6443",
 *   tls: { ca: await readFile("ca.crt") },
 *   headers: { authorization: `Bearer ${process.env.TOKEN}` },
 * });
 * const dynamicWatcher = new DynamicWatcher({ transport, reconcile(watcher) {} });
 * ```
 */
export function undiciTransport(options: UndiciTransportOptions): Transport {
  const { tls = {}, clientCertificate, proxy: proxyUrl, ...httpOptions } = validate(schema, options);
  const proxy = proxyUrl === undefined ? undefined : proxyAt(proxyUrl, "proxy");
  const proxied = proxy !== undefined;
  const { origin, confidential } = parseBaseUrl(httpOptions.baseUrl, { proxied });
  if (tls.cert !== undefined && !confidential) throw insecureError("tls.cert");
  if (clientCertificate && !confidential) throw insecureError("clientCertificate");
  if (clientCertificate && (tls.cert ?? tls.key) !== undefined) {
    throw new InvalidInputError(
      "clientCertificate",
      "Cannot use clientCertificate: it would take the place of tls.cert and tls.key; leave them out",
    );
  }
  const connections = new Connections(origin, { tls, proxy });
  return new HttpTransport(httpOptions, {
    proxied,
    defaultHeaders: ({ stream }) => ({
      accept: "application/json",
      // A compressed stream would be held back until its compressor has enough.
      "accept-encoding": stream ? "identity" : "gzip",
      "user-agent": "kubernetes-dependency-watches",
    }),
    async send(request, signal) {
      if (clientCertificate) connections.renew(await clientCertificate());
      signal.throwIfAborted();
      return request.stream
        ? sendAlone(connections.clientOfItsOwn(signal), { ...request, signal })
        : send(connections.pool, { ...request, signal });
    },
    close: () => connections.destroy(),
  });
}

type AbortableRequest = HttpRequest & { readonly signal: AbortSignal };

/** Sends a request over a client that ends with it. */
async function sendAlone(client: Client, request: AbortableRequest): Promise<HttpAnswer> {
  const end = () => void client.destroy();
  try {
    return await send(client, request, end);
  } catch (error) {
    end();
    throw error;
  }
}

/** @param onEnd called when the body is over, however it ends */
async function send(
  dispatcher: Dispatcher,
  { method, target, headers, body, stream, signal }: AbortableRequest,
  onEnd?: () => void,
): Promise<HttpAnswer> {
  const silenceMs = stream ? 0 : SILENCE_MS;
  const response = await dispatcher.request({
    method,
    path: target,
    headers: new Map([...headers].map(([name, values]) => [name, [...values]])),
    body: body ?? null,
    signal,
    headersTimeout: silenceMs,
    bodyTimeout: silenceMs,
  });
  if (onEnd) response.body.once("close", onEnd);
  return {
    status: response.statusCode,
    headers: { get: (name) => headerOf(response, name.toLowerCase()) },
    read: readBody(response, { headRequest: method === "HEAD" }),
  };
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = Object.hasOwn(headers, name) ? headers[name] : undefined;
  return value === undefined ? null : [value].flat().join(", ");
}

function readBody(
  response: Dispatcher.ResponseData,
  { headRequest }: { headRequest: boolean },
): HttpAnswer["read"] {
  const { statusCode, body } = response;
  if (headRequest || [204, 304].includes(statusCode) || headerOf(response, "content-length") === "0") {
    void body.dump();
    return undefined;
  }
  const chunks = decompressed(body, headerOf(response, "content-encoding"))[Symbol.asyncIterator]();
  return async () => (await chunks.next()).value;
}

/** undici hands bodies out as they came. */
function decompressed(body: Readable, encoding: string | null): Readable {
  switch (encoding?.toLowerCase() ?? "identity") {
    case "identity":
      return body;
    case "gzip":
    case "x-gzip":
      // What goes wrong comes out where the chunks are read.
      return pipeline(body, createGunzip(), () => {});
    default:
      throw new ProtocolError(`Cannot read an answer: its content-encoding ${encoding} was not asked for`);
  }
}
