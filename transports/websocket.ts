import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { type HttpAnswer, type HttpClient, type HttpRequest, HttpTransport } from "./http/http_transport.ts";
import { validate } from "./http/options.ts";
import { mayBeProxied } from "./http/own_fetch.ts";
import { requestUrl } from "./http/request_url.ts";
import { FetchSocket } from "./websocket/fetch_socket.ts";
import { makeSocket, type SocketOptions } from "./websocket/make_socket.ts";
import {
  type WebSocketConstructor,
  type WebSocketTransportOptions,
  webSocketTransportSchema,
} from "./websocket/options.ts";
import { findRefusal, type Inquiry, inquiryBy, inquiryOver } from "./websocket/refusal.ts";
import { socketLogin } from "./websocket/socket_login.ts";
import { WatchSocket } from "./websocket/watch_socket.ts";

export type { WebSocketConstructor, WebSocketLike, WebSocketTransportOptions } from "./websocket/options.ts";

/**
 * A transport that watches over WebSockets and sends all else over another one: for places where a streamed answer is
 * held back or cut, as some proxies do.
 *
 * A bearer token goes as a subprotocol, as kube-apiserver takes it from browsers too. The server wants an Origin: where
 * a socket takes headers, as on Node, Deno, Bun and workerd, that of the base URL is sent; a browser sends its own.
 *
 * @throws {InvalidInputError} for options that are not valid, and for credentials that would go out readable: over http to
 * this machine by a proxy of the environment too
 *
 * @example On Node 20, which has no WebSocket of its own
 * ```ts
 * import { readFile } from "node:fs/promises";
 * import { Agent, WebSocket } from "undici";
 * import { undiciTransport } from "kubernetes-dependency-watches/transports/undici";
 * import { websocketTransport } from "kubernetes-dependency-watches/transports/websocket";
 *
 * const ca = await readFile("ca.crt");
 * const headers = { authorization: `Bearer ${process.env.TOKEN}` };
 * const transport = websocketTransport({
 *   base: undiciTransport({ baseUrl: "https://10.0.0.1:6443", tls: { ca }, headers }),
 *   WebSocket,
 *   socketOptions: { dispatcher: new Agent({ connect: { ca } }) },
 * });
 * ```
 */
export function websocketTransport(options: WebSocketTransportOptions): Transport {
  const {
    base,
    baseUrl,
    WebSocket = runtimeWebSocket(),
    socketOptions,
    maxStreams,
    ...http
  } = validate(webSocketTransportSchema, options);
  if (WebSocket === undefined) {
    throw new InvalidInputError(
      "WebSocket",
      "Cannot use WebSocket: this runtime has none; give that of undici",
    );
  }
  const clientOf = (baseUrl: string, inquiry: (request: HttpRequest) => Inquiry): HttpClient => ({
    proxied: mayBeProxied(baseUrl) && !hasOwnWay(WebSocket, socketOptions),
    defaultHeaders: () => ({ accept: "application/json" }),
    send: (request, signal) => watch(request, { WebSocket, socketOptions, inquiry, signal }),
    close: () => base.close(),
  });
  const sockets =
    baseUrl === undefined
      ? likeBase(base, http).over((client, url) => clientOf(url, (request) => inquiryBy(client, request)))
      : new HttpTransport(
          { ...http, baseUrl },
          clientOf(baseUrl, (request) => inquiryOver(base, request)),
        );
  return {
    request: (request) => (request.stream && request.method === "GET" ? sockets : base).request(request),
    close: () => sockets.close(),
    ...(maxStreams !== undefined && { limits: { streams: maxStreams } }),
  };
}

function runtimeWebSocket(): WebSocketConstructor | undefined {
  const isWorkerd = globalThis.navigator?.userAgent === "Cloudflare-Workers";
  return isWorkerd ? FetchSocket : globalThis.WebSocket;
}

/** Whether the user says which way sockets go, whatever the environment does; Deno's own looks at no dispatcher. */
function hasOwnWay(
  WebSocket: WebSocketConstructor,
  socketOptions: Readonly<Record<string, unknown>> = {},
): boolean {
  return (
    socketOptions.dispatcher !== undefined && !("Deno" in globalThis && WebSocket === globalThis.WebSocket)
  );
}

/** `base`, where it tells what it was made with, and `own` has nothing that could be meant to hold instead. */
function likeBase(base: Transport, own: object): HttpTransport {
  for (const [field, value] of Object.entries(own)) {
    if (value === undefined) continue;
    throw new InvalidInputError(
      field,
      `Cannot use ${field}: without baseUrl those of base hold; give them there`,
    );
  }
  if (base instanceof HttpTransport) return base;
  throw new InvalidInputError("baseUrl", "Cannot use baseUrl: it is missing, and base does not tell its own");
}

async function watch(
  request: HttpRequest,
  {
    inquiry,
    signal,
    ...options
  }: SocketOptions & { inquiry: (request: HttpRequest) => Inquiry; signal: AbortSignal },
): Promise<HttpAnswer> {
  const { origin, target, headers } = request;
  const url = requestUrl(origin.replace("http", "ws"), target, "a WebSocket");
  const socket = new WatchSocket(
    makeSocket(url, socketLogin(new Map([["origin", [origin]], ...headers])), options),
  );
  signal.addEventListener("abort", () => socket.close(), { once: true });
  try {
    await socket.opened;
  } catch (failure) {
    return findRefusal(inquiry(request), { failure, signal });
  }
  return { status: 200, headers: { get: () => null }, read: () => socket.read() };
}
