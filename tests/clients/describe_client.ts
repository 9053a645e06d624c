import { existsSync } from "node:fs";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { describe } from "@std/testing/bdd";

/** A client that is not ours. */
export interface Client {
  readonly name: string;
  /** The program that runs it, with its first arguments. */
  readonly command: readonly [string, ...string[]];
  /** What must be built or installed first. */
  readonly needs: readonly string[];
}

/** The oldest Node that client-node runs on. */
const CLIENT_NODE_MINIMUM = [22, 19] as const;

const goProgram = file("../../.cache/clients/client_go");
const newerNode = file("../runtimes/node_modules/node24/bin/node");
const node = isNodeFrom(CLIENT_NODE_MINIMUM) ? process.execPath : newerNode;

export const clientGo: Client = { name: "client-go", command: [goProgram], needs: [goProgram] };

export const clientNode: Client = {
  name: "@kubernetes/client-node",
  command: [node, file("client_node.mjs")],
  needs: [node, file("node_modules/@kubernetes/client-node")],
};

/** `describe` for tests with a client; they are skipped, with the reason in the name, where it is not built. */
export function describeClient({ name, needs }: Client, define: () => void): void {
  const reason = `no ${name}: run tests/clients/build.sh`;
  if (needs.every((path) => existsSync(path))) describe(name, define);
  else if (process.env.CI === "true") throw new Error(`Cannot run the tests that CI requires: ${reason}`);
  else describe.skip(`${name} (${reason})`, define);
}

function isNodeFrom([major, minor]: readonly [number, number]): boolean {
  const [ownMajor = 0, ownMinor = 0] = process.versions.node.split(".").map(Number);
  return ownMajor > major || (ownMajor === major && ownMinor >= minor);
}

function file(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url));
}
