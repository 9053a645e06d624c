import type { TransportResponse } from "../../mod.ts";
import type { Transcript } from "./transcript.ts";

/** A watch that is open, or the answer to one that was refused. */
export class OpenWatch {
  readonly status: number;
  readonly #response: TransportResponse;
  readonly #transcript: Transcript;
  readonly #controller: AbortController;
  readonly #lines: AsyncIterator<string>;

  constructor(
    response: TransportResponse,
    { transcript, controller }: { transcript: Transcript; controller: AbortController },
  ) {
    this.status = response.status;
    this.#response = response;
    this.#transcript = transcript;
    this.#controller = controller;
    this.#lines = linesOf(response.body);
  }

  header(name: string): string | null {
    return this.#response.headers.get(name);
  }

  /** The next frame, with its newline, as the transcript writes it. Waits for it; the end is an error. */
  async next(): Promise<string> {
    return this.#transcript.write(await this.nextRaw());
  }

  /** The next frame as it came. */
  async nextRaw(): Promise<string> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("Cannot read a frame: the watch has ended");
    return value;
  }

  async take(count: number): Promise<string[]> {
    const frames: string[] = [];
    while (frames.length < count) frames.push(await this.next());
    return frames;
  }

  /** All frames that are left, when the watch has ended; one that breaks off is an error. */
  async rest(): Promise<string[]> {
    const frames: string[] = [];
    for (;;) {
      const { done, value } = await this.#lines.next();
      if (done) return frames;
      frames.push(this.#transcript.write(value));
    }
  }

  close(): void {
    this.#controller.abort();
  }
}

/** The lines of a body with their newlines; a last line without one is given too. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string, undefined> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const lines = text.split(/(?<=\n)/);
    text = text.endsWith("\n") ? "" : (lines.pop() ?? "");
    yield* lines;
  }
  if (text !== "") yield text;
}
