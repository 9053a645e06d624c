import { readFile } from "node:fs/promises";
import { delimiter, dirname, join, resolve } from "node:path";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import { errorCode } from "./error_code.ts";
import type { Host } from "./host.ts";
import { type Kubeconfig, mergeKubeconfigs, parseKubeconfig } from "./kubeconfig.ts";

/** Which kubeconfig to take; without any the environment decides. */
export interface KubeconfigChoice {
  /** The path of one file. */
  readonly kubeconfig?: string | undefined;
  /** The text itself; relative paths in it are relative to the working directory. */
  readonly kubeconfigText?: string | undefined;
}

/**
 * The kubeconfig that is chosen, else the files of the KUBECONFIG list merged, else `~/.kube/config`; undefined where
 * there is none. A file of the list may be missing, but not all of them.
 *
 * @throws {InvalidInputError} when a file cannot be read, or what it holds is invalid
 */
export async function loadKubeconfig(
  { kubeconfig, kubeconfigText }: KubeconfigChoice,
  host: Pick<Host, "env" | "home">,
): Promise<Kubeconfig | undefined> {
  if (kubeconfigText !== undefined) {
    if (kubeconfig === undefined)
      return parseKubeconfig(kubeconfigText, { name: "text", resolvePath: (path) => resolve(path) });
    throw new InvalidInputError(
      "kubeconfigText",
      "Cannot connect: give kubeconfig or kubeconfigText, not both",
    );
  }
  if (kubeconfig !== undefined) return loadAll([kubeconfig], "kubeconfig");
  const listed = (host.env.KUBECONFIG ?? "").split(delimiter).filter(Boolean);
  if (listed.length > 0) return loadAll(listed, "KUBECONFIG");
  return loadFile(join(host.home, ".kube", "config"));
}

async function loadAll(paths: readonly string[], field: "kubeconfig" | "KUBECONFIG"): Promise<Kubeconfig> {
  const found = (await Promise.all(paths.map(loadFile))).filter((config) => config !== undefined);
  if (found.length > 0) return mergeKubeconfigs(found);
  throw new InvalidInputError(field, `Cannot read kubeconfig ${paths.join(", ")}: there is no such file`);
}

/** Undefined where there is no such file. */
async function loadFile(path: string): Promise<Kubeconfig | undefined> {
  const file = resolve(path);
  const text = await readFile(file, "utf8").catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === "ENOENT" || cause.code === "ENOTDIR") return undefined;
    throw new InvalidInputError("kubeconfig", `Cannot read kubeconfig ${file}: ${errorCode(cause)}`, {
      cause,
    });
  });
  if (text === undefined) return undefined;
  return parseKubeconfig(text, { name: file, resolvePath: (relative) => resolve(dirname(file), relative) });
}
