import * as v from "valibot";
import type { Transport } from "../../lib/protocol/transport.ts";
import { type HttpTransportOptions, httpTransportEntries, optionsSchema } from "../http/options.ts";

/** What the transport needs of a socket; that of every runtime has it. */
export interface WebSocketLike {
  /** As that of every EventTarget. */
  addEventListener(type: string, listener: (event: Event) => void): void;
  /** Begins to end the connection, and may wait for the peer. */
  close(): void;
  /** Ends the connection at once; Bun's has it. */
  terminate?(): void;
}

/** The WebSocket of a runtime, or one that is made like it. */
export type WebSocketConstructor = new (url: string, options: never) => WebSocketLike;

/** Options of websocketTransport. */
export interface WebSocketTransportOptions extends Omit<HttpTransportOptions, "baseUrl"> {
  /**
   * Takes every request but streams, and tells why a socket was refused: it has to be logged in as the sockets are.
   * Closed with this transport.
   */
  readonly base: Transport;
  /**
   * Where the API server is. Without it, base URL, headers and credentials are those of `base`, which is then one of
   * fetchTransport or undiciTransport; with it, `headers` and `credentials` hold for the sockets only.
   */
  readonly baseUrl?: string | undefined;
  /**
   * By default the global one, which Node has from version 22 on; for Node 20 give that of undici. In workerd, whose own
   * sends no Origin, one that shakes hands by `fetch`.
   *
   * An abort frees the connection at once; but that of Deno and that of a browser only ask the peer to end it, and leave
   * it open while the peer stays silent. On Deno, undici's does not.
   */
  readonly WebSocket?: WebSocketConstructor | undefined;
  /**
   * What the runtime's own WebSocket takes beside protocols and headers, such as who is trusted: `{ dispatcher }` on
   * Node, `{ client }` on Deno, `{ tls }` on Bun, `{ fetch }` in workerd.
   */
  readonly socketOptions?: Readonly<Record<string, unknown>> | undefined;
}

/** The schema of WebSocketTransportOptions. */
export const webSocketTransportSchema = optionsSchema({
  ...httpTransportEntries,
  baseUrl: v.optional(httpTransportEntries.baseUrl),
  base: v.custom<Transport>(
    (value) => isRecord(value) && typeof value.request === "function" && typeof value.close === "function",
    "must be a transport, which takes all other requests",
  ),
  WebSocket: v.optional(
    v.custom<WebSocketConstructor>(
      (value) => typeof value === "function",
      "must be a class such as WebSocket",
    ),
  ),
  socketOptions: v.optional(v.custom<Record<string, unknown>>(isRecord, "must be an object")),
});

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}
