import { readFile } from "node:fs/promises";
import { serve } from "../runtime/serve.ts";
import { memoryApiServer } from "../transports/memory/mod.ts";
import { type Command, HELP, parseCommand, UsageError } from "./arguments.ts";
import { writeKubeconfig } from "./kubeconfig_file.ts";

/** Where a program writes, and what tells it to end. */
export interface Surroundings {
  /** Writes one line for whoever reads the result. */
  out(line: string): void;
  /** Writes one line about what went wrong. */
  error(line: string): void;
  /** Aborts when the program is to end. */
  readonly stopped: AbortSignal;
}

/** Does what the arguments behind the program's name ask for; gives the exit code: 0, 1 for a failure, 2 for misuse. */
export async function run(args: readonly string[], surroundings: Surroundings): Promise<number> {
  try {
    await perform(parseCommand(args), surroundings);
    return 0;
  } catch (error) {
    surroundings.error(error instanceof Error ? error.message : String(error));
    if (!(error instanceof UsageError)) return 1;
    surroundings.error("See kdw --help");
    return 2;
  }
}

async function perform(command: Command, surroundings: Surroundings): Promise<void> {
  switch (command.name) {
    case "help":
      return surroundings.out(HELP);
    case "version":
      return surroundings.out(await ownVersion());
    case "serve":
      return serveUntilStopped(command, surroundings);
  }
}

async function serveUntilStopped(
  { port, host, kubeconfig: path }: Extract<Command, { name: "serve" }>,
  { out, stopped }: Surroundings,
): Promise<void> {
  const listening = await serve(memoryApiServer(), { port, host }).catch((cause) => {
    const problem =
      cause.code === "EADDRINUSE" ? "it is taken; --port 0 takes any that is free" : cause.message;
    throw new Error(`Cannot listen on ${host}, port ${port}: ${problem}`, { cause });
  });
  try {
    const kubeconfig = await writeKubeconfig(listening.url, { path });
    try {
      out(`kubeconfig: ${kubeconfig.path}`);
      out(`ready: ${listening.url}`);
      await aborted(stopped);
    } finally {
      await kubeconfig.remove();
    }
  } finally {
    await listening.close();
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}

/** The version in the package's own package.json, which is above this file's folder, built or not. */
async function ownVersion(): Promise<string> {
  for (const folder of ["../", "../../"]) {
    const text = await readFile(new URL(`${folder}package.json`, import.meta.url), "utf8").catch(() => "");
    if (text !== "") return JSON.parse(text).version;
  }
  throw new Error("Cannot tell the version: the package has no package.json");
}
