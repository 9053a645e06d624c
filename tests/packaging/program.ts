import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";

/** A program that runs until it is told to end. */
export class Program {
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;
  readonly #printed: string[] = [];

  constructor(
    [file, ...args]: readonly [string, ...string[]],
    { cwd, env }: { cwd: string; env?: Record<string, string> },
  ) {
    this.#child = spawn(file, args, {
      ...{ cwd, env: { ...process.env, ...env } },
      stdio: ["ignore", "pipe", "pipe"],
    });
    this.#ended = once(this.#child, "close");
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.#take(line));
    }
  }

  /** The first line, from now on or before, that matches; fails when the program ends without one. */
  async line(pattern: RegExp): Promise<string> {
    for (;;) {
      const found = this.#printed.find((line) => pattern.test(line));
      if (found !== undefined) return found;
      const ended = this.#ended.then(() => "ended" as const);
      if ((await Promise.race([this.#more(), ended])) === "ended") {
        throw new Error(`Cannot find ${pattern} in what it printed:\n${this.#printed.join("\n")}`);
      }
    }
  }

  /** Everything that it printed so far. */
  get printed(): string {
    return this.#printed.join("\n");
  }

  /** Sends it a signal; gives its exit code and the signal that killed it, once it has ended. */
  async end(signal: NodeJS.Signals): Promise<readonly [code: number | null, signal: string | null]> {
    this.#child.kill(signal);
    await this.#ended;
    return [this.#child.exitCode, this.#child.signalCode];
  }

  #wake = (): void => {};

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #take(line: string): void {
    this.#printed.push(line);
    this.#wake();
  }
}
