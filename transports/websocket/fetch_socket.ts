import type { Fetch } from "../http/fetch_client.ts";
import type { WebSocketLike } from "./options.ts";

/** What a FetchSocket is made with. */
export interface FetchSocketOptions {
  readonly protocols?: readonly string[];
  readonly headers?: Readonly<Record<string, string>>;
  /** By default the global one; that of a service binding has trust and a client certificate of its own. */
  readonly fetch?: Fetch;
}

/** What workerd's fetch answers a handshake with, beside the status. */
interface Upgraded {
  readonly webSocket?: (WebSocketLike & { accept(): void }) | null;
}

/**
 * A WebSocket that shakes hands by workerd's fetch: workerd's own constructor sends no headers, and so no Origin, without
 * which kube-apiserver refuses it.
 */
export class FetchSocket extends EventTarget implements WebSocketLike {
  readonly #handshake = new AbortController();
  #socket: WebSocketLike | undefined;

  constructor(url: string, options: FetchSocketOptions = {}) {
    super();
    this.#connect(url, options).catch((error) => this.#tell("error", { error, message: error.message }));
  }

  close(): void {
    this.#handshake.abort();
    this.#socket?.close();
  }

  async #connect(
    url: string,
    { protocols = [], headers, fetch = globalThis.fetch }: FetchSocketOptions,
  ): Promise<void> {
    const { signal } = this.#handshake;
    const offered = protocols.length > 0 ? { "sec-websocket-protocol": protocols.join(", ") } : {};
    const response = await fetch(url.replace(/^ws/, "http"), {
      headers: { ...headers, ...offered, upgrade: "websocket" },
      redirect: "manual", // else the token would go along
      signal,
    });
    const { webSocket } = response as Upgraded;
    if (!webSocket) {
      await response.body?.cancel();
      throw new Error(`the handshake was answered with status ${response.status}`);
    }
    this.#socket = webSocket;
    for (const type of ["message", "close", "error"]) {
      webSocket.addEventListener(type, (event) => this.#tell(type, fieldsOf(event)));
    }
    this.#tell("open");
    webSocket.accept();
    if (signal.aborted) webSocket.close();
  }

  #tell(type: string, fields: object = {}): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

/** An event cannot be dispatched twice, and not every runtime has the class of each. */
function fieldsOf(event: Event): object {
  const { data, code, error, message } = event as MessageEvent & CloseEvent & ErrorEvent;
  return { data, code, error, message };
}
