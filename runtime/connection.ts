import type { Credentials } from "../lib/protocol/transport.ts";

/** TLS as a kubeconfig says it; all texts are PEM. */
export interface ConnectionTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  /** Checked against the certificate in place of the server's host. */
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
}

/** All that a transport needs to reach an API server, whatever the runtime. */
export interface Connection {
  readonly server: string;
  readonly namespace: string;
  readonly tls: ConnectionTls;
  readonly credentials?: Credentials;
  /** Turns a transport's refusal of a part of `tls` into an error that says where that part came from. */
  readonly explain?: (refusal: unknown) => unknown;
}
