import type { Socket } from "node:net";
import { rootCertificates } from "node:tls";
import { buildConnector, Client } from "undici/index.js";
import { DependencyWatchError, TransportError } from "../../lib/kubernetes/errors.ts";
import { base64 } from "./base64.ts";
import { authority, type ProxyServer } from "./proxy_server.ts";
import { secureContext, type TlsOptions } from "./secure_context.ts";
import { socksHandshake } from "./socks5.ts";

type Connector = buildConnector.connector;

/** How long a proxy may take until a tunnel is open: as long as undici gives a connection. */
const OPENING_MS = 10_000;

/**
 * A connector that has a proxy open a tunnel, and then does in it what `connect` does. The server alone sees the
 * client certificate and the headers.
 *
 * @param signal ends tunnels that are not open yet
 */
export function tunnelled(
  connect: Connector,
  { toProxy, proxy, signal }: { toProxy: Connector; proxy: ProxyServer; signal: AbortSignal },
): Connector {
  return (options, callback) => {
    const { hostname, protocol } = options;
    const port = Number(options.port) || (protocol === "https:" ? 443 : 80);
    openTunnel(proxy, { hostname, port, connect: toProxy, signal }).then(
      (socket) => {
        if (protocol !== "https:") return callback(null, socket);
        connect({ ...options, httpSocket: socket }, (...outcome) => {
          if (outcome[0]) socket.destroy();
          callback(...outcome);
        });
      },
      (error) => callback(error, null),
    );
  };
}

/**
 * A connector to a proxy itself.
 *
 * @param tls of the API server: whom it trusts is trusted here too, as kubectl does, beside whom Node trusts
 */
export function proxyConnector(
  { protocol }: ProxyServer,
  { ca, insecureSkipVerify = false }: TlsOptions,
): Connector {
  if (protocol !== "https") return buildConnector({ timeout: OPENING_MS });
  const trusted = ca === undefined ? {} : { ca: [...rootCertificates, textOf(ca)].join("\n") };
  return buildConnector({
    allowH2: false,
    timeout: OPENING_MS,
    secureContext: secureContext(trusted),
    rejectUnauthorized: !insecureSkipVerify,
  });
}

interface Destination {
  readonly hostname: string;
  readonly port: number;
  readonly connect: Connector;
  readonly signal: AbortSignal;
}

async function openTunnel(proxy: ProxyServer, destination: Destination): Promise<Socket> {
  try {
    return await (proxy.protocol === "socks5" ? openBySocks : openByConnect)(proxy, destination);
  } catch (error) {
    if (destination.signal.aborted || error instanceof DependencyWatchError) throw error;
    // Wrapped: undici would try again for ever where the name in a certificate is wrong.
    throw new TransportError(`Cannot connect through the proxy ${proxy.name}: it opened no tunnel`, {
      cause: error,
    });
  }
}

async function openByConnect(
  { protocol, hostname, port, name, login }: ProxyServer,
  destination: Destination,
): Promise<Socket> {
  const target = authority(destination);
  const client = new Client(`${protocol}://${authority({ hostname, port })}`, {
    connect: destination.connect,
    headersTimeout: OPENING_MS,
    allowH2: false,
  });
  try {
    const { statusCode, socket } = await client.connect({
      path: target,
      signal: destination.signal,
      headers: {
        host: target,
        ...(login && { "proxy-authorization": `Basic ${base64(`${login.username}:${login.password}`)}` }),
      },
    });
    if (statusCode >= 200 && statusCode < 300) return socket as Socket;
    socket.on("error", () => {}).destroy();
    throw new TransportError(`Cannot connect through the proxy ${name}: it answered ${statusCode}`);
  } finally {
    void client.destroy();
  }
}

async function openBySocks(
  proxy: ProxyServer,
  { connect, signal, ...destination }: Destination,
): Promise<Socket> {
  const { hostname, port } = proxy;
  const socket = await new Promise<Socket>((resolve, reject) => {
    connect({ protocol: "http:", hostname, port: String(port) }, (...[error, socket]) =>
      error ? reject(error) : resolve(socket),
    );
  });
  const giveUp = () => socket.destroy(new Error("the proxy was silent for too long"));
  socket.setTimeout(OPENING_MS, giveUp);
  try {
    await socksHandshake(socket, { proxy, destination, signal });
    socket.setTimeout(0).off("timeout", giveUp);
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

function textOf(pem: string | Uint8Array): string {
  return typeof pem === "string" ? pem : new TextDecoder().decode(pem);
}
