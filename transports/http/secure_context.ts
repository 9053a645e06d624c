import { X509Certificate } from "node:crypto";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";
import * as v from "valibot";
import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { optionsSchema } from "./options.ts";

/** How a transport knows the server, and how it proves who it is itself. For Node. PEM may be text or bytes. */
export interface TlsOptions<Pem = string | Uint8Array> {
  /** Certificates in PEM of the authorities to trust, instead of the runtime's. */
  readonly ca?: Pem | undefined;
  /** The client's certificate in PEM, with those between it and its authority. Needs `key`. */
  readonly cert?: Pem | undefined;
  /** The private key of `cert` in PEM, not encrypted. */
  readonly key?: Pem | undefined;
  /** The name that the server's certificate must have, where it is not the base URL's host. Also sent as SNI. */
  readonly serverName?: string | undefined;
  /** Takes any server for the right one. By default false; not together with `ca`. */
  readonly insecureSkipVerify?: boolean | undefined;
}

/** A client's certificate and its key, both in PEM, as text or bytes. */
export interface ClientCertificate<Pem = string | Uint8Array> {
  /** The certificate, and those between it and the CA behind it. */
  readonly cert: Pem;
  /** The private key. */
  readonly key: Pem;
}

const pem = v.optional(v.union([v.string(), v.instance(Uint8Array)], "must be PEM, as text or bytes"));

/** The schema of TlsOptions. */
export const tlsSchema = optionsSchema({
  ca: pem,
  cert: pem,
  key: pem,
  serverName: v.optional(v.pipe(v.string("must be a name"), v.nonEmpty("must not be empty"))),
  insecureSkipVerify: v.optional(v.boolean("must be true or false")),
});

/**
 * Reads certificates and key, once for all connections.
 *
 * @throws {InvalidInputError} for what cannot be read or does not go together; the message quotes none of it
 */
export function secureContext({ ca, cert, key, insecureSkipVerify }: TlsOptions): SecureContext {
  if (ca !== undefined && insecureSkipVerify) {
    throw invalid("tls.insecureSkipVerify", "it would never look at tls.ca; leave out one of them");
  }
  if (cert !== undefined && key === undefined) throw invalid("tls.key", "it is missing beside tls.cert");
  if (key !== undefined && cert === undefined) throw invalid("tls.cert", "it is missing beside tls.key");
  // createSecureContext takes a `ca` without any certificate in it for no authority at all.
  if (ca !== undefined) attempt("tls.ca", () => new X509Certificate(ca), noCertificate);
  if (cert !== undefined) attempt("tls.cert", () => createSecureContext(given({ cert })), noCertificate);
  return attempt(
    "tls.key",
    () => createSecureContext(given({ ca, cert, key })),
    "it is no unencrypted private key in PEM, or not that of tls.cert",
  );
}

const noCertificate = "it holds no certificate in PEM";

/** The options that are there: Node takes none that is undefined, and its types know only Buffers. */
function given(pems: Pick<TlsOptions, "ca" | "cert" | "key">): SecureContextOptions {
  return Object.fromEntries(Object.entries(pems).filter(([, pem]) => pem !== undefined));
}

function attempt<T>(field: string, read: () => T, problem: string): T {
  try {
    return read();
  } catch (cause) {
    throw invalid(field, problem, cause);
  }
}

function invalid(field: string, problem: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(field, `Cannot use ${field}: ${problem}`, { cause });
}
