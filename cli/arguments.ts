import { parseArgs } from "node:util";

/** What the command line asks for. */
export type Command =
  | { readonly name: "help" }
  | { readonly name: "version" }
  | {
      readonly name: "serve";
      readonly port: number;
      readonly host: string;
      /** The kubeconfig to write; by default one in the folder for temporary files. */
      readonly kubeconfig: string | undefined;
    };

/** A command line that means nothing. Its message is for the user. */
export class UsageError extends Error {}

export const HELP = `Usage: kdw serve [options]

Serves an embedded Kubernetes API server over HTTP, empty but for the namespaces that every cluster has. It answers like
kube-apiserver, keeps everything in memory, asks nobody who they are, and ends with SIGINT or SIGTERM.

  --port NUMBER       the port to listen on, 0 for any free one (default: 8080)
  --host ADDRESS      the address to listen on (default: 127.0.0.1, which only this machine reaches)
  --kubeconfig FILE   where to write a kubeconfig for it (default: a temporary file, removed at the end)
  --help              this text
  --version           the version of this program`;

const OPTIONS = {
  port: { type: "string" },
  host: { type: "string" },
  kubeconfig: { type: "string" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;
const DEFAULT_PORT = "8080";
const LOOPBACK = "127.0.0.1";

/**
 * Reads the arguments behind the program's name.
 *
 * @throws {UsageError} for what is no command or no option of it
 */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parsed(args);
  if (values.help) return { name: "help" };
  if (values.version) return { name: "version" };
  const [name, extra] = positionals;
  if (name === undefined) throw new UsageError("Cannot run: no command is given");
  if (name !== "serve") throw new UsageError(`Cannot run ${name}: the only command is serve`);
  if (extra !== undefined) throw new UsageError(`Cannot run serve: it takes no argument such as ${extra}`);
  const { port = DEFAULT_PORT, host = LOOPBACK, kubeconfig } = values;
  if (kubeconfig === "") throw new UsageError("Cannot run serve: --kubeconfig needs the name of a file");
  if (host === "") throw new UsageError("Cannot run serve: --host needs an address");
  return { name, port: portNumber(port), host, kubeconfig };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const [problem = ""] = (error instanceof Error ? error.message : String(error)).split(". ");
    throw new UsageError(`Cannot run: ${problem}`);
  }
}

function portNumber(text: string): number {
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text);
  throw new UsageError(`Cannot run serve: --port is ${text}, it must be a number from 0 to 65535`);
}
