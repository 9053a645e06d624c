// Runs inside a runtime: transport_program.ts URL FILE. Makes the transport of each case in the file, has it do what the case
// asks for with the world at the URL, and prints a line of JSON for each. It waits for the end of its input before it ends.
import { readFile } from "node:fs/promises";
import process from "node:process";
import { Agent, WebSocket as UndiciWebSocket } from "undici/index.js";
import { fetchTransport } from "../../../transports/fetch.ts";
import { undiciTransport } from "../../../transports/undici.ts";
import { websocketTransport } from "../../../transports/websocket.ts";
import type { ProbedTls, TransportCase } from "./transport_case.ts";
import { loginOf, type OpenTransport, type TransportOutcome, transportOutcome } from "./transport_outcome.ts";

interface Runtimes {
  readonly Deno?: { createHttpClient(options: object): { close(): void } };
  readonly Bun?: object;
}

const { Deno, Bun } = globalThis as unknown as Runtimes;
const inside = Deno ? "deno" : Bun ? "bun" : "node";
const prober = { inside, hasWebSocket: globalThis.WebSocket !== undefined } as const;

const [world = "", file = ""] = process.argv.slice(2);
const cases: readonly TransportCase[] = JSON.parse(await readFile(file, "utf8"));
const ask = (path: string) => fetch(world + path);
for (const one of cases) print(await transportOutcome(one, { prober, open: () => open(one), ask }));
for await (const _ of process.stdin);

function open(one: TransportCase): OpenTransport {
  switch (one.carrier) {
    case "fetchTransport":
      return overFetch(one, one.tls);
    case "undiciTransport":
      return { transport: overUndici(one, one.tls), close() {} };
    case "websocketTransport, own WebSocket": {
      const { transport: base, close } = overFetch(one, one.baseTls);
      const { options, end } = tlsMeans(one.tls);
      const transport = websocketTransport({ base, socketOptions: options });
      return {
        transport,
        async close() {
          await close();
          await end();
        },
      };
    }
    case "websocketTransport, undici's WebSocket": {
      const dispatcher = agent(one.tls);
      const base = overUndici(one, one.baseTls);
      const transport = websocketTransport({
        base,
        WebSocket: UndiciWebSocket,
        socketOptions: { dispatcher },
      });
      return { transport, close: () => dispatcher.close() };
    }
  }
}

function overFetch(one: TransportCase, tls: ProbedTls): OpenTransport {
  const { options, end } = tlsMeans(tls);
  const transport = fetchTransport({
    baseUrl: one.baseUrl,
    headers: loginOf(one.token),
    fetch: (url, init) => fetch(url, { ...init, ...options }),
  });
  return { transport, close: end };
}

function overUndici(one: TransportCase, tls: ProbedTls) {
  return undiciTransport({ baseUrl: one.baseUrl, headers: loginOf(one.token), tls });
}

/** What the runtime's own fetch and WebSocket are told of TLS. */
function tlsMeans(tls: ProbedTls): { options: Record<string, unknown>; end(): Promise<void> | void } {
  if (Deno) {
    const { ca, cert, key } = tls;
    const client = Deno.createHttpClient({ http2: false, ...(ca && { caCerts: [ca] }), cert, key });
    return { options: { client }, end: () => client.close() };
  }
  const { ca, cert, key, serverName, insecureSkipVerify = false } = tls;
  if (Bun) {
    return {
      options: { tls: { ca, cert, key, serverName, rejectUnauthorized: !insecureSkipVerify } },
      end() {},
    };
  }
  const dispatcher = agent(tls);
  return { options: { dispatcher }, end: () => dispatcher.close() };
}

function agent({ ca, cert, key, serverName, insecureSkipVerify = false }: ProbedTls): Agent {
  const connect = { ca, cert, key, servername: serverName, rejectUnauthorized: !insecureSkipVerify };
  return new Agent({ connect, bodyTimeout: 0, headersTimeout: 0, allowH2: false });
}

function print(line: TransportOutcome): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
