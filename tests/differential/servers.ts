import type { Transport } from "../../mod.ts";
import { memoryApiServer } from "../../transports/memory/mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { startControlPlane, until } from "../fixtures/control_plane.ts";
import { DEFINITIONS } from "./definitions.ts";

/** One of the two servers that are compared. */
export interface Subject {
  readonly name: "embedded" | "real";
  readonly transport: Transport;
  /** Whether reads from the cache may be behind what was written: then a sequence waits for it before it reads. */
  readonly lags: boolean;
}

/** The two servers, with the same custom kinds. */
export interface Servers {
  readonly embedded: Subject;
  readonly real: Subject;
  stop(): Promise<void>;
}

const DEFINITIONS_PATH = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Starts both servers. */
export async function startServers(): Promise<Servers> {
  const controlPlane = await startControlPlane();
  const { server, ca, admin } = controlPlane;
  const embeddedServer = memoryApiServer({ historyLimit: 1_000_000 });
  const embedded = { name: "embedded", transport: embeddedServer.transport(), lags: false } as const;
  const real = {
    name: "real",
    transport: undiciTransport({ baseUrl: server, tls: { ca, ...admin } }),
    lags: true,
  } as const;
  for (const { transport } of [embedded, real]) await define(transport);
  // As on the real server, nothing can go back before the definitions.
  embeddedServer.compact();
  return {
    embedded,
    real,
    async stop() {
      await Promise.all([embedded.transport.close(), real.transport.close()]);
      await controlPlane.stop();
    },
  };
}

/** Sends a request and reads the answer to its end. */
export async function exchange(
  transport: Transport,
  request: {
    method: string;
    path: string;
    headers?: Readonly<Record<string, string>>;
    body?: string;
    stream?: boolean;
  },
): Promise<{ status: number; header(name: string): string | null; text: string }> {
  const { status, headers, body } = await transport.request(request);
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  return { status, header: (name) => headers.get(name), text };
}

async function define(transport: Transport): Promise<void> {
  for (const definition of DEFINITIONS) {
    const { group, names, versions } = definition.spec;
    await must(transport, "POST", DEFINITIONS_PATH, definition);
    const path = `/apis/${group}/${versions[0].name}/${names.plural}`;
    await until(async () => (await exchange(transport, { method: "GET", path })).status === 200, {
      what: `${names.plural} to be served`,
    });
  }
}

/** Sends a request that has to succeed. */
export async function must(transport: Transport, method: string, path: string, body: object): Promise<void> {
  const headers = { "content-type": "application/json" };
  const { status, text } = await exchange(transport, { method, path, headers, body: JSON.stringify(body) });
  if (status > 299) throw new Error(`Cannot ${method} ${path}: ${status} ${text}`);
}
