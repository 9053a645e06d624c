import { type Connected, type ConnectOptions, connectBy } from "./connect.ts";
import { thisHost } from "./host.ts";
import { overUndici } from "./over_undici.ts";

export type { Connected, ConnectOptions } from "./connect.ts";
export type { Impersonation } from "./impersonation.ts";
export type { KubeconfigChoice } from "./kubeconfig_files.ts";
export { type FetchServer, type ListeningServer, type ServeOptions, serve } from "./serve.ts";

/**
 * Makes a transport to the API server that a kubeconfig describes, for Node. Without options that is what kubectl would
 * take: the files that KUBECONFIG lists, merged, else `~/.kube/config`; and with neither of them the service
 * account of the pod that this runs in. What others renew in files, and what an exec plugin gave until a certain time,
 * is read again while the transport is used.
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
  return connectBy(overUndici, { options, host: thisHost() });
}
