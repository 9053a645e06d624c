import type { Transport, TransportRequest } from "../../../lib/protocol/transport.ts";
import { settle } from "../../fixtures/fake_clock.ts";

/** A stream that is read, and what came by it so far. */
export class Reading {
  /** What came, chunk by chunk, as Latin-1 text: one character a byte. */
  readonly chunks: string[] = [];
  /** How it stands: still open, over, or what it was rejected with. */
  end: "open" | "over" | { error: unknown } = "open";
  #controller = new AbortController();

  /** Asks for a stream and reads it. */
  static async open(transport: Transport, request: Partial<TransportRequest> = {}): Promise<Reading> {
    const reading = new Reading();
    const { signal } = reading.#controller;
    const path = "/api/v1/pods?watch=1";
    const answer = transport.request({ method: "GET", path, stream: true, signal, ...request });
    reading.#read(answer.then(({ body }) => body));
    await settle();
    return reading;
  }

  get text(): string {
    return this.chunks.join("");
  }

  async abort(reason: unknown): Promise<void> {
    this.#controller.abort(reason);
    await settle();
  }

  async #read(body: Promise<AsyncIterable<Uint8Array>>): Promise<void> {
    try {
      for await (const chunk of await body) this.chunks.push(String.fromCharCode(...chunk));
      this.end = "over";
    } catch (error) {
      this.end = { error };
    }
  }
}
