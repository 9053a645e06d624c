type Reader = { resolve(result: IteratorResult<Uint8Array>): void; reject(error: unknown): void };
type End = { readonly error?: unknown };

/** What the API server fills its buffer with before it sends: many frames at once come cut at this size. */
const BUFFER_BYTES = 2048;

/** A body that is written while it is read: what was sent waits until the reader takes it. */
export class ByteStream implements AsyncIterable<Uint8Array> {
  readonly #chunks: Uint8Array[] = [];
  readonly #onClose: (() => void)[] = [];
  #next = 0;
  #reader: Reader | undefined;
  #end: End | undefined;

  /** Calls `callback` once: at the end, at a failure, or when the reader has gone. */
  onClose(callback: () => void): void {
    if (this.#end) callback();
    else this.#onClose.push(callback);
  }

  /** Sends a chunk; after the end it goes nowhere. */
  send(chunk: Uint8Array): void {
    if (this.#end) return;
    const reader = this.#takeReader();
    if (reader) reader.resolve({ done: false, value: chunk });
    else this.#chunks.push(chunk);
  }

  /** Sends frames that are all ready now: packed, and cut where the buffer is full, in mid-frame or mid-character. */
  sendPacked(frames: readonly Uint8Array[]): void {
    const bytes = concatenated(frames);
    for (let at = 0; at < bytes.length; at += BUFFER_BYTES) this.send(bytes.subarray(at, at + BUFFER_BYTES));
  }

  /** Ends the body cleanly, after what was sent. */
  end(): void {
    this.#close({});
  }

  /** Breaks the body off: what was not yet read is lost. */
  fail(error: unknown): void {
    this.#chunks.length = this.#next = 0;
    this.#close({ error });
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    return {
      next: () => new Promise((resolve, reject) => this.#read({ resolve, reject })),
      return: async () => {
        this.fail(undefined);
        return { done: true, value: undefined };
      },
    };
  }

  #read(reader: Reader): void {
    const chunk = this.#chunks[this.#next];
    if (chunk) {
      this.#next += 1;
      if (this.#next === this.#chunks.length) this.#chunks.length = this.#next = 0;
      reader.resolve({ done: false, value: chunk });
    } else if (this.#end) settle(reader, this.#end);
    else this.#reader = reader;
  }

  #close(end: End): void {
    if (this.#end) return;
    this.#end = end;
    const reader = this.#takeReader();
    if (reader) settle(reader, end);
    for (const callback of this.#onClose.splice(0)) callback();
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }
}

function settle(reader: Reader, { error }: End): void {
  if (error === undefined) reader.resolve({ done: true, value: undefined });
  else reader.reject(error);
}

function concatenated(chunks: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(chunks.reduce((length, chunk) => length + chunk.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
