import { renewedCertificateLogin, staticCertificateLogin } from "./client_certificate.ts";
import type { ClientCertificate, Login } from "./connection.ts";
import type { Host } from "./host.ts";
import { problemOfKeyPair } from "./key_pair.ts";
import { type Entry, entryError } from "./kubeconfig_entry.ts";
import { findPem } from "./kubeconfig_file_fields.ts";
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
  const cert = findPem(entry, "client-certificate");
  const key = findPem(entry, "client-key");
  if (!cert && !key) return undefined;
  if (!cert || !key) {
    const [present, missing] = cert ? ["certificate", "key"] : ["key", "certificate"];
    throw entryError(entry, { field: `client-${missing}`, problem: `is missing beside client-${present}` });
  }

  const read = async (): Promise<ClientCertificate> => {
    const pair = { cert: await cert.read(readFile), key: await key.read(readFile) };
    const wrong = problemOfKeyPair(pair);
    if (!wrong) return pair;
    const { field } = wrong.part === "key" ? key : cert;
    throw entryError(entry, { field, problem: wrong.problem });
  };

  return cert.inFile || key.inFile
    ? renewedCertificateLogin(read, clock)
    : staticCertificateLogin(await read());
}
