import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { until } from "../fixtures/control_plane.ts";
import type { Client } from "./describe_client.ts";

/** client-node waits a second before it watches again, and longer each time. */
const LINE_MS = 20_000;
/** How many characters at the end of what a client says of its errors are shown. */
const ERRORS_SHOWN = 1000;

/** A program over a client that runs against a server, and prints what it sees. */
export class ClientProgram {
  readonly #child: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #lines: string[] = [];
  #errors = "";
  #taken = 0;

  /** @param args what comes behind the client's own command */
  constructor(
    { command }: Client,
    { args, kubeconfig, env }: { args: readonly string[]; kubeconfig: string; env?: Record<string, string> },
  ) {
    const [file, ...first] = command;
    this.#child = spawn(file, [...first, ...args], {
      env: { PATH: process.env.PATH, KUBECONFIG: kubeconfig, ...env },
    });
    this.#exited = once(this.#child, "close");
    if (this.#child.stdout) {
      createInterface({ input: this.#child.stdout }).on("line", (line) => this.#lines.push(line));
    }
    this.#child.stderr?.setEncoding("utf8").on("data", (text) => {
      this.#errors += text;
    });
  }

  /** The next lines, in their order, as soon as that many are there. */
  async next(count: number): Promise<string[]> {
    const end = this.#taken + count;
    try {
      await until(() => this.#lines.length >= end, {
        what: `line ${end} of the client`,
        timeoutMs: LINE_MS,
      });
    } catch (cause) {
      const printed = [...this.#lines, this.#errors.slice(-ERRORS_SHOWN)].join("\n");
      throw new Error(`Cannot read ${count} more lines; it printed:\n${printed}`, { cause });
    }
    const lines = this.#lines.slice(this.#taken, end);
    this.#taken = end;
    return lines;
  }

  /** Everything that it prints, once it has ended by itself with success. */
  async output(): Promise<string[]> {
    await this.#exited;
    if (this.#child.exitCode !== 0) throw new Error(`Cannot go on: the client failed\n${this.#errors}`);
    return this.#lines;
  }

  /** Ends it. */
  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}
