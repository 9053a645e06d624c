import { type LinkedController, linkedController } from "../../lib/support/abort.ts";
import type { ServerRequest, WrittenAnswer } from "./answer.ts";
import { ByteStream } from "./byte_stream.ts";

/** The connections of one way into the server: they break together. */
export class Connections {
  readonly #handle: (request: ServerRequest) => Promise<WrittenAnswer>;
  readonly #open = new Set<LinkedController>();

  constructor(handle: (request: ServerRequest) => Promise<WrittenAnswer>) {
    this.#handle = handle;
  }

  /** Has a request answered. When the caller aborts, the request, or its body, rejects with that reason. */
  async exchange(
    request: Omit<ServerRequest, "signal">,
    { signal }: { signal: AbortSignal | undefined },
  ): Promise<WrittenAnswer> {
    signal?.throwIfAborted();
    const { connection, release } = this.#connect(signal);
    try {
      const answer = await this.#handle({ ...request, signal: connection.signal });
      if (answer.body instanceof ByteStream) bind(answer.body, { connection, release });
      else release();
      connection.signal.throwIfAborted();
      return answer;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Breaks the connections that are open; their requests and bodies reject with `error`. */
  drop(error: unknown): void {
    for (const connection of [...this.#open]) connection.abort(error);
  }

  /** A connection that breaks when the caller aborts; nothing is left on the caller's signal once it is released. */
  #connect(signal: AbortSignal | undefined): { connection: LinkedController; release: () => void } {
    const connection = linkedController(signal);
    this.#open.add(connection);
    const release = () => {
      connection.unlink();
      this.#open.delete(connection);
    };
    return { connection, release };
  }
}

/** Ties a body that is still being written to its connection. */
function bind(
  body: ByteStream,
  { connection: { signal }, release }: { connection: LinkedController; release: () => void },
): void {
  body.onClose(release);
  const onAbort = () => body.fail(signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
}
