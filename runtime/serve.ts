import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";

/** What can be served: the embedded API server is one. */
export interface FetchServer {
  /** Answers one request. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** Options of `serve`. */
export interface ServeOptions {
  /** By default any free one. */
  readonly port?: number;
  /** The address to listen on; by default 127.0.0.1, which only this machine reaches. */
  readonly host?: string;
}

/** A server that listens. */
export interface ListeningServer {
  /** Such as `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Takes no more requests, ends open watches cleanly, and resolves when every connection is closed. */
  close(): Promise<void>;
}

/** How long a client that does not read may hold up the end. */
const CLOSE_GRACE_MS = 1000;
/** As long as the real API server keeps an idle connection. */
const IDLE_TIMEOUT_MS = 90_000;
/** Methods that the web's Request cannot have; the real API server has nothing to do for them either. */
const METHODS_WITHOUT_REQUEST = ["CONNECT", "TRACE", "TRACK"];
const METHODS_WITHOUT_BODY = ["GET", "HEAD"];

/**
 * Serves a `fetch` over plain HTTP: watches are streamed no faster than their client reads, and a client that goes away
 * aborts its request. A request that `fetch` rejects is cut off without an answer. kubectl and client-go send no tokens
 * over plain HTTP: to them, a server that knows users shows itself as to strangers.
 *
 * @throws the error of the socket, such as EADDRINUSE
 *
 * @example
 * ```ts
 * import { serve } from "kubernetes-dependency-watches/node";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const listening = await serve(memoryApiServer());
 * await fetch(`${listening.url}/version`);
 * await listening.close();
 * ```
 */
export async function serve(
  server: FetchServer,
  { port = 0, host = "127.0.0.1" }: ServeOptions = {},
): Promise<ListeningServer> {
  const listener = new Listener(server);
  return listener.listen({ port, host });
}

class Listener {
  readonly #server: FetchServer;
  readonly #http: Server;
  /** One for each exchange that is under way. */
  readonly #open = new Set<AbortController>();
  #closing = false;
  readonly #exchanges = new Set<Promise<void>>();

  constructor(server: FetchServer) {
    this.#server = server;
    this.#http = createServer({ keepAliveTimeout: IDLE_TIMEOUT_MS }, (incoming, outgoing) => {
      const exchange = this.#exchange(incoming, outgoing).finally(() => this.#exchanges.delete(exchange));
      this.#exchanges.add(exchange);
    });
  }

  async listen({ port, host }: { port: number; host: string }): Promise<ListeningServer> {
    this.#http.listen(port, host);
    await once(this.#http, "listening");
    const { address, family, port: ownPort } = this.#http.address() as AddressInfo;
    const url = `http://${family === "IPv6" ? `[${address}]` : address}:${ownPort}`;
    return { url, close: () => this.#close() };
  }

  async #close(): Promise<void> {
    const closed = new Promise((resolve) => this.#http.close(resolve));
    const timer = setTimeout(() => this.#http.closeAllConnections(), CLOSE_GRACE_MS);
    this.#closing = true;
    for (const controller of this.#open) controller.abort();
    await Promise.all(this.#exchanges);
    this.#http.closeAllConnections();
    await closed;
    clearTimeout(timer);
  }

  /** One request and its answer, until the last byte of it is out or the client has gone. */
  async #exchange(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const controller = new AbortController();
    // Awaited from the start: Deno's answers do not tell afterwards that they have been closed.
    const closed = new Promise<void>((resolve) => {
      outgoing.once("close", () => {
        controller.abort();
        resolve();
      });
    });
    this.#open.add(controller);
    try {
      const answer = await this.#answer(incoming, controller.signal);
      await send(answer, outgoing);
    } catch {
      // Nothing can be answered: the client sees a clean end only where the server itself wants one.
      if (this.#closing && outgoing.headersSent) outgoing.end();
      else outgoing.destroy();
    } finally {
      this.#open.delete(controller);
    }
    await closed;
  }

  async #answer(incoming: IncomingMessage, signal: AbortSignal): Promise<Response> {
    const { method = "GET", url = "/", headersDistinct } = incoming;
    if (METHODS_WITHOUT_REQUEST.includes(method)) return new Response(null, { status: 405 });
    const headers = new Headers();
    for (const [name, values] of Object.entries(headersDistinct)) {
      for (const value of values ?? []) headers.append(name, value);
    }
    // The host is of no importance; a path with two slashes in front must not become one.
    const target = url.startsWith("/") ? `http://api-server${url}` : url;
    const body = METHODS_WITHOUT_BODY.includes(method) ? undefined : Readable.toWeb(incoming);
    const init = { method, headers, signal, ...(body && { body, duplex: "half" }) };
    return this.#server.fetch(target, init as RequestInit);
  }
}

/** Sends an answer as fast as the client takes it. */
async function send({ status, headers, body }: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.writeHead(status, Object.fromEntries(headers));
  if (body === null) return void outgoing.end();
  // A watch may have nothing to say for long; its client is to know that it is open.
  outgoing.flushHeaders();
  for await (const chunk of body) {
    if (!outgoing.write(chunk)) await drained(outgoing);
  }
  outgoing.end();
}

/** Waits until there is room again; rejects when the client goes first. */
function drained(outgoing: ServerResponse): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      outgoing.off("drain", settle);
      outgoing.off("close", settle);
      if (outgoing.writableNeedDrain || outgoing.destroyed) reject(new Error("the client has gone"));
      else resolve();
    };
    outgoing.on("drain", settle);
    outgoing.on("close", settle);
  });
}
