import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import process from "node:process";
import { type Clock, epochMs, systemClock } from "../lib/support/clock.ts";
import { type RunCommand, runCommand } from "./run_command.ts";

/** Gives the text of a file, or rejects. */
export type ReadFile = (path: string) => Promise<string>;

/** What connect() takes from the machine and the runtime. Node, Deno and Bun all have it under Node's names. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The user's home directory, for which Deno wants a permission: to be read only where it is needed. */
  readonly home: string;
  readonly readFile: ReadFile;
  readonly runCommand: RunCommand;
  readonly clock: Clock;
  /** Milliseconds since 1970: when something expires is said in such. */
  readonly wallTime: () => number;
}

/** The machine that this runs on, as it is now. */
export function thisHost(): Host {
  return {
    env: process.env,
    get home() {
      return homedir();
    },
    readFile: (path) => readFile(path, "utf8"),
    runCommand,
    clock: systemClock,
    wallTime: epochMs,
  };
}
