import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ControlPlane } from "../../fixtures/control_plane.ts";
import { until } from "../../fixtures/control_plane.ts";
import { startTcpRelay, type TcpRelay } from "../../fixtures/tcp_relay.ts";
import { type Carrier, carriers, type TransportCase, type TransportsLeft } from "./transport_case.ts";
import { transportCases } from "./transport_cases.ts";

/** An API server with a way to it for each transport, on which its connections are counted and cut off. */
export class TransportWorld {
  readonly cases: readonly TransportCase[];
  readonly #relays: ReadonlyMap<Carrier, TcpRelay>;
  readonly #server: Server;

  private constructor(cases: readonly TransportCase[], relays: ReadonlyMap<Carrier, TcpRelay>) {
    this.cases = cases;
    this.#relays = relays;
    this.#server = createServer((request, response) => this.#answer(request, response));
  }

  static async start(controlPlane: ControlPlane): Promise<TransportWorld> {
    const relays = new Map<Carrier, TcpRelay>();
    const urls = {} as Record<Carrier, string>;
    for (const carrier of carriers) {
      const relay = await startTcpRelay(controlPlane.server);
      relays.set(carrier, relay);
      urls[carrier] = relay.url;
    }
    const world = new TransportWorld(await transportCases(controlPlane, urls), relays);
    world.#server.listen(0, "127.0.0.1");
    await once(world.#server, "listening");
    return world;
  }

  /** Where programs ask for `/left` and `/cut?<carrier>`. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many connections each transport has left, when those that are about to end have ended; they are cut off then. */
  async left(): Promise<TransportsLeft> {
    const relays = [...this.#relays];
    const none = () => relays.every(([, { openCount }]) => openCount === 0);
    await until(none, { what: "no connection", timeoutMs: 2000 }).catch(() => {});
    const left = Object.fromEntries(relays.map(([carrier, { openCount }]) => [carrier, openCount]));
    for (const [, relay] of relays) relay.cut();
    return left as TransportsLeft;
  }

  async close(): Promise<void> {
    this.#server.close();
    for (const relay of this.#relays.values()) await relay.refuse();
  }

  async #answer({ url = "" }: IncomingMessage, response: ServerResponse): Promise<void> {
    const [path, query = ""] = url.split("?");
    if (path === "/cut") this.#relays.get(decodeURIComponent(query) as Carrier)?.cut();
    const body = path === "/left" ? JSON.stringify(await this.left()) : "";
    response.setHeader("connection", "close").end(body);
  }
}
