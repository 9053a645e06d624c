import type { Transport } from "../lib/protocol/transport.ts";
import { type Fetch, fetchClient } from "../transports/http/fetch_client.ts";
import { HttpTransport } from "../transports/http/http_transport.ts";
import { secureContext } from "../transports/http/secure_context.ts";
import type { ClientCertificate, Connection, ConnectionTls } from "./connection.ts";
import type { Host } from "./host.ts";

/** A fetch that knows the server by `tls` and logs in with one certificate. */
export interface LoggedInFetch {
  readonly fetch: Fetch;
  /** Ends its idle connections, where the runtime can; what is under way goes on. */
  readonly close?: () => void;
}

/** What a runtime's own fetch is told of TLS. */
export type FetchTls = ConnectionTls & Partial<ClientCertificate>;

/**
 * The transport over a runtime's own fetch.
 *
 * @param makeFetch called for the first request, and again when the certificate was renewed
 * @throws {InvalidInputError} for a CA that cannot be read
 */
export function overFetch(
  { server, tls, credentials, clientCertificate }: Connection,
  makeFetch: (tls: FetchTls) => LoggedInFetch,
): Transport {
  // Deno passes over a CA that it cannot read, and Bun tells of it in words that do not fit.
  secureContext(tls);
  let current: (LoggedInFetch & { readonly certificate: ClientCertificate | undefined }) | undefined;

  const fetch: Fetch = async (url, init) => {
    const certificate = await clientCertificate?.();
    init.signal?.throwIfAborted();
    if (!current || current.certificate !== certificate) {
      const former = current;
      current = { certificate, ...makeFetch({ ...tls, ...certificate }) };
      former?.close?.();
    }
    return current.fetch(url, init);
  };
  return new HttpTransport(
    { baseUrl: server, credentials },
    fetchClient(fetch, () => current?.close?.()),
  );
}

const PROXY_VARIABLES = ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"];

/**
 * Whether a connection asks for what the fetch of Deno and of Bun cannot do just so: to send a header several times, or
 * to go through a proxy. Where the environment names one, their fetch obeys it by rules of its own: Deno shows the
 * proxy's password to the server, Bun knows no SOCKS, and neither can be told to go straight.
 */
export function isBeyondFetch({ proxy, repeatsHeaders }: Connection, { env }: Host): boolean {
  const names = PROXY_VARIABLES.flatMap((name) => [name, name.toLowerCase()]);
  return repeatsHeaders === true || proxy !== undefined || names.some((name) => env[name]);
}
