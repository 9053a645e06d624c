import { TransportError } from "../../lib/kubernetes/errors.ts";
import type {
  Transport,
  TransportHeaders,
  TransportRequest,
  TransportResponse,
} from "../../lib/protocol/transport.ts";
import { ByteStream } from "./byte_stream.ts";
import type { Connections } from "./connections.ts";

/** The way into a server in the same process: as one user, or as whoever the requests say. */
export class MemoryTransport implements Transport {
  readonly #connections: Connections;
  readonly #user: string | undefined;
  #isClosed = false;

  constructor(connections: Connections, user: string | undefined) {
    this.#connections = connections;
    this.#user = user;
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const { method, path, headers = {}, body = "", signal } = request;
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TransportError(`Cannot ${method} ${path}: the transport is closed`);
    const user = this.#user;
    const answer = await this.#connections.exchange(
      {
        method,
        path,
        headers: { get: (name) => headerValue(headers, name) },
        body: typeof body === "string" ? body : new TextDecoder().decode(body),
        login: user === undefined ? { authorization: headerValue(headers, "authorization") } : { name: user },
      },
      { signal },
    );
    return {
      status: answer.status,
      headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
      body: answer.body instanceof ByteStream ? answer.body : wholeBody(answer.body, signal),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#connections.drop(new TransportError("Cannot go on reading: the transport was closed"));
  }
}

async function* wholeBody(text: string, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
  signal?.throwIfAborted();
  if (text !== "") yield new TextEncoder().encode(text);
}

function headerValue(headers: TransportHeaders, name: string): string | null {
  const wanted = name.toLowerCase();
  const values = Object.entries(headers).flatMap(([key, value]) =>
    key.toLowerCase() === wanted ? value : [],
  );
  return values.length > 0 ? values.join(", ") : null;
}
