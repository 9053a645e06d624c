import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { singleValues } from "../http/headers.ts";
import type { WebSocketConstructor, WebSocketLike } from "./options.ts";
import type { SocketLogin } from "./socket_login.ts";
import { type Connection, tellingDispatcher } from "./upgrade.ts";

/** What a socket can do without: a browser sends an Origin of its own, and the server's default form is JSON. */
const DISPENSABLE = ["accept", "origin"];

/** What a socket is made with. */
export interface SocketOptions {
  readonly WebSocket: WebSocketConstructor;
  readonly socketOptions: Readonly<Record<string, unknown>> | undefined;
}

/** A socket, and what ends it. */
export interface MadeSocket {
  readonly socket: WebSocketLike;
  /** Says good-bye and frees the connection, where the runtime can do so without an answer. */
  end(): void;
}

/**
 * A socket that begins to connect.
 *
 * @throws {InvalidInputError} for a header that it cannot send
 */
export function makeSocket(url: string, login: SocketLogin, options: SocketOptions): MadeSocket {
  let connection: Connection | undefined;
  const dispatcher = tellingDispatcher(options.socketOptions?.dispatcher, (taken) => {
    connection = taken;
  });
  const socket = construct(url, login, { ...options, ...(dispatcher && { dispatcher }) });
  return {
    socket,
    end() {
      socket.close();
      socket.terminate?.();
      connection?.destroy();
    },
  };
}

function construct(
  url: string,
  { protocols, headers }: SocketLogin,
  { WebSocket, socketOptions, ...dispatching }: SocketOptions & { readonly dispatcher?: object },
): WebSocketLike {
  const Socket = WebSocket as new (url: string, options: object) => WebSocketLike;
  const values = singleValues(headers, "a WebSocket");
  try {
    return new Socket(url, {
      ...socketOptions,
      ...dispatching,
      protocols,
      headers: Object.fromEntries(values),
    });
  } catch (error) {
    // A browser's takes nothing but protocols, and refuses all else before it connects.
    if (socketOptions) throw error;
    for (const [name] of values) if (!DISPENSABLE.includes(name)) throw headerError(name);
    return new Socket(url, protocols);
  }
}

function headerError(name: string): InvalidInputError {
  const problem = `this runtime's WebSocket sends no headers; give another as WebSocket`;
  return new InvalidInputError(`headers.${name}`, `Cannot send the header ${name}: ${problem}`);
}
