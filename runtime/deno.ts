import { InvalidInputError } from "../lib/kubernetes/errors.ts";
import type { Transport } from "../lib/protocol/transport.ts";
import { type Connected, type ConnectOptions, connectBy } from "./connect.ts";
import type { Connection } from "./connection.ts";
import { type Host, thisHost } from "./host.ts";
import { type FetchTls, isBeyondFetch, type LoggedInFetch, overFetch } from "./over_fetch.ts";

export type { Connected, ConnectOptions } from "./connect.ts";
export type { Impersonation } from "./impersonation.ts";
export type { KubeconfigChoice } from "./kubeconfig_files.ts";

/** What is used of Deno, so that its types need not be there. */
interface DenoNamespace {
  createHttpClient(options: {
    readonly http2: boolean;
    readonly caCerts?: string[];
    readonly cert?: string;
    readonly key?: string;
  }): { close(): void };
}

/**
 * Makes a transport to the API server that a kubeconfig describes, for Deno: as `connect` of
 * `kubernetes-dependency-watches/node` does it for Node, but over Deno's own fetch with an HTTP client of its own.
 * What that cannot do goes over undici instead: a server name that is not the host's, a server that is not checked,
 * proxies, and several groups to impersonate. Deno trusts its own authorities beside the CA that it is given.
 *
 * @throws {InvalidInputError} whose `field` is the one at fault; no error quotes a secret
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { connect } from "kubernetes-dependency-watches/deno";
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
  const { serverName, insecureSkipVerify = false } = connection.tls;
  if (serverName === undefined && !insecureSkipVerify && !isBeyondFetch(connection, host)) {
    const deno = thisDeno();
    return overFetch(connection, (tls) => fetchWithClient(deno, tls));
  }
  return (await import("./over_undici.ts")).overUndici(connection);
}

function thisDeno(): DenoNamespace {
  const { Deno } = globalThis as unknown as { Deno?: DenoNamespace };
  if (Deno) return Deno;
  throw new InvalidInputError(
    "runtime",
    "Cannot connect: this is not Deno; import connect from kubernetes-dependency-watches/connect",
  );
}

function fetchWithClient(deno: DenoNamespace, { ca, cert, key }: FetchTls): LoggedInFetch {
  const client = deno.createHttpClient({
    http2: false, // else many streams share one connection, and those beyond its limit wait
    ...(ca !== undefined && { caCerts: [ca] }),
    ...(cert !== undefined && key !== undefined && { cert, key }),
  });
  return {
    fetch: (url, init) => fetch(url, { ...init, client } as RequestInit),
    close: () => client.close(),
  };
}
