// Named by its file, because Bun puts a stub of its own in the place of the bare name.
import { buildConnector, Client, Pool } from "undici/index.js";
import type { ProxyServer } from "./proxy_server.ts";
import { type ClientCertificate, secureContext, type TlsOptions } from "./secure_context.ts";
import { proxyConnector, tunnelled } from "./tunnel.ts";

type Connector = buildConnector.connector;

/**
 * The connections to one server: a pool for plain requests, and one of its own for each stream. When the client
 * certificate is renewed, new connections log in with the new one, and what is under way goes on.
 */
export class Connections {
  readonly #origin: string;
  readonly #tls: TlsOptions;
  readonly #proxy: { readonly proxy: ProxyServer; readonly toProxy: Connector } | undefined;
  readonly #closing = new AbortController();
  #certificate: ClientCertificate | undefined;
  #connector: Connector;
  #pool: Pool;

  /** @throws {InvalidInputError} for TLS options that cannot be used */
  constructor(origin: string, { tls, proxy }: { tls: TlsOptions; proxy: ProxyServer | undefined }) {
    this.#origin = origin;
    this.#tls = tls;
    this.#connector = connector(tls);
    this.#proxy = proxy && { proxy, toProxy: proxyConnector(proxy, tls) };
    this.#pool = this.#newPool();
  }

  get pool(): Pool {
    return this.#pool;
  }

  /**
   * A client that ends with its only request. A pool would open another connection for a stream that was aborted, and
   * leave it idle.
   */
  clientOfItsOwn(signal: AbortSignal): Client {
    return new Client(this.#origin, { allowH2: false, connect: this.#route(signal) });
  }

  /**
   * Logs in with `certificate` from now on; nothing happens when it does so already.
   *
   * @throws {InvalidInputError} for one that cannot be read
   */
  renew(certificate: ClientCertificate | undefined): void {
    if (certificate === this.#certificate) return;
    // A connector of its own: a session that is resumed is that of the old certificate.
    this.#connector = connector({ ...this.#tls, ...certificate });
    this.#certificate = certificate;
    const old = this.#pool;
    this.#pool = this.#newPool();
    void old.close();
  }

  async destroy(): Promise<void> {
    this.#closing.abort();
    await this.#pool.destroy();
  }

  #newPool(): Pool {
    return new Pool(this.#origin, { allowH2: false, connect: this.#route(this.#closing.signal) });
  }

  #route(signal: AbortSignal): Connector {
    return this.#proxy ? tunnelled(this.#connector, { ...this.#proxy, signal }) : this.#connector;
  }
}

function connector(tls: TlsOptions): Connector {
  return buildConnector({
    allowH2: false,
    secureContext: secureContext(tls),
    rejectUnauthorized: !tls.insecureSkipVerify,
    ...(tls.serverName !== undefined && { servername: tls.serverName }),
  });
}
