import type { ProbedKind } from "./observe.ts";

/** The transports that are probed. */
export const carriers = [
  "fetchTransport",
  "undiciTransport",
  "websocketTransport, own WebSocket",
  "websocketTransport, undici's WebSocket",
] as const;

export type Carrier = (typeof carriers)[number];

/** How many connections to the API server each has left when all are closed. */
export type TransportsLeft = Readonly<Record<Carrier, number>>;

/** Asks for a path of the world's own server: `/left` and `/cut?<carrier>`. */
export type AskWorld = (path: string) => Promise<Response>;

/** How a client knows the server and logs in, in PEM. */
export interface ProbedTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly serverName?: string;
  readonly insecureSkipVerify?: boolean;
}

/** What is asked of a transport, and what must come of it. Programs inside the runtimes are given it as JSON. */
export interface TransportCase {
  /** As in tables: how it knows the server and logs in. */
  readonly feature: string;
  readonly carrier: Carrier;
  readonly baseUrl: string;
  /** Of what carries streams. */
  readonly tls: ProbedTls;
  /** Of the transport below a WebSocket: it always gets through, so that what comes of the case is the socket's. */
  readonly baseTls: ProbedTls;
  readonly token?: string;
  /** What the user alone may watch, so that a stream of it tells who the server saw. */
  readonly watched: ProbedKind;
  /** What a DynamicWatcher goes through, in place of one stream. */
  readonly watch?: "quiet" | "cut off";
  /** The user, the causes of a DynamicWatcher, or the status or the error in place of that. */
  readonly expected: string;
}

/** What runs the cases. */
export interface Prober {
  readonly inside: "node" | "deno" | "bun" | "workerd" | "chromium";
  readonly hasWebSocket: boolean;
}

/** Why a runtime cannot even be asked; undefined where it can. */
export function whyNot(
  { inside, hasWebSocket }: Prober,
  { carrier, tls }: Pick<TransportCase, "carrier" | "tls">,
): string | undefined {
  const isUndicis = carrier === "undiciTransport" || carrier.endsWith("undici's WebSocket");
  const hasNodesModules = inside !== "workerd" && inside !== "chromium";
  if (isUndicis) return hasNodesModules ? undefined : "undici is made of Node's modules";
  if (carrier.endsWith("own WebSocket") && !hasWebSocket) return "it has no WebSocket";
  if (inside === "chromium" && Object.keys(tls).join() !== "ca") return "a page has no say in TLS";
  const unknown = inside === "deno" ? ["serverName", "insecureSkipVerify"] : [];
  if (inside === "workerd") unknown.push("insecureSkipVerify");
  return unknown.some((name) => name in tls) ? "it has no option for that" : undefined;
}
