import type { Transport, TransportRequest, TransportResponse } from "../../lib/protocol/transport.ts";
import { readFaultRequest } from "../../transports/faults/fault_request.ts";
import { streamOf } from "./catalogue.ts";

/** A watch connection, from its request to the end of its body. */
export interface OpenStream {
  /** As `streamOf` names it. */
  readonly stream: string;
  readonly signal: AbortSignal | undefined;
}

/** Who is told of each request and of each answer. */
export interface TransportObserver {
  /** False: it is not answered any more. */
  requested(line: string): boolean;
  answered(line: string, answer: { stream: string; status: number }): void;
}

/** Sees all that goes over a transport. */
export class ObservedTransport implements Transport {
  readonly #transport: Transport;
  readonly #observer: TransportObserver;
  readonly #open = new Set<OpenStream>();

  constructor(transport: Transport, observer: TransportObserver) {
    this.#transport = transport;
    this.#observer = observer;
  }

  /** The watch connections that nobody has given up. */
  get openStreams(): readonly OpenStream[] {
    return [...this.#open].filter(({ signal }) => !signal?.aborted);
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const { method, path, signal, stream: isStream } = request;
    const { resource, namespace, query } = readFaultRequest(request);
    const selector = query.get("fieldSelector") ?? query.get("labelSelector") ?? "";
    const stream = streamOf(resource, { namespace, selector });
    const line = `${method} ${path}`;
    if (!this.#observer.requested(line)) return new Promise(() => {});
    const open: OpenStream | undefined = isStream ? { stream, signal } : undefined;
    if (open) this.#open.add(open);
    const over = () => {
      if (open) this.#open.delete(open);
    };
    try {
      const { status, headers, body } = await this.#transport.request(request);
      this.#observer.answered(line, { stream, status });
      return { status, headers, body: observed(body, over) };
    } catch (error) {
      this.#observer.answered(line, { stream, status: 0 });
      over();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#transport.close();
  }
}

/** The same body; `onOver` is called when it has ended in any way or its reader has left it. */
function observed(body: AsyncIterable<Uint8Array>, onOver: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await chunks.next();
            if (result.done) onOver();
            return result;
          } catch (error) {
            onOver();
            throw error;
          }
        },
        async return() {
          onOver();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
