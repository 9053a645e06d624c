import * as v from "valibot";
import { parseBaseUrl } from "../transports/http/base_url.ts";
import { base64 } from "../transports/http/base64.ts";
import type { Connection } from "./connection.ts";
import type { ExecCluster } from "./exec_plugin.ts";
import type { Host } from "./host.ts";
import { type Impersonation, impersonating } from "./impersonation.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { type Cluster, readCluster } from "./kubeconfig_cluster.ts";
import { selectContext } from "./kubeconfig_context.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { readImpersonation } from "./kubeconfig_impersonation.ts";
import { explainRefusal } from "./kubeconfig_refusal.ts";
import type { ClusterFields } from "./kubeconfig_schema.ts";
import { readUser } from "./kubeconfig_user.ts";

/** What to take of a kubeconfig, and what in place of it. */
export interface KubeconfigConnectionOptions {
  /** By default current-context. */
  readonly context?: string | undefined;
  /** Whether the user's plugin may run. */
  readonly exec: boolean;
  /** Goes before the user's `as`. */
  readonly impersonate?: Impersonation | undefined;
  readonly host: Host;
}

/**
 * The connection that a context of a kubeconfig describes.
 *
 * @throws {InvalidInputError} that names the file, the entry and the field at fault
 */
export async function kubeconfigConnection(
  config: Kubeconfig,
  { context, exec, impersonate, host }: KubeconfigConnectionOptions,
): Promise<Connection> {
  const selected = selectContext(config, context);
  const cluster = await readCluster(selected.cluster, host.readFile);
  const login = selected.user
    ? await readUser(selected.user, { host, exec, cluster: () => execCluster(cluster, selected.cluster) })
    : {};
  const other = impersonate ?? (selected.user && readImpersonation(selected.user));
  const connection = {
    ...cluster,
    namespace: selected.namespace,
    explain: (refusal: unknown) => explainRefusal(refusal, selected.cluster),
    ...(other ? impersonating(login, other) : login),
  };
  const { confidential } = parseBaseUrl(cluster.server, { proxied: cluster.proxy !== undefined });
  if (!confidential && (connection.credentials || connection.clientCertificate)) {
    throw entryError(selected.cluster, {
      field: "server",
      problem: "must begin with https://: credentials over http are for anyone to read",
    });
  }
  return connection;
}

function execCluster({ server, tls, proxy }: Cluster, { fields }: Entry<ClusterFields>): ExecCluster {
  return {
    server,
    "tls-server-name": tls.serverName,
    "insecure-skip-tls-verify": tls.insecureSkipVerify,
    "certificate-authority-data": tls.ca && base64(tls.ca),
    "proxy-url": proxy,
    config: execExtension(fields.extensions),
  };
}

/** What a cluster holds for plugins, under the name that is set aside for it. */
function execExtension(extensions: unknown): unknown {
  const named = v.safeParse(v.array(v.object({ name: v.string(), extension: v.unknown() })), extensions);
  if (!named.success) return undefined;
  return named.output.find(({ name }) => name === "client.authentication.k8s.io/exec")?.extension;
}
