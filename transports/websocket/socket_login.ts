import type { HeaderFields } from "../http/headers.ts";

/** What a socket is opened with. */
export interface SocketLogin {
  readonly protocols: string[];
  readonly headers: HeaderFields;
}

/** The API server takes a bearer token from a subprotocol with this in front (apiserver, websocket authenticator). */
const BEARER_PREFIX = "base64url.bearer.authorization.k8s.io.";
/** The server takes the token out, and wants another one to be left, of whatever name. */
const OTHER_PROTOCOL = "watch";

/** Moves a bearer token from the headers, which a browser's socket does not send, to the subprotocols. */
export function socketLogin(fields: HeaderFields): SocketLogin {
  const headers = new Map(fields);
  const [, token] = /^Bearer +(.+)$/i.exec(fields.get("authorization")?.join() ?? "") ?? [];
  if (token === undefined) return { protocols: [], headers };
  headers.delete("authorization");
  return { protocols: [BEARER_PREFIX + base64Url(token), OTHER_PROTOCOL], headers };
}

function base64Url(text: string): string {
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}
