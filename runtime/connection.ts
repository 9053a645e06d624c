import type { Credentials } from "../lib/protocol/transport.ts";
import type * as transport from "../transports/http/secure_context.ts";

/** How the server is known, as a kubeconfig says it. */
export type ConnectionTls = Omit<transport.TlsOptions<string>, "cert" | "key">;

/** A client's certificate and its key, as text: the fetch of Deno takes no bytes. */
export type ClientCertificate = transport.ClientCertificate<string>;

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
