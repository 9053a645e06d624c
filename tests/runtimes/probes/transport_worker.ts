// What a worker does with the cases. It is bundled, and called inside workerd.
import { type Fetch, fetchTransport } from "../../../transports/fetch.ts";
import { websocketTransport } from "../../../transports/websocket.ts";
import type { Prober, TransportCase } from "./transport_case.ts";
import { loginOf, type OpenTransport } from "./transport_outcome.ts";
import { type WebOutcome, webOutcome } from "./transport_web.ts";

interface Service {
  readonly fetch: Fetch;
}

/** A case with the services that know the server and log in so: a worker's requests have no TLS options of their own. */
export interface WorkerCase extends TransportCase {
  readonly service: string;
  readonly baseService: string;
}

/** The worker's bindings. */
export interface TransportBindings {
  readonly CASES: readonly WorkerCase[];
  /** The world's own server. */
  readonly WORLD: Service;
  /** Those of the cases. */
  readonly [service: string]: unknown;
}

/** workerd, whose WebSocket is one by its fetch. */
export const inWorkerd: Prober = { inside: "workerd", hasWebSocket: true };

/** Runs the cases that a worker can be asked. */
export function workerOutcome(env: TransportBindings): Promise<WebOutcome> {
  const { CASES, WORLD } = env;
  const fetchBy = (name: string): Fetch => {
    const service = env[name] as Service;
    return (url, init) => service.fetch(url, init);
  };
  const over = ({ baseUrl, token }: WorkerCase, name: string) =>
    fetchTransport({ baseUrl, headers: loginOf(token), fetch: fetchBy(name) });

  function open(one: WorkerCase): OpenTransport {
    if (one.carrier === "fetchTransport") return { transport: over(one, one.service), close() {} };
    const socketOptions = { fetch: fetchBy(one.service) };
    const base = over(one, one.baseService);
    return { transport: websocketTransport({ base, socketOptions }), close() {} };
  }
  const ask = (path: string) => WORLD.fetch(`http://127.0.0.1${path}`, {});
  return webOutcome(CASES, { prober: inWorkerd, open, ask });
}
