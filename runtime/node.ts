import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import process from "node:process";
import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { systemClock } from "../lib/support/clock.ts";
import { undiciTransport } from "../transports/undici.ts";
import type { Connection } from "./connection.ts";
import { inClusterConnection } from "./in_cluster.ts";
import { kubeconfigConnection } from "./kubeconfig_connection.ts";
import { type KubeconfigChoice, loadKubeconfig } from "./kubeconfig_files.ts";

export { type FetchServer, type ListeningServer, type ServeOptions, serve } from "./serve.ts";

const OPTIONS = "context, kubeconfig, kubeconfigText";

/** Which cluster to connect to. */
export interface ConnectOptions extends KubeconfigChoice {
  /** The context to use in place of the kubeconfig's current-context. */
  readonly context?: string | undefined;
}

/** A cluster to work with. Nothing has been requested of it yet. */
export interface Connected {
  /** Close it when you are done. */
  readonly transport: Transport;
  /** The context's namespace, or a pod's own; "default" where none is said. */
  readonly namespace: string;
  /** The API server's URL. */
  readonly server: string;
}

/**
 * Makes a transport to the API server that a kubeconfig describes, for Node. Without options that is what kubectl would
 * take: the files that KUBECONFIG lists, merged, else `~/.kube/config`; and with neither of them the service
 * account of the pod that this runs in.
 *
 * @throws {InvalidInputError} whose `field` is the one at fault; no error quotes a secret
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { connect } from "kubernetes-dependency-watches/node";
 *
 * const { transport, namespace } = await connect({ context: "staging" });
 * const dynamicWatcher = new DynamicWatcher({ transport, reconcile(watcher) {} });
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Connected> {
  checkOptions(options);
  const connection = await findConnection(options);
  if (connection === undefined) {
    throw new InvalidInputError(
      "kubeconfig",
      "Cannot connect: there is no ~/.kube/config; pass kubeconfig or set KUBECONFIG",
    );
  }
  const { server, namespace, tls, credentials, explain } = connection;
  try {
    return { transport: undiciTransport({ baseUrl: server, tls, credentials }), namespace, server };
  } catch (error) {
    throw explain?.(error) ?? error;
  }
}

/** Refuses what it does not know: a misspelt option would go unseen, and the default cluster be taken. */
function checkOptions(options: ConnectOptions): void {
  if (typeof options !== "object" || options === null || Array.isArray(options)) {
    throw new InvalidInputError("options", `Cannot connect: the options must be an object of ${OPTIONS}`);
  }
  const { context, kubeconfig, kubeconfigText, ...unknown } = options;
  for (const field of Object.keys(unknown)) {
    throw new InvalidInputError(field, `Cannot connect: there is no option ${field}; there are ${OPTIONS}`);
  }
  for (const [field, value] of Object.entries({ context, kubeconfig, kubeconfigText })) {
    if (value === undefined || typeof value === "string") continue;
    throw new InvalidInputError(field, `Cannot connect: ${field} must be a string`);
  }
}

async function findConnection({ context, ...choice }: ConnectOptions): Promise<Connection | undefined> {
  const { env } = process;
  const files = { readFile: (path: string) => readFile(path, "utf8"), clock: systemClock };
  const config = await loadKubeconfig(choice, { env, home: homedir() });
  if (config) return kubeconfigConnection(config, { context, ...files });
  return context ? undefined : inClusterConnection({ env, ...files });
}
