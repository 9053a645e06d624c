// The other process of a soak: an API server behind a relay, one who writes, and connections that are cut now and then.
// Whatever grows in it cannot be taken for something that grows in the library.
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { ApiClient } from "../../mod.ts";
import { serve } from "../../runtime/serve.ts";
import { memoryApiServer } from "../../transports/memory/mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { startControlPlane } from "../fixtures/control_plane.ts";
import { Random } from "../fixtures/random.ts";
import { startTcpRelay } from "../fixtures/tcp_relay.ts";
import type { Connection, ServerKind } from "./soak_server.ts";
import { COLOURS, NAMESPACE, SOAK_KINDS, type SoakKind, soakNames } from "./world.ts";

const WRITE_EVERY_MS = 10;
const CUT_EVERY_MS = 7_000;

const random = new Random(1);
const { connection, stop } = await startServer(process.argv[2] as ServerKind);
const relay = await startTcpRelay(connection.baseUrl);
const transport = undiciTransport(connection);
const client = new ApiClient(transport);
await client.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } });
let paused = true;
let writes = 0;
let cuts = 0;
/** The last write, which may be under way. */
let turn = Promise.resolve();

process.on("message", async (message: "pause" | "resume") => {
  paused = message === "pause";
  await turn;
  process.send?.({ writes, cuts });
});
process.once("disconnect", async () => {
  paused = true;
  await turn;
  await transport.close();
  await relay.refuse();
  await stop();
  process.exit();
});

const url = new URL(relay.url);
url.protocol = new URL(connection.baseUrl).protocol;
process.send?.({ ...connection, baseUrl: url.origin });

let cutAt = performance.now() + CUT_EVERY_MS;
while (true) {
  if (!paused) {
    turn = write();
    await turn;
  }
  if (!paused && performance.now() > cutAt) {
    relay.cut();
    cuts += 1;
    cutAt = performance.now() + CUT_EVERY_MS;
  }
  await delay(WRITE_EVERY_MS);
}

async function startServer(kind: ServerKind): Promise<{ connection: Connection; stop: () => Promise<void> }> {
  if (kind === "embedded") {
    const listening = await serve(memoryApiServer());
    return { connection: { baseUrl: listening.url }, stop: () => listening.close() };
  }
  const controlPlane = await startControlPlane();
  const { server, ca, admin } = controlPlane;
  return { connection: { baseUrl: server, tls: { ca, ...admin } }, stop: () => controlPlane.stop() };
}

/** Creates, changes or deletes one object. */
async function write(): Promise<void> {
  const kind: SoakKind = random.pick(SOAK_KINDS);
  const id = { ...kind, namespace: NAMESPACE, name: random.pick(soakNames) };
  const metadata = { labels: { colour: random.pick(COLOURS) }, annotations: { write: String(writes) } };
  writes += 1;
  if (random.chance(0.2)) return void (await client.delete(id));
  await client.patch(id, { metadata }, { type: "merge" }).catch(() => {
    const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
    const { namespace, name } = id;
    return client.create({ apiVersion, kind: kind.kind, metadata: { ...metadata, namespace, name } });
  });
}
