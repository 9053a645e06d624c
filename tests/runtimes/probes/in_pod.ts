import { spawnSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** Where Kubernetes mounts the service account of a pod. */
export const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** The texts of its files. */
export type ServiceAccount = Readonly<Record<"ca.crt" | "token" | "namespace", string>>;

/** Has a view of the file system of its own, in which it may mount. */
const unshare = ["unshare", "--map-root-user", "--mount"] as const;
const mount = "mount -t tmpfs none /run";

/** Whether a program here can have a service account where a pod has it, unseen by all others. */
export const canBePod: boolean = spawnSync(unshare[0], [...unshare.slice(1), "sh", "-c", mount]).status === 0;

/**
 * A command that runs another one as in a pod, where that is possible.
 *
 * @param options `folder`: for files, which go into the pod's own
 */
export async function inPod(
  command: readonly [string, ...string[]],
  { serviceAccount, folder }: { serviceAccount: ServiceAccount; folder: string },
): Promise<readonly [string, ...string[]]> {
  if (!canBePod) return command;
  const files = join(folder, "serviceaccount");
  await mkdir(files);
  for (const [name, text] of Object.entries(serviceAccount)) await writeFile(join(files, name), text);
  const script = `${mount} && mkdir -p ${SERVICE_ACCOUNT} && cp "$0"/* ${SERVICE_ACCOUNT} && exec "$@"`;
  return [...unshare, "sh", "-c", script, files, ...command];
}
