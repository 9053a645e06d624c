import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A JavaScript runtime on this machine. */
export interface Runtime {
  /** As on the command line: `node22`, `deno`. */
  readonly name: string;
  /** As in tables. */
  readonly title: string;
  /** What runs a module: the binary, and the arguments before the path of the module. */
  readonly command: readonly [string, ...string[]];
  /** What `TESTS_INSIDE` is, followed by the version. */
  readonly inside: "node" | "deno" | "bun";
}

/** Why a runtime cannot run. */
export const notInstalled = "it is not installed: run tests/runtimes/install.sh";

/** All that tests run inside of: the present Node and those in this folder. */
export const runtimes: readonly Runtime[] = [
  { name: "node", title: "Node", inside: "node", command: [process.execPath] },
  { name: "node22", title: "Node", inside: "node", command: [installed("node22/bin/node")] },
  { name: "node24", title: "Node", inside: "node", command: [installed("node24/bin/node")] },
  { name: "node26", title: "Node", inside: "node", command: [installed("node26/bin/node")] },
  { name: "deno", title: "Deno", inside: "deno", command: [installed("deno/deno"), "run", "-A"] },
  // Without --bun it would obey the first line of a program that names node.
  { name: "bun", title: "Bun", inside: "bun", command: [installed("bun/bin/bun"), "--bun"] },
];

/** The binary of workerd, which runs workers only, no tests. */
export const workerd: string = installed("workerd/bin/workerd");

export function isInstalled({ command: [binary] }: Runtime): boolean {
  return existsSync(binary);
}

/** Asks a runtime for its version, such as `22.23.3`. */
export async function versionOf({ command: [binary] }: Runtime): Promise<string> {
  const { stdout } = await promisify(execFile)(binary, ["--version"]);
  const [version] = /\d+\.\d+\.\d+/.exec(stdout) ?? [];
  if (version === undefined) throw new Error(`Cannot tell the version of ${binary}: it says ${stdout}`);
  return version;
}

function installed(path: string): string {
  return fileURLToPath(new URL(`node_modules/${path}`, import.meta.url));
}
