import { type ChildProcess, spawn } from "node:child_process";

/** What a command is given. */
export interface CommandOptions {
  readonly args: readonly string[];
  /** All of its environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Kills the command. */
  readonly signal: AbortSignal;
}

/** How a command ended. */
export interface CommandResult {
  readonly stdout: string;
  /** Null where a signal ended it. */
  readonly exitCode: number | null;
}

/** Runs a command without stdin; what it writes to stderr goes to that of this process. Rejects where it cannot run. */
export type RunCommand = (command: string, options: CommandOptions) => Promise<CommandResult>;

/** More than credentials can be. */
const LONGEST_OUTPUT = 1024 * 1024;

/** Runs a command as a child process; whoever aborts does not wait until it is gone. */
export const runCommand: RunCommand = (command, { args, env, signal }) =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted();
    // Without the types of its pipes: there is none where this process has no file handles left.
    const child: ChildProcess = spawn(command, args, {
      env: { ...env },
      stdio: ["ignore", "pipe", "inherit"],
      windowsHide: true,
    });
    const decoder = new TextDecoder();
    let stdout = "";

    function end(settle: () => void): void {
      signal.removeEventListener("abort", abort);
      settle();
    }
    function kill(reason: unknown): void {
      child.kill("SIGKILL");
      child.stdout?.destroy(); // a grandchild may hold it open
      end(() => reject(reason));
    }
    const abort = () => kill(signal.reason);

    signal.addEventListener("abort", abort);
    child.once("error", (error) => end(() => reject(error)));
    child.once("close", (exitCode) => end(() => resolve({ stdout, exitCode })));
    child.stdout?.on("data", (chunk: Uint8Array) => {
      stdout += decoder.decode(chunk, { stream: true });
      if (stdout.length > LONGEST_OUTPUT)
        kill(Object.assign(new Error("the command wrote too much"), { code: "ENOBUFS" }));
    });
  });
