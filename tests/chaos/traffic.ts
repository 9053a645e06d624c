import type { Transport, TransportRequest, TransportResponse } from "../../mod.ts";

/** A transport that counts what becomes of requests, and behind which another one can take over. */
export class Traffic implements Transport {
  #transport: Transport;
  #requests = 0;
  /** Watches that broke off, that ended cleanly, and that the client gave up. */
  readonly streams = { cut: 0, ended: 0, givenUp: 0 };
  readonly #statuses = new Map<number, number>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** How many requests went out, answered or not. */
  get requests(): number {
    return this.#requests;
  }

  /** How many watches are over, however they ended. */
  get interrupted(): number {
    const { cut, ended, givenUp } = this.streams;
    return cut + ended + givenUp;
  }

  /** How many answers had this status. */
  answers(status: number): number {
    return this.#statuses.get(status) ?? 0;
  }

  /** Sends all requests from now on by another transport; those under way go on by the former. */
  replace(transport: Transport): Transport {
    const former = this.#transport;
    this.#transport = transport;
    return former;
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    this.#requests += 1;
    const response = await this.#transport.request(request);
    const { status, body } = response;
    this.#statuses.set(status, this.answers(status) + 1);
    return request.stream && status === 200
      ? { ...response, body: this.#counted(body, request.signal) }
      : response;
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  async *#counted(
    body: AsyncIterable<Uint8Array>,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    let end: keyof Traffic["streams"] = "givenUp";
    try {
      yield* body;
      end = "ended";
    } catch (error) {
      if (!signal?.aborted) end = "cut";
      throw error;
    } finally {
      this.streams[end] += 1;
    }
  }
}
