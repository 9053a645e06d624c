import { renewedCertificateLogin, staticCertificateLogin } from "./client_certificate.ts";
import type { ClientCertificate, Login } from "./connection.ts";
import type { Host } from "./host.ts";
import { problemOfKeyPair } from "./key_pair.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { readPem } from "./kubeconfig_file_fields.ts";
import type { UserFields } from "./kubeconfig_schema.ts";

/**
 * The client certificate of a user entry; undefined where it has none. What comes from files is read again.
 *
 * @throws {InvalidInputError} that names the field at fault
 */
export async function certificateLogin(
  entry: Entry<UserFields>,
  { readFile, clock }: Pick<Host, "readFile" | "clock">,
): Promise<Login | undefined> {
  const cert = givenField(entry, "client-certificate");
  const key = givenField(entry, "client-key");
  if (!cert && !key) return undefined;
  if (!cert || !key) {
    const [present, missing] = cert ? ["certificate", "key"] : ["key", "certificate"];
    throw entryError(entry, { field: `client-${missing}`, problem: `is missing beside client-${present}` });
  }

  async function read(): Promise<ClientCertificate> {
    const pair = {
      cert: (await readPem(entry, { field: "client-certificate", readFile })) ?? "",
      key: (await readPem(entry, { field: "client-key", readFile })) ?? "",
    };
    const wrong = problemOfKeyPair(pair);
    if (!wrong) return pair;
    const field = wrong.part === "key" ? key : cert;
    throw entryError(entry, { field: field ?? "client-key", problem: wrong.problem });
  }

  const fromFiles = [cert, key].some((field) => !field.endsWith("-data"));
  return fromFiles ? renewedCertificateLogin(read, clock) : staticCertificateLogin(await read());
}

/** The field that counts: `*-data` beats the file. */
function givenField(
  { fields }: Entry<UserFields>,
  field: "client-certificate" | "client-key",
): string | undefined {
  const dataField = `${field}-data` as const;
  if (fields[dataField] !== undefined) return dataField;
  return fields[field] === undefined ? undefined : field;
}
