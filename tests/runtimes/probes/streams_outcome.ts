// What watching more objects than there are streams comes to. It needs nothing but the web's globals.
import { ApiClient, DynamicWatcher, type Transport } from "../../../mod.ts";

/** What came of it. */
export interface StreamsOutcome {
  /** The most streams that were open at once. */
  readonly mostStreams: number;
  /** Whether a stream had to wait for its turn. */
  readonly someWaited: boolean;
  /** The plain requests that got through beside the streams. */
  readonly answered: number;
  /** The changes that were told. */
  readonly told: number;
}

const WATCHER = { version: "v1", kind: "Virtual", name: "me" };
/** What takes longer will never be: no runtime has a connection for it. */
const LIMIT_MS = 10_000;

/** Watches all objects over each transport, asks for something else beside that, and changes each object. */
export async function streamsOutcome(
  transports: readonly Transport[],
  { names }: { names: readonly string[] },
): Promise<StreamsOutcome> {
  const configMaps = names.map((name) => ({ version: "v1", kind: "ConfigMap", namespace: "default", name }));
  let mostStreams = 0;
  let someWaited = false;
  let told = 0;
  let tellAll = () => {};
  const watchers = transports.map((transport) => {
    const watcher = new DynamicWatcher({
      transport,
      startTimeoutMs: LIMIT_MS,
      reconcile(_, { causes }) {
        told += causes.filter(({ type }) => type === "MODIFIED").length;
        if (told === transports.length * names.length) tellAll();
      },
    });
    watcher.addEventListener("stream", ({ state: { state } }) => {
      if (state === "waiting") someWaited = true;
      const open = watchers.reduce((sum, { streamCount }) => sum + streamCount, 0);
      mostStreams = Math.max(mostStreams, open);
    });
    return watcher;
  });
  for (const watcher of watchers) await watcher.start();
  await Promise.all(watchers.map((watcher) => watcher.addOrUpdateWatcher(WATCHER, configMaps)));

  const clients = transports.map((transport) => new ApiClient(transport));
  let answered = 0;
  for (const client of clients) {
    await client.list({ version: "v1", kind: "Namespace" }, { signal: AbortSignal.timeout(LIMIT_MS) });
    answered += 1;
  }
  const allTold = new Promise<void>((resolve, reject) => {
    tellAll = resolve;
    AbortSignal.timeout(LIMIT_MS).onabort = () => reject(new Error(`only ${told} changes were told`));
  });
  for (const configMap of configMaps) await clients[0]?.patch(configMap, { data: { changed: "true" } });
  await allTold;
  for (const watcher of watchers) await watcher.stop();
  for (const transport of transports) await transport.close();
  return { mostStreams, someWaited, answered, told };
}
