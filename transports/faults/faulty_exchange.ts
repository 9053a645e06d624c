import { TransportError } from "../../lib/kubernetes/errors.ts";
import type { TransportRequest } from "../../lib/protocol/transport.ts";
import { type LinkedController, linkedController } from "../../lib/support/abort.ts";
import type { FaultRequest } from "./fault_request.ts";

/** One request, and the two sides of it: its caller's, and the server's, which may be over before the other. */
export class FaultyExchange {
  /** What is asked of the server: the caller's request, with the signal of this side. */
  readonly request: TransportRequest;
  readonly about: FaultRequest;
  readonly #caller: LinkedController;
  readonly #server: LinkedController;

  constructor(request: TransportRequest, about: FaultRequest) {
    this.#caller = linkedController(request.signal);
    this.#server = linkedController(this.#caller.signal);
    this.request = { ...request, signal: this.#server.signal };
    this.about = about;
  }

  /** Aborts with the caller's signal, or by `fail`. */
  get signal(): AbortSignal {
    return this.#caller.signal;
  }

  /** All that still waits for this exchange rejects with the reason. */
  fail(reason: unknown): void {
    this.#caller.abort(reason);
  }

  /** Frees the connection to the server. The caller does not hear of it. */
  leaveServer(): void {
    this.#server.unlink();
    this.#server.abort(this.error("it was given up"));
  }

  /** The caller waits for nothing more: forgets his signal and frees the connection, if it is not free. */
  end(): void {
    this.#caller.unlink();
    this.leaveServer();
  }

  error(problem: string): TransportError {
    return new TransportError(this.#message(problem));
  }

  /** As it is when the connection fails: with a cause that has the code of the runtime. */
  connectionError(problem: string, { syscall, code }: { syscall: string; code: string }): TransportError {
    const cause = Object.assign(new Error(`${syscall} ${code}`), { code, syscall });
    return new TransportError(this.#message(`${problem} (${code})`), { cause });
  }

  #message(problem: string): string {
    const { method, path } = this.request;
    return `Cannot ${method} ${path.replace(/\?.*/, "")}: ${problem}`;
  }
}
