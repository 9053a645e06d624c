import { parseProxy } from "../transports/http/proxy_server.ts";
import type { ConnectionTls } from "./connection.ts";
import type { ReadFile } from "./host.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { findPem } from "./kubeconfig_file_fields.ts";
import type { ClusterFields } from "./kubeconfig_schema.ts";

/** What a cluster entry says. */
export interface Cluster {
  readonly server: string;
  readonly tls: ConnectionTls;
  /** The proxy of `proxy-url`, which goes before those of the environment. */
  readonly proxy?: string;
}

/**
 * The server of a cluster entry, how its certificate is checked and which proxy leads to it.
 *
 * @throws {InvalidInputError} that names the field at fault
 */
export async function readCluster(entry: Entry<ClusterFields>, readFile: ReadFile): Promise<Cluster> {
  const server = checkedServer(entry);
  const ca = await findPem(entry, "certificate-authority")?.read(readFile);
  const insecureSkipVerify = entry.fields["insecure-skip-tls-verify"] === true;
  if (ca !== undefined && insecureSkipVerify) {
    throw entryError(entry, {
      field: "insecure-skip-tls-verify",
      problem: "cannot stand beside a certificate authority; remove one of the two",
    });
  }
  const serverName = entry.fields["tls-server-name"];
  return {
    server,
    tls: {
      ...(ca && { ca }),
      ...(serverName && { serverName }),
      ...(insecureSkipVerify && { insecureSkipVerify }),
    },
    ...checkedProxy(entry),
  };
}

function checkedProxy(entry: Entry<ClusterFields>): Pick<Cluster, "proxy"> {
  const { "proxy-url": proxy } = entry.fields;
  if (proxy === undefined) return {};
  const parsed = parseProxy(proxy);
  if ("problem" in parsed) throw entryError(entry, { field: "proxy-url", problem: parsed.problem });
  return { proxy };
}

function checkedServer(entry: Entry<ClusterFields>): string {
  const { server } = entry.fields;
  const problem = server === undefined ? "is missing" : problemOfServer(server);
  if (server === undefined || problem)
    throw entryError(entry, { field: "server", problem: problem ?? "is missing" });
  return server;
}

function problemOfServer(server: string): string | undefined {
  if (!/^https?:\/\//i.test(server)) return "must begin with https:// or http://";
  if (!URL.canParse(server)) return "is not a URL";
  const { username, password, search, hash } = new URL(server);
  if (username || password) return "must not hold a user or password; put them into the user's fields";
  if (search || hash) return "must not hold a query or a fragment";
  return undefined;
}
