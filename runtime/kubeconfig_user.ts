import type { Credentials, TransportHeaders } from "../lib/protocol/transport.ts";
import { base64 } from "../transports/http/base64.ts";
import { bearerToken, renewedTokenCredentials, staticTokenCredentials } from "./bearer_token.ts";
import type { Login } from "./connection.ts";
import type { ExecCluster } from "./exec_plugin.ts";
import type { Host } from "./host.ts";
import { certificateLogin } from "./kubeconfig_certificate.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { execLogin, readExecPlugin } from "./kubeconfig_exec.ts";
import { readEntryFile } from "./kubeconfig_file_fields.ts";
import { idTokenLogin } from "./kubeconfig_id_token.ts";
import type { UserFields } from "./kubeconfig_schema.ts";

type User = Entry<UserFields>;

/** What reading a user takes. */
export interface ReadUserOptions {
  readonly host: Host;
  /** Whether the user's plugin may run. */
  readonly exec: boolean;
  /** What a plugin is told when it asks for the cluster. */
  readonly cluster: () => ExecCluster;
}

/**
 * What a user entry proves itself with: a client certificate, and a token or a password; with none of them an exec
 * plugin or an id-token. That is kubectl's order.
 *
 * @throws {InvalidInputError} that names the field at fault
 */
export async function readUser(entry: User, options: ReadUserOptions): Promise<Login> {
  const certificate = await certificateLogin(entry, options.host);
  const credentials = (await tokenCredentials(entry, options.host)) ?? basicCredentials(entry);
  if (certificate) return { ...certificate, ...joined(certificate.credentials, credentials) };
  if (credentials) return { credentials };
  return otherLogin(entry, options);
}

/** Two credentials as one. */
function joined(...all: (Credentials | undefined)[]): Pick<Login, "credentials"> {
  const given = all.filter((credentials) => credentials !== undefined);
  if (given.length === 0) return {};
  return {
    credentials: {
      async headers(options): Promise<TransportHeaders> {
        const headers = await Promise.all(given.map((credentials) => credentials.headers(options)));
        return Object.assign({}, ...headers);
      },
    },
  };
}

function otherLogin(entry: User, { host, exec, cluster }: ReadUserOptions): Login {
  const { exec: plugin, "auth-provider": provider } = entry.fields;
  if (plugin && provider) {
    throw entryError(entry, {
      field: "auth-provider",
      problem: "cannot stand beside exec; remove one of the two",
    });
  }
  if (provider) return idTokenLogin(entry, host);
  if (!plugin) return {};
  if (!exec) {
    throw entryError(entry, {
      field: "exec",
      problem: "would run a command, which the option exec: false forbids",
    });
  }
  return execLogin(entry, { plugin: readExecPlugin(entry, cluster), host });
}

async function tokenCredentials(
  entry: User,
  { readFile, clock }: Pick<Host, "readFile" | "clock">,
): Promise<Credentials | undefined> {
  const { tokenFile, username, password } = entry.fields;
  const field = tokenFile ? "tokenFile" : "token";
  const given = entry.fields[field];
  if (given === undefined) return undefined;
  if (username ?? password) {
    throw entryError(entry, {
      field,
      problem: "cannot stand beside username and password; remove one of the two",
    });
  }
  if (field === "token") return staticTokenCredentials(checkedToken(entry, { field, text: given }));
  return renewedTokenCredentials(
    async () =>
      checkedToken(entry, { field, text: await readEntryFile(entry, { field, path: given, readFile }) }),
    clock,
  );
}

function checkedToken(entry: User, { field, text }: { field: "token" | "tokenFile"; text: string }): string {
  const token = bearerToken(text);
  if (token !== undefined) return token;
  throw entryError(entry, { field, problem: "must hold one token, of printable ASCII without spaces" });
}

function basicCredentials(entry: User): Credentials | undefined {
  const { username, password = "" } = entry.fields;
  if (username === undefined) {
    if (password) throw entryError(entry, { field: "username", problem: "is missing beside password" });
    return undefined;
  }
  if (username.includes(":"))
    throw entryError(entry, { field: "username", problem: "must not hold a colon" });
  const authorization = `Basic ${base64(`${username}:${password}`)}`;
  return { headers: async () => ({ authorization }) };
}
