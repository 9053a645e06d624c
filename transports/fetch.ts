import * as v from "valibot";
import type { Transport } from "../lib/protocol/transport.ts";
import { type Fetch, fetchClient } from "./http/fetch_client.ts";
import { headerFields, singleValues } from "./http/headers.ts";
import { HttpTransport } from "./http/http_transport.ts";
import { type HttpTransportOptions, httpTransportEntries, optionsSchema, validate } from "./http/options.ts";
import { ownFetchClient } from "./http/own_fetch.ts";

export type { Fetch, HttpTransportOptions };

/** Options of fetchTransport. */
export interface FetchTransportOptions extends HttpTransportOptions {
  /**
   * By default the global fetch. Give another one to add what a runtime's own fetch takes, such as a TLS client. That of a
   * Worker's binding must be bound: `env.K8S.fetch.bind(env.K8S)`.
   */
  readonly fetch?: Fetch | undefined;
}

const schema = optionsSchema({
  ...httpTransportEntries,
  fetch: v.optional(
    v.custom<Fetch>((value) => typeof value === "function", "must be a function such as the global fetch"),
  ),
});

/**
 * A transport over fetch, for every runtime that has one. It trusts whom the runtime trusts.
 *
 * fetch cannot send a header twice nor a path with dot segments: both are refused with INVALID_INPUT. On Node, whose
 * fetch gives up a body that is silent for 300 s, prefer undiciTransport, which has TLS options besides. The global fetch
 * may go by a proxy of the environment; credentials over http to this machine never go by one that is there at the start:
 * where fetch cannot be told or seen to go straight, they are refused. A proxy that the program itself sets for all
 * requests, as with undici's `setGlobalDispatcher`, cannot be seen.
 *
 * @throws {InvalidInputError} for options that are not valid, and for credentials that would go out readable
 *
 * @example
 * ```ts
 * import { fetchTransport } from "kubernetes-dependency-watches/transports/fetch";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const { fetch } = memoryApiServer(); // leave it out, and kubectl proxy answers at this address
 * const transport = fetchTransport({ baseUrl: "http://127.0.0.1:8001", fetch });
 * const response = await transport.request({ method: "GET", path: "/version" });
 * response.status; // 200
 * await transport.close();
 * ```
 */
export function fetchTransport(options: FetchTransportOptions): Transport {
  const { fetch, ...httpOptions } = validate(schema, options);
  singleValues(headerFields(httpOptions.headers ?? {}, "headers"), "fetch");
  const client = fetch ? fetchClient(fetch) : ownFetchClient(httpOptions.baseUrl);
  return new HttpTransport(httpOptions, client);
}
