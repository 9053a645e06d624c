import type { Transport } from "../lib/protocol/transport.ts";
import { undiciTransport } from "../transports/undici.ts";
import type { Connection } from "./connection.ts";

/** The transport over undici, which can do all that a connection may ask for, on Node, Deno and Bun. */
export function overUndici({ server, tls, credentials, clientCertificate, proxy }: Connection): Transport {
  return undiciTransport({ baseUrl: server, tls, credentials, clientCertificate, proxy });
}
