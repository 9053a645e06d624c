import type { Clock } from "../lib/support/clock.ts";
import { parseBaseUrl } from "../transports/http/base_url.ts";
import type { Connection } from "./connection.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import { readCluster } from "./kubeconfig_cluster.ts";
import { selectContext } from "./kubeconfig_context.ts";
import { entryError } from "./kubeconfig_entry.ts";
import type { ReadFile } from "./kubeconfig_file_fields.ts";
import { explainRefusal } from "./kubeconfig_refusal.ts";
import { readUser } from "./kubeconfig_user.ts";

/**
 * The connection that a context of a kubeconfig describes: the one asked for, else current-context.
 *
 * @throws {InvalidInputError} that names the file, the entry and the field at fault
 */
export async function kubeconfigConnection(
  config: Kubeconfig,
  { context, readFile, clock }: { context?: string | undefined; readFile: ReadFile; clock: Clock },
): Promise<Connection> {
  const { cluster, user, namespace } = selectContext(config, context);
  const { server, tls } = await readCluster(cluster, readFile);
  const explain = (refusal: unknown) => explainRefusal(refusal, { cluster, user });
  if (user === undefined) return { server, namespace, tls, explain };
  const { tls: clientTls, ...credentials } = await readUser(user, { readFile, clock });
  if ((clientTls.cert || credentials.credentials) && !parseBaseUrl(server).confidential) {
    throw entryError(cluster, {
      field: "server",
      problem: "must begin with https://: credentials over http are for anyone to read",
    });
  }
  return { server, namespace, tls: { ...tls, ...clientTls }, ...credentials, explain };
}
