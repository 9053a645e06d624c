import { ProtocolError } from "../kubernetes/errors.ts";

const NEWLINE = 0x0a;
const DEFAULT_MAX_FRAME_BYTES = 32 * 1024 * 1024;
const SMALLEST_BUFFER_BYTES = 4096;
/** A buffer that one large frame has grown beyond this is not kept for the small ones after it. */
const LARGEST_IDLE_BUFFER_BYTES = 256 * 1024;

/**
 * Splits the bytes of a watch into frames, one JSON text a line. Chunk borders mean nothing: they may lie inside a
 * frame and inside a UTF-8 character. A newline byte is never part of a character, so whole frames are decoded at
 * once and only the bytes after the last newline are kept. What is kept when the stream ends is no frame.
 *
 * @example
 * ```ts
 * const decoder = new FrameDecoder();
 * decoder.decode(new TextEncoder().encode('{"a":1}\n{"b"')); // ['{"a":1}']
 * decoder.decode(new TextEncoder().encode(":2}\n")); // ['{"b":2}']
 * ```
 */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  // ignoreBOM: every call of decode() is a beginning, and a BOM there belongs to the frame.
  readonly #decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  #buffer = new Uint8Array(0);
  #buffered = 0;

  /** @param options `maxFrameBytes`: the largest frame, by default 32 MiB */
  constructor({ maxFrameBytes = DEFAULT_MAX_FRAME_BYTES }: { maxFrameBytes?: number | undefined } = {}) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Whether the beginning of a frame waits for its end. */
  get midFrame(): boolean {
    return this.#buffered > 0;
  }

  /**
   * The frames that `chunk` completes, without their newlines; empty lines are none.
   *
   * @throws {ProtocolError} for a frame over the limit; the decoder is of no use afterwards
   */
  decode(chunk: Uint8Array): string[] {
    if (this.#buffered + chunk.length > this.#maxFrameBytes) this.#refuseLargeFrames(chunk);
    const end = chunk.lastIndexOf(NEWLINE);
    if (end < 0) {
      this.#append(chunk);
      return [];
    }
    const text = this.#take(chunk.subarray(0, end));
    this.#append(chunk.subarray(end + 1));
    return text.split("\n").filter((line) => line !== "");
  }

  /** The text of what is buffered and `bytes` behind it; the buffer is empty then. */
  #take(bytes: Uint8Array): string {
    if (this.#buffered === 0) return this.#decoder.decode(bytes);
    this.#append(bytes);
    const text = this.#decoder.decode(this.#buffer.subarray(0, this.#buffered));
    this.#buffered = 0;
    if (this.#buffer.length > LARGEST_IDLE_BUFFER_BYTES) this.#buffer = new Uint8Array(0);
    return text;
  }

  /** Copies, since a chunk is the transport's; the buffer doubles, so a frame in small chunks stays linear. */
  #append(bytes: Uint8Array): void {
    const needed = this.#buffered + bytes.length;
    if (needed > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(needed, 2 * this.#buffer.length, SMALLEST_BUFFER_BYTES));
      grown.set(this.#buffer.subarray(0, this.#buffered));
      this.#buffer = grown;
    }
    this.#buffer.set(bytes, this.#buffered);
    this.#buffered = needed;
  }

  #refuseLargeFrames(chunk: Uint8Array): void {
    let frameBytes = this.#buffered;
    for (let start = 0; start <= chunk.length; ) {
      const newline = chunk.indexOf(NEWLINE, start);
      const end = newline < 0 ? chunk.length : newline;
      frameBytes += end - start;
      if (frameBytes > this.#maxFrameBytes) {
        throw new ProtocolError(
          `Cannot decode the watch: a frame is over the limit of ${this.#maxFrameBytes} bytes`,
        );
      }
      frameBytes = 0;
      start = end + 1;
    }
  }
}
