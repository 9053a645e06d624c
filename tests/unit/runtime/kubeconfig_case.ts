import { isAbsolute, resolve } from "node:path";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import type { Host } from "../../../runtime/host.ts";
import { type Kubeconfig, parseKubeconfig } from "../../../runtime/kubeconfig.ts";
import type { RunCommand } from "../../../runtime/run_command.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

/** Parses `text` as the file `/etc/kube/<name>`. */
export function parse(text: string, name = "config"): Kubeconfig {
  return parseKubeconfig(text, {
    name,
    resolvePath: (path) => (isAbsolute(path) ? path : resolve("/etc/kube", path)),
  });
}

/** What `action` throws or rejects with; fails where it is no InvalidInputError. */
export async function invalidInput(action: () => unknown): Promise<InvalidInputError> {
  try {
    await action();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error("Cannot find an error: nothing was thrown");
}

/** A readFile that knows these files only. */
export function files(contents: Readonly<Record<string, string>>): (path: string) => Promise<string> {
  return async (path) => {
    const text = contents[path];
    if (text === undefined) throw Object.assign(new Error(`ENOENT: open '${path}'`), { code: "ENOENT" });
    return text;
  };
}

/** A host with these files only, no environment, and no command unless one is given. */
export function fakeHost({
  contents = {},
  ...given
}: { contents?: Readonly<Record<string, string>> } & Partial<Host>): Host {
  return {
    env: {},
    home: "/home/me",
    readFile: files(contents),
    runCommand: noCommand,
    clock: new FakeClock(),
    wallTime: () => 0,
    ...given,
  };
}

const noCommand: RunCommand = () => Promise.reject(new Error("nothing may be run"));
