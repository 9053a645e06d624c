import type { MadeSocket } from "./make_socket.ts";

/** What a server closes a watch with at its end, and after an ERROR. */
const NORMAL_CLOSURE = 1000;
/** A socket cannot be told to wait: one that is read so much slower than it sends is given up. */
const MAX_QUEUED_CHARACTERS = 64 * 1024 * 1024;

interface Reader {
  resolve(chunk: Uint8Array | undefined): void;
  reject(error: Error): void;
}

/** A watch over a WebSocket, whose messages are one event each: read as the chunks of a body, a line per event. */
export class WatchSocket {
  /** Resolves once it is open; rejects when the handshake fails, of which a socket does not tell the reason. */
  readonly opened: Promise<void>;
  readonly #made: MadeSocket;
  readonly #encoder = new TextEncoder();
  #queue: string[] = [];
  #queued = 0;
  #reader: Reader | undefined;
  /** How it ended, cleanly where there is no error. */
  #end: { readonly error?: Error } | undefined;

  constructor(made: MadeSocket) {
    this.#made = made;
    const { socket } = made;
    this.opened = new Promise((resolve, reject) => {
      socket.addEventListener("open", () => resolve());
      // Node's fires no "close" after a handshake that failed, and others say 1000 there.
      socket.addEventListener("error", (event) => {
        const error = failure(event);
        reject(error);
        this.#finish({ error });
      });
      socket.addEventListener("close", (event) => {
        const { code } = event as CloseEvent;
        const error = new Error(`the WebSocket was closed with code ${code}`);
        reject(error);
        this.#finish(code === NORMAL_CLOSURE ? {} : { error });
      });
    });
    socket.addEventListener("message", (event) => this.#receive((event as MessageEvent).data));
  }

  /** All that came since the last call; undefined at the end. One call at a time. */
  read(): Promise<Uint8Array | undefined> {
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#answer();
    });
  }

  close(): void {
    this.#made.end();
  }

  #receive(data: unknown): void {
    if (this.#end) return;
    if (typeof data !== "string") {
      this.#giveUp("a message of the WebSocket is no text");
      return;
    }
    const line = data.endsWith("\n") ? data : `${data}\n`;
    this.#queue.push(line);
    this.#queued += line.length;
    this.#answer();
    if (this.#queued > MAX_QUEUED_CHARACTERS) {
      this.#giveUp(`more than ${MAX_QUEUED_CHARACTERS} characters wait to be read`);
    }
  }

  #giveUp(problem: string): void {
    this.#finish({ error: new Error(problem) });
    this.close();
  }

  #finish(end: { readonly error?: Error }): void {
    this.#end ??= end;
    this.#answer();
  }

  /** Gives whoever reads what there is, and the end only after that. */
  #answer(): void {
    if (!this.#reader || (this.#queued === 0 && !this.#end)) return;
    const { resolve, reject } = this.#reader;
    this.#reader = undefined;
    if (this.#queued > 0) resolve(this.#take());
    else if (this.#end?.error) reject(this.#end.error);
    else resolve(undefined);
  }

  #take(): Uint8Array {
    const text = this.#queue.join("");
    this.#queue = [];
    this.#queued = 0;
    return this.#encoder.encode(text);
  }
}

function failure(event: Event): Error {
  const { error, message } = event as ErrorEvent;
  return new Error(`the WebSocket failed${message ? `: ${message}` : ""}`, { cause: error });
}
