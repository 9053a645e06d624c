// What a page of a browser does with the cases. It is bundled, and called there.
import { fetchTransport } from "../../../transports/fetch.ts";
import { websocketTransport } from "../../../transports/websocket.ts";
import type { Prober, TransportCase } from "./transport_case.ts";
import { loginOf, type OpenTransport } from "./transport_outcome.ts";
import { type WebOutcome, webOutcome } from "./transport_web.ts";

/** Chromium, which is told as it starts what server to trust. */
export const inChromium: Prober = { inside: "chromium", hasWebSocket: true };

/** Runs the cases that a page can be asked. @param world the URL of the world's own server */
export function pageOutcome(cases: readonly TransportCase[], world: string): Promise<WebOutcome> {
  return webOutcome(cases, { prober: inChromium, open, ask: (path) => fetch(world + path) });
}

function open({ carrier, baseUrl, token }: TransportCase): OpenTransport {
  const base = fetchTransport({ baseUrl, headers: loginOf(token) });
  return { transport: carrier === "fetchTransport" ? base : websocketTransport({ base }), close() {} };
}
