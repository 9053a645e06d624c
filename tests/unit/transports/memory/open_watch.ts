import type { Transport } from "../../../../lib/protocol/transport.ts";
import { settle } from "../../../fixtures/fake_clock.ts";
import type { Body } from "./exchange.ts";

/** One frame, as it was sent. */
export interface Frame {
  type: string;
  object: Body;
}

/** A watch that is open, and what came by it so far. */
export class OpenWatch {
  /** What came, chunk by chunk. */
  readonly chunks: Uint8Array[] = [];
  /** How it ended, where it did: cleanly, or with an error. */
  end: { error?: unknown } | undefined;
  readonly #controller: AbortController;

  private constructor(controller: AbortController) {
    this.#controller = controller;
  }

  /** Opens a watch and starts to read it. */
  static async open(transport: Transport, path: string): Promise<OpenWatch> {
    const controller = new AbortController();
    const watch = new OpenWatch(controller);
    const { signal } = controller;
    const response = await transport.request({ method: "GET", path, stream: true, signal });
    if (response.status !== 200) throw new Error(`the watch was answered with ${response.status}`);
    watch.#read(response.body);
    await settle();
    return watch;
  }

  /** All that came, as text. */
  get text(): string {
    const decoder = new TextDecoder();
    return this.chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
  }

  /** The frames that came. */
  get frames(): Frame[] {
    return this.text
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  }

  /** The frames that came, in short: `ADDED a`, or `BOOKMARK 7`. */
  get told(): string[] {
    return this.frames.map(
      ({ type, object: { metadata } }) => `${type} ${metadata.name ?? metadata.resourceVersion}`,
    );
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  async #read(body: AsyncIterable<Uint8Array>): Promise<void> {
    try {
      for await (const chunk of body) this.chunks.push(chunk);
      this.end = {};
    } catch (error) {
      this.end = { error };
    }
  }
}
