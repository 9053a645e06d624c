import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";

/** How a kubeconfig begins that this program wrote, and may so write again. */
const MARK = "# Written by kdw serve\n";
const NAME = "kdw";

/** A kubeconfig on the disk. */
export interface KubeconfigFile {
  readonly path: string;
  /** Takes it away again, where nobody asked for it by name. */
  remove(): Promise<void>;
}

/**
 * Writes a kubeconfig for a server without credentials: to `path`, or to a folder of its own for temporary files.
 *
 * @throws {Error} where `path` is a file that this program did not write
 */
export async function writeKubeconfig(
  server: string,
  { path }: { path: string | undefined },
): Promise<KubeconfigFile> {
  const text = MARK + formatKubeconfig(server);
  if (path !== undefined) {
    const file = resolve(path);
    await checkOwn(file);
    await writeFile(file, text, { mode: 0o600 });
    return { path: file, remove: async () => {} };
  }
  const folder = await mkdtemp(join(tmpdir(), "kdw-"));
  const file = join(folder, "kubeconfig");
  await writeFile(file, text, { mode: 0o600 });
  return { path: file, remove: () => rm(folder, { recursive: true, force: true }) };
}

function formatKubeconfig(server: string): string {
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    // There is no TLS to verify, but without this @kubernetes/client-node refuses plain HTTP.
    clusters: [{ name: NAME, cluster: { server, "insecure-skip-tls-verify": true } }],
    users: [{ name: NAME, user: {} }],
    contexts: [{ name: NAME, context: { cluster: NAME, user: NAME, namespace: "default" } }],
    "current-context": NAME,
  });
}

/** A kubeconfig that leads to real clusters must not be lost. */
async function checkOwn(path: string): Promise<void> {
  const text = await readFile(path, "utf8").catch((error) => {
    if (error.code === "ENOENT") return MARK;
    throw error;
  });
  if (text.startsWith(MARK)) return;
  throw new Error(`Cannot write ${path}: it is there already, and not by this program; name another file`);
}
