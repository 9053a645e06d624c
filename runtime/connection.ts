import type { Credentials } from "../lib/protocol/transport.ts";

/** How the server is known, as a kubeconfig says it. */
export interface ConnectionTls {
  /** Certificates of authorities in PEM. */
  readonly ca?: string;
  /** Checked against the certificate in place of the server's host. */
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
}

/** A client's certificate and its key, both in PEM. */
export interface ClientCertificate {
  readonly cert: string;
  readonly key: string;
}

/** How a client proves who it is. */
export interface Login {
  readonly credentials?: Credentials;
  /** Whether `credentials` have several headers of one name, which no fetch can send. */
  readonly repeatsHeaders?: boolean;
  /** Asked before each request, after `credentials`. It is the same object until the certificate is renewed. */
  readonly clientCertificate?: () => Promise<ClientCertificate | undefined>;
}

/** All that a transport needs to reach an API server, whatever the runtime. */
export interface Connection extends Login {
  readonly server: string;
  readonly namespace: string;
  readonly tls: ConnectionTls;
  /** The URL of the proxy to go through. */
  readonly proxy?: string | undefined;
  /** Turns a transport's refusal of a part of `tls` into an error that says where that part came from. */
  readonly explain?: (refusal: unknown) => unknown;
}
