import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:tls";
import { openChromium } from "./chromium.ts";
import { bundle } from "./run_worker.ts";
import type { TransportCase } from "./transport_case.ts";
import { inChromium } from "./transport_page.ts";
import type { TransportRun } from "./transport_probe.ts";
import type { WebOutcome } from "./transport_web.ts";
import type { TransportWorld } from "./transport_world.ts";

/** Runs the cases in a page of Chromium, which is told to trust the API server. */
export async function probeTransportsInChromium(world: TransportWorld): Promise<TransportRun> {
  const [{ baseUrl }] = world.cases as [TransportCase];
  // Of an origin: the API server refuses a handshake from a page that has none.
  const page = await openChromium({ url: `${world.url}/`, trustedKeys: [await publicKeyHash(baseUrl)] });
  try {
    const program = `import { pageOutcome } from "./transport_page.ts"; Object.assign(globalThis, { pageOutcome });`;
    await page.evaluate(await bundle(program, "iife"));
    const args = [world.cases, world.url].map((arg) => JSON.stringify(arg));
    const seen = (await page.evaluate(`pageOutcome(${args})`)) as WebOutcome;
    return { runtime: `Chromium ${page.version}`, prober: inChromium, ...seen };
  } finally {
    await page.close();
  }
}

/** Of the public key of a server, in the form that Chromium takes. */
async function publicKeyHash(url: string): Promise<string> {
  const { hostname: host, port } = new URL(url);
  const socket = connect({ host, port: Number(port), rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const key = socket.getPeerX509Certificate()?.publicKey.export({ type: "spki", format: "der" }) ?? "";
  socket.destroy();
  return createHash("sha256").update(key).digest("base64");
}
