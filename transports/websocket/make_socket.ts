import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { singleValues } from "../http/headers.ts";
import type { WebSocketConstructor, WebSocketLike } from "./options.ts";
import type { SocketLogin } from "./socket_login.ts";

/** What a socket can do without: a browser sends an Origin of its own, and the server's default form is JSON. */
const DISPENSABLE = ["accept", "origin"];

/** What a socket is made with. */
export interface SocketOptions {
  readonly WebSocket: WebSocketConstructor;
  readonly socketOptions: Readonly<Record<string, unknown>> | undefined;
}

/**
 * A socket that begins to connect.
 *
 * @throws {InvalidInputError} for a header that it cannot send
 */
export function makeSocket(
  url: string,
  { protocols, headers }: SocketLogin,
  { WebSocket, socketOptions }: SocketOptions,
): WebSocketLike {
  const construct = WebSocket as new (url: string, options: object) => WebSocketLike;
  const values = singleValues(headers, "a WebSocket");
  try {
    return new construct(url, { ...socketOptions, protocols, headers: Object.fromEntries(values) });
  } catch (error) {
    // A browser's takes nothing but protocols, and refuses all else before it connects.
    if (socketOptions) throw error;
    for (const [name] of values) if (!DISPENSABLE.includes(name)) throw headerError(name);
    return new construct(url, protocols);
  }
}

function headerError(name: string): InvalidInputError {
  const problem = `this runtime's WebSocket sends no headers; give another as WebSocket`;
  return new InvalidInputError(`headers.${name}`, `Cannot send the header ${name}: ${problem}`);
}
