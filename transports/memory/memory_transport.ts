import { TransportError } from "../../lib/kubernetes/errors.ts";
import type {
  Transport,
  TransportHeaders,
  TransportRequest,
  TransportResponse,
} from "../../lib/protocol/transport.ts";
import type { Answer, ServerRequest } from "./answer.ts";
import { ByteStream } from "./byte_stream.ts";

/** The way into a server in the same process, as one user. */
export class MemoryTransport implements Transport {
  readonly #handle: (request: ServerRequest) => Promise<Answer>;
  readonly #user: string | undefined;
  readonly #connections = new Set<AbortController>();
  #isClosed = false;

  constructor(handle: (request: ServerRequest) => Promise<Answer>, user: string | undefined) {
    this.#handle = handle;
    this.#user = user;
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const { method, path, headers = {}, body = "", signal } = request;
    signal?.throwIfAborted();
    if (this.#isClosed) throw new TransportError(`Cannot ${method} ${path}: the transport is closed`);
    const { connection, release } = this.#connect(signal);
    try {
      const answer = await this.#handle({
        method,
        path,
        headers: { get: (name) => headerValue(headers, name) },
        body: typeof body === "string" ? body : new TextDecoder().decode(body),
        user: this.#user,
        signal: connection.signal,
      });
      if (answer.body instanceof ByteStream) bind(answer.body, { connection, release });
      else release();
      connection.signal.throwIfAborted();
      return {
        status: answer.status,
        headers: { get: (name) => answer.headers[name.toLowerCase()] ?? null },
        body: answer.body instanceof ByteStream ? answer.body : wholeBody(answer.body, signal),
      };
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Breaks the connections that are open; their requests and bodies reject with `error`. */
  drop(error: unknown): void {
    for (const connection of [...this.#connections]) connection.abort(error);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.drop(new TransportError("Cannot go on reading: the transport was closed"));
  }

  /** A connection that breaks when the caller aborts; nothing is left on the caller's signal once it is released. */
  #connect(signal: AbortSignal | undefined): { connection: AbortController; release: () => void } {
    const connection = new AbortController();
    const onAbort = () => connection.abort(signal?.reason);
    signal?.addEventListener("abort", onAbort);
    this.#connections.add(connection);
    const release = () => {
      signal?.removeEventListener("abort", onAbort);
      this.#connections.delete(connection);
    };
    return { connection, release };
  }
}

/** Ties a body that is still being written to its connection. */
function bind(
  body: ByteStream,
  { connection: { signal }, release }: { connection: AbortController; release: () => void },
): void {
  body.onClose(release);
  const onAbort = () => body.fail(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
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
