import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { type Connected, type ConnectOptions, connectBy } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { type Host, thisHost } from "./host.ts";
import { type FetchTls, isBeyondFetch, type LoggedInFetch, overFetch } from "./over_fetch.ts";

export type { Connected, ConnectOptions } from "./connect.ts";
export type { Impersonation } from "./impersonation.ts";
export type { KubeconfigChoice } from "./kubeconfig_files.ts";

/** What Bun's fetch takes beside what every fetch takes. */
interface BunRequestInit extends RequestInit {
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly serverName?: string;
    readonly rejectUnauthorized: boolean;
  };
}

/**
 * Makes a transport to the API server that a kubeconfig describes, for Bun: as `connect` of
 * `kubernetes-dependency-watches/node` does it for Node, but over Bun's own fetch, of which 240 streams can be open at
 * once. What that cannot do goes over undici instead: proxies, and several groups to impersonate.
 *
 * @throws {InvalidInputError} whose `field` is the one at fault; no error quotes a secret
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { connect } from "kubernetes-dependency-watches/bun";
 *
 * const { transport, namespace } = await connect({ context: "staging" });
 * const dynamicWatcher = new DynamicWatcher({ transport, reconcile(watcher) {} });
 * ```
 */
export async function connect(options: ConnectOptions = {}): Promise<Connected> {
  const host = thisHost();
  return connectBy((connection) => transportOf(connection, host), { options, host });
}

async function transportOf(connection: Connection, host: Host): Promise<Transport> {
  if (isBeyondFetch(connection, host)) return (await import("./over_undici.ts")).overUndici(connection);
  // Another fetch would pass over `tls`, and log in without the certificate.
  if (!("Bun" in globalThis)) {
    throw new InvalidInputError(
      "runtime",
      "Cannot connect: this is not Bun; import connect from kubernetes-dependency-watches/connect",
    );
  }
  return overFetch(connection, fetchWithTls);
}

function fetchWithTls({ insecureSkipVerify = false, ...rest }: FetchTls): LoggedInFetch {
  const tls = { ...rest, rejectUnauthorized: !insecureSkipVerify };
  return { fetch: (url, init) => fetch(url, { ...init, tls } as BunRequestInit) };
}
