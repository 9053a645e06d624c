// What the core does where there are only the web's globals. It is bundled, and called inside workerd and in a browser.
import { checkpoint } from "../../../lib/checkpoint/mod.ts";
import { ApiClient, DynamicWatcher, type Transport } from "../../../mod.ts";
import { fetchTransport } from "../../../transports/fetch.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";

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
  let unhandled = 0;
  globalThis.addEventListener("unhandledrejection", () => (unhandled += 1));

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
  const left = `${server.openWatches} watches, ${pending()} timers, ${unhandled} unhandled rejections`;
  return [...outcomes, { name: "what is left", outcome: left }];
}

/** Watches a ConfigMap while it is made, changed and deleted, and tells the causes of the reconciles. */
async function watched(transport: Transport): Promise<string> {
  const client = new ApiClient(transport);
  const seen: string[] = [];
  let more = () => {};
  const watcher = new DynamicWatcher({
    transport,
    reconcile(_, { causes }) {
      seen.push(...causes.map(({ type }) => type));
      more();
    },
  });
  async function until(count: number): Promise<void> {
    while (seen.length < count) {
      await new Promise<void>((resolve) => {
        more = resolve;
      });
    }
  }
  await watcher.start();
  await watcher.addWatcher(WATCHER, SETTINGS);
  const made = await client.create(settings("1"));
  await until(1);
  await client.update({ ...made, data: { a: "2" } });
  await until(2);
  await client.delete(SETTINGS);
  await until(3);
  await watcher.stop();
  await transport.close();
  return seen.join(", ");
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

/** From now on counts the timers that are set and neither cleared nor over. */
function countTimers(): () => number {
  const pending = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  function set(callback: () => void, ms?: number): unknown {
    const timer = setTimeout(() => {
      pending.delete(timer);
      callback();
    }, ms);
    pending.add(timer);
    return timer;
  }
  function clear(timer: ReturnType<typeof setTimeout>): void {
    pending.delete(timer);
    clearTimeout(timer);
  }
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => pending.size;
}
