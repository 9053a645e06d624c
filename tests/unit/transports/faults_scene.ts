import type { Clock } from "../../../lib/support/clock.ts";
import { DynamicWatcher, type Frozen, type KubernetesObject, type ObjectIdentifier } from "../../../mod.ts";
import { type FaultHook, type FaultyTransport, withFaults } from "../../../transports/faults.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { readAll } from "../../fixtures/transport_contract/observe.ts";

const WATCHER = { version: "v1", kind: "ConfigMap", namespace: "default", name: "watcher" };
const WATCHED = { version: "v1", kind: "ConfigMap", namespace: "default", selector: "app=x" };
const LIST = "/api/v1/namespaces/default/configmaps?labelSelector=app%3Dx";

/** An API server with the ConfigMaps a, b and c, which is the same each time that it is made. */
export async function startedServer({
  clock,
  watchList,
}: {
  clock: Clock;
  watchList: boolean;
}): Promise<MemoryApiServer> {
  const server = memoryApiServer({
    clock,
    random: seededRandom(),
    wallClock: () => new Date(0),
    features: { watchList },
  });
  for (const name of ["a", "b", "c"]) await create(server, name);
  return server;
}

/** Makes a ConfigMap that the scene's watcher depends on. */
export function create(server: MemoryApiServer, name: string): Promise<KubernetesObject> {
  const metadata = { name, namespace: "default", labels: { app: "x" } };
  return server.create({ apiVersion: "v1", kind: "ConfigMap", metadata });
}

/** Changes a ConfigMap. */
export function change(server: MemoryApiServer, name: string, n: number): Promise<KubernetesObject> {
  return server.patch(identifier(name), { data: { n: String(n) } });
}

/** Deletes a ConfigMap. */
export async function remove(server: MemoryApiServer, name: string): Promise<void> {
  await server.delete(identifier(name));
}

/** The ConfigMaps that there are, as text: `a@5`. */
export async function present(server: MemoryApiServer): Promise<string[]> {
  const { body } = await server.transport().request({ method: "GET", path: LIST });
  return JSON.parse(await readAll(body)).items.map(brief);
}

/** A DynamicWatcher that depends on the ConfigMaps with `app=x`, with faults between it and its server. */
export class Scene {
  readonly clock: FakeClock;
  readonly server: MemoryApiServer;
  readonly transport: FaultyTransport;
  readonly dynamicWatcher: DynamicWatcher;
  /** What the reconciles were told, in order: `a@5`, `b gone`. */
  readonly told: string[] = [];
  requestCount = 0;
  hook: FaultHook = () => undefined;

  private constructor(server: MemoryApiServer, clock: FakeClock) {
    const any: FaultHook = (request) => {
      this.requestCount += 1;
      return this.hook(request);
    };
    this.server = server;
    this.clock = clock;
    this.transport = withFaults(server.transport(), { any }, { clock, random: seededRandom() });
    this.dynamicWatcher = new DynamicWatcher({
      transport: this.transport,
      clock,
      cache: true,
      logger: false,
      watchTimeoutMs: 60_000,
      reconcile: (_watcher: ObjectIdentifier, { causes }) => {
        for (const cause of causes) {
          if (!("relisted" in cause)) continue;
          const object = cause.after ?? cause.before;
          const version = cause.type === "DELETED" ? " gone" : `@${object?.resourceVersion}`;
          this.told.push(`${object?.name}${version}`);
        }
      },
    });
  }

  /** A scene whose DynamicWatcher has started, and depends on nothing yet. */
  static async open({ watchList }: { watchList: boolean }): Promise<Scene> {
    const clock = new FakeClock();
    const scene = new Scene(await startedServer({ clock, watchList }), clock);
    await scene.dynamicWatcher.start();
    return scene;
  }

  /** Adds the dependency, and once more where a fault has made that fail. */
  async depend(): Promise<void> {
    const add = () => this.dynamicWatcher.addWatcher(WATCHER, WATCHED);
    let isAdded = false;
    const added = add()
      .catch(add)
      .finally(() => {
        isAdded = true;
      });
    for (let seconds = 0; seconds < 300 && !isAdded; seconds += 1) await this.advance(1000);
    await added;
  }

  /** Moves time on second by second: what needs many turns is to need no time. */
  async advance(ms: number): Promise<void> {
    for (let left = ms; left >= 0; left -= 1000) {
      for (let turns = 0; turns < 3; turns += 1) await settle();
      await this.clock.advance(Math.min(left, 1000));
    }
  }

  /** What the cache holds, in the words of `present`. */
  get cached(): string[] {
    return this.dynamicWatcher.listFromCache<KubernetesObject>(WATCHED).map((object) => brief(object));
  }

  async close(): Promise<void> {
    await this.dynamicWatcher.stop();
    await this.transport.close();
  }
}

function identifier(name: string): ObjectIdentifier {
  const { selector: _, ...place } = WATCHED;
  return { ...place, name };
}

function brief({ metadata }: Frozen<KubernetesObject>): string {
  return `${metadata?.name}@${metadata?.resourceVersion}`;
}

function seededRandom(): () => number {
  let seed = 1;
  return () => {
    seed = (seed * 16807) % 2147483647;
    return seed / 2147483647;
  };
}
