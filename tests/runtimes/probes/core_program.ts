// What the core does where there are only the web's globals. It is bundled, and called inside workerd and in a browser.
import { checkpoint } from "../../../lib/checkpoint/mod.ts";
import { ApiClient, DynamicWatcher, type Transport } from "../../../mod.ts";
import { fetchTransport } from "../../../transports/fetch.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { causesOf, countTimers, countUnhandled } from "./observe.ts";

/** What came of a part of the program. */
export interface CoreOutcome {
  readonly name: string;
  readonly outcome: string;
}

const SETTINGS = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };
const WATCHER = { version: "v1", kind: "Virtual", name: "me" };

/**
 * Watches over each transport, and from a checkpoint.
 *
 * @param url of an API server that is reached by the runtime's own fetch
 */
export async function coreOutcomes({ url }: { url?: string }): Promise<CoreOutcome[]> {
  const pending = countTimers();
  const unhandled = countUnhandled();

  const server = memoryApiServer();
  const outcomes = [
    { name: "the embedded server", outcome: await watched(server.transport()) },
    {
      name: "fetch, answered by the embedded server",
      outcome: await watched(
        fetchTransport({ baseUrl: "http://127.0.0.1", fetch: (url, init) => server.fetch(url, init) }),
      ),
    },
    { name: "a checkpoint", outcome: await fromCheckpoint(server.transport()) },
  ];
  if (url !== undefined) {
    outcomes.push({
      name: "fetch over the network",
      outcome: await watched(fetchTransport({ baseUrl: url })),
    });
  }
  const left = `${server.openWatches} watches, ${pending()} timers, ${unhandled()} unhandled rejections`;
  return [...outcomes, { name: "what is left", outcome: left }];
}

async function watched(transport: Transport): Promise<string> {
  const causes = await causesOf(transport, { kind: "ConfigMap", namespace: "default" });
  await transport.close();
  return causes;
}

/** Runs twice from one checkpoint, with a change in between, and tells what each run did. */
async function fromCheckpoint(transport: Transport): Promise<string> {
  const client = new ApiClient(transport);
  const made = await client.create(settings("1"));
  const kept = new Map<string, unknown>();
  const store = {
    get: async (key: string) => kept.get(key),
    set: async (key: string, value: unknown) => void kept.set(key, value),
    delete: async (key: string) => void kept.delete(key),
  };
  async function run(): Promise<string> {
    const watcher = new DynamicWatcher({
      transport,
      checkpoint: checkpoint(store),
      reconcile() {},
    });
    await watcher.start();
    await watcher.addWatcher(WATCHER, SETTINGS);
    const { start, reconciles } = await watcher.runUntilIdle({ timeoutMs: 5_000 });
    return `${start} ${reconciles}`;
  }
  const first = await run();
  const quiet = await run();
  await client.update({ ...made, data: { a: "2" } });
  return [first, quiet, await run()].join(", ");
}

function settings(a: string) {
  const { version, kind, ...metadata } = SETTINGS;
  return { apiVersion: version, kind, metadata, data: { a } };
}
