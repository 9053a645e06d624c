import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { UndiciTransportOptions } from "../../transports/undici.ts";

export type ServerKind = "real" | "embedded";

/** How to reach the server. */
export type Connection = Pick<UndiciTransportOptions, "baseUrl" | "tls">;

/** What the other process has done so far. */
export interface Doings {
  readonly writes: number;
  readonly cuts: number;
}

/** The process with the server, the relay and the writer; it ends with this one. */
export class SoakServer {
  readonly connection: Connection;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, connection: Connection) {
    this.#child = child;
    this.connection = connection;
  }

  /** Starts it; nothing is written yet. */
  static async start(kind: ServerKind): Promise<SoakServer> {
    const child = fork(fileURLToPath(new URL("./server_process.ts", import.meta.url)), [kind]);
    const [connection] = await once(child, "message");
    return new SoakServer(child, connection);
  }

  /** Lets objects be written and connections be cut. */
  resume(): Promise<Doings> {
    return this.#ask("resume");
  }

  /** Resolves when nothing more is written or cut. */
  pause(): Promise<Doings> {
    return this.#ask("pause");
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, "exit");
    this.#child.disconnect();
    await exit;
  }

  async #ask(message: "pause" | "resume"): Promise<Doings> {
    const answer = once(this.#child, "message");
    this.#child.send(message);
    return (await answer)[0];
  }
}
