import { createPrivateKey, X509Certificate } from "node:crypto";
import type { ClientCertificate } from "./connection.ts";

/** What is wrong with a pair, and with which part of it; undefined where it can be used. */
export function problemOfKeyPair({
  cert,
  key,
}: ClientCertificate): { readonly part: "certificate" | "key"; readonly problem: string } | undefined {
  const certificate = attempt(() => new X509Certificate(cert));
  if (!certificate) return { part: "certificate", problem: "holds no certificate that can be read" };
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey && certificate.checkPrivateKey(privateKey)) return undefined;
  return {
    part: "key",
    problem: "holds no unencrypted private key, or not that of the client certificate",
  };
}

/** Without the error, which may tell of the key. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
