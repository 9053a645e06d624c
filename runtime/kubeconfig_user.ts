import type { Credentials } from "../lib/protocol/transport.ts";
import type { Clock } from "../lib/support/clock.ts";
import { bearerToken, renewedTokenCredentials, staticTokenCredentials } from "./bearer_token.ts";
import type { ConnectionTls } from "./connection.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { type ReadFile, readEntryFile, readPem } from "./kubeconfig_file_fields.ts";
import type { UserFields } from "./kubeconfig_schema.ts";

type User = Entry<UserFields>;

/** Refused, not ignored: without them one would be somebody else than the kubeconfig says. */
const UNSUPPORTED = ["exec", "auth-provider", "as", "as-uid", "as-groups", "as-user-extra"] as const;

/**
 * What a user entry proves itself with: a client certificate, and a token or a password.
 *
 * @throws {InvalidInputError} that names the field at fault
 */
export async function readUser(
  entry: User,
  { readFile, clock }: { readFile: ReadFile; clock: Clock },
): Promise<{ tls: ConnectionTls; credentials?: Credentials }> {
  for (const field of UNSUPPORTED) {
    if (isSet(entry.fields[field])) throw entryError(entry, { field, problem: "is not supported yet" });
  }
  const tls = await clientCertificate(entry, readFile);
  const credentials = (await tokenCredentials(entry, { readFile, clock })) ?? basicCredentials(entry);
  return { tls, ...(credentials && { credentials }) };
}

function isSet(value: unknown): boolean {
  return typeof value === "object" && value !== null ? Object.keys(value).length > 0 : Boolean(value);
}

async function clientCertificate(entry: User, readFile: ReadFile): Promise<ConnectionTls> {
  const cert = await readPem(entry, { field: "client-certificate", readFile });
  const key = await readPem(entry, { field: "client-key", readFile });
  if (cert !== undefined && key !== undefined) return { cert, key };
  if (cert === undefined && key === undefined) return {};
  const [present, missing] = cert ? ["certificate", "key"] : ["key", "certificate"];
  throw entryError(entry, { field: `client-${missing}`, problem: `is missing beside client-${present}` });
}

async function tokenCredentials(
  entry: User,
  { readFile, clock }: { readFile: ReadFile; clock: Clock },
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

function base64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)));
}
