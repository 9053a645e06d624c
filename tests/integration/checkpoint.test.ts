import { expect } from "@std/expect";
import { afterAll, afterEach, beforeAll, beforeEach, describe, it } from "@std/testing/bdd";
import { checkpoint } from "../../lib/checkpoint/mod.ts";
import {
  type Cause,
  DynamicWatcher,
  type DynamicWatcherOptions,
  type ObjectIdentifier,
  type RunSummary,
  type Transport,
} from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { type ControlPlane, startControlPlane } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";

type HookOptions = Partial<Omit<DynamicWatcherOptions, "transport" | "checkpoint">> & {
  readonly setup?: (dynamicWatcher: DynamicWatcher) => unknown;
  readonly timeoutMs?: number;
};

describeReal("runs that go on from a checkpoint", () => {
  let controlPlane: ControlPlane;
  let transport: Transport;
  let namespace: string;
  let store: Map<string, unknown>;
  let watches: string[];

  beforeAll(async () => {
    controlPlane = await startControlPlane();
  });
  beforeEach(async () => {
    namespace = await controlPlane.createNamespace();
    store = new Map();
    const { server, ca, admin } = controlPlane;
    const direct = undiciTransport({ baseUrl: server, tls: { ca, ...admin } });
    transport = {
      request: (request) => {
        if (request.stream) watches.push(request.path.includes("sendInitialEvents") ? "list" : "watch");
        return direct.request(request);
      },
      close: () => direct.close(),
    };
  });
  afterEach(() => transport.close());
  afterAll(() => controlPlane?.stop());

  /** One call of the hook: what its reconciles were told, and what it came to. */
  async function run({ setup, timeoutMs = 20_000, reconcile, ...options }: HookOptions = {}): Promise<{
    causes: string[];
    summary: RunSummary;
  }> {
    watches = [];
    const causes: string[] = [];
    const dynamicWatcher = new DynamicWatcher({
      logger: false,
      ...options,
      transport,
      checkpoint: checkpoint(store),
      reconcile: (watcher, context) => {
        causes.push(...context.causes.map((cause) => `${watcher.name}: ${format(cause)}`));
        return reconcile?.(watcher, context);
      },
    });
    await dynamicWatcher.start();
    await setup?.(dynamicWatcher);
    const summary = await dynamicWatcher.runUntilIdle({ timeoutMs });
    return { causes: causes.sort(), summary };
  }

  function configMap(name: string): ObjectIdentifier {
    return { version: "v1", kind: "ConfigMap", namespace, name };
  }

  function configMaps(selector: string): ObjectIdentifier {
    return { version: "v1", kind: "ConfigMap", namespace, selector };
  }

  function app(name: string): ObjectIdentifier {
    return { group: "apps", version: "v1", kind: "Deployment", namespace, name };
  }

  async function create(name: string, labels: Record<string, string> = {}): Promise<void> {
    const body = { metadata: { name, labels } };
    await controlPlane.call("POST", `/api/v1/namespaces/${namespace}/configmaps`, { body });
  }

  async function change(name: string): Promise<void> {
    const body = { data: { changed: String(performance.now()) } };
    await controlPlane.call("PATCH", `/api/v1/namespaces/${namespace}/configmaps/${name}`, { body });
  }

  async function remove(name: string): Promise<void> {
    await controlPlane.call("DELETE", `/api/v1/namespaces/${namespace}/configmaps/${name}`);
  }

  async function addEach(dynamicWatcher: DynamicWatcher): Promise<void> {
    await dynamicWatcher.addWatcher(app("a"), configMap("one"));
    await dynamicWatcher.addWatcher(app("b"), configMap("two"));
    await dynamicWatcher.addWatcher(app("all"), configMaps("app=web"));
  }

  describe("a cold run and a warm one", () => {
    it("reconcile what exists, and then only what changed", async () => {
      await create("one");
      await create("two", { app: "web" });
      const cold = await run({ setup: addEach });
      expect(cold.summary).toEqual({ idle: true, start: "cold", reconciles: 3, failed: 0, remaining: 0 });

      const quiet = await run({ setup: addEach });
      expect(quiet.summary).toEqual({ idle: true, start: "warm", reconciles: 0, failed: 0, remaining: 0 });
      expect(watches).toEqual(["watch", "watch", "watch"]);

      await change("two");
      await create("three", { app: "web" });
      expect((await run({ setup: addEach })).causes).toEqual([
        "all: ADDED ConfigMap/three",
        "all: MODIFIED ConfigMap/two",
        "b: MODIFIED ConfigMap/two",
      ]);
      expect((await run()).causes).toEqual([]);
    });

    it("tell a deletion and a recreation in between", async () => {
      await create("one");
      await create("two", { app: "web" });
      await run({ setup: addEach });
      await remove("one");
      await create("one");
      await remove("two");
      expect((await run()).causes).toEqual([
        "a: ADDED ConfigMap/one",
        "a: DELETED ConfigMap/one",
        "all: DELETED ConfigMap/two",
        "b: DELETED ConfigMap/two",
      ]);
    });

    it("hear of many changes before they are idle", async () => {
      const names = Array.from({ length: 20 }, (_, index) => `many-${index}`);
      await Promise.all(names.map((name) => create(name, { app: "web" })));
      await run({ setup: addEach });
      for (let round = 0; round < 5; round += 1) await Promise.all(names.map(change));
      const { causes } = await run();
      expect(causes.length).toBeGreaterThanOrEqual(20);
      expect((await run()).causes).toEqual([]);
    });
  });

  it("list after a 410, and reconcile only what changed", async () => {
    for (const name of ["one", "two", "three"]) await create(name, { app: name === "three" ? "web" : "db" });
    await run({ setup: addEach });
    await change("two");
    await remove("three");
    await controlPlane.compact();
    // Its watch cache would still know.
    await controlPlane.stopApiServer();
    await controlPlane.startApiServer();
    const { causes, summary } = await run();
    expect(watches).toContain("list");
    expect(causes).toEqual(["all: DELETED ConfigMap/three relisted", "b: MODIFIED ConfigMap/two relisted"]);
    expect(summary).toMatchObject({ idle: true, start: "warm", reconciles: 2 });
    expect((await run()).causes).toEqual([]);
    expect(watches).not.toContain("list");
  });

  it("are due again where a reconcile failed or was not reached", async () => {
    await create("one");
    await create("two");
    const failing = await run({
      setup: addEach,
      timeoutMs: 2_000,
      reconcile: (watcher) => {
        if (watcher.name === "a") throw new Error("not today");
      },
    });
    expect(failing.summary).toMatchObject({ idle: true, remaining: 1 });
    const { causes, summary } = await run();
    expect(causes).toEqual(["a: REQUEUE"]);
    expect(summary).toMatchObject({ failed: 0, remaining: 0 });
  });

  it("keep what a reconcile came to depend on", async () => {
    await create("one");
    let dynamicWatcher: DynamicWatcher | undefined;
    await run({
      cache: true,
      setup: async (started) => {
        dynamicWatcher = started;
        await started.addWatcher(app("a"), configMap("one"));
      },
      reconcile: async (watcher) => {
        await dynamicWatcher?.query(watcher, async (query) => {
          await query.get(configMap("one"));
          await query.list(configMaps("found=later"));
        });
      },
    });
    await create("new", { found: "later" });
    let read: unknown;
    const { causes } = await run({
      cache: true,
      setup: (started) => {
        dynamicWatcher = started;
      },
      reconcile: async (watcher) => {
        read = await dynamicWatcher?.query(watcher, async (query) => [
          await query.get(configMap("one")),
          await query.list(configMaps("found=later")),
        ]);
      },
    });
    expect(causes).toEqual(["a: ADDED ConfigMap/new"]);
    expect(read).toMatchObject([{ metadata: { name: "one" } }, [{ metadata: { name: "new" } }]]);
  });

  it("start cold from a torn checkpoint", async () => {
    await create("one");
    await run({ setup: addEach });
    for (const [key, text] of store) store.set(key, String(text).slice(0, 100));
    const { causes, summary } = await run({ setup: addEach });
    expect(summary.refused).toMatchObject({ code: "CHECKPOINT_REFUSED", reason: "damaged" });
    expect(causes).toEqual(["a: INITIAL ConfigMap/one"]);
  });

  it("start cold on another cluster", async () => {
    await create("one");
    await run({ setup: addEach });
    const other = await startControlPlane();
    try {
      const { server, ca, admin } = other;
      await transport.close();
      transport = undiciTransport({ baseUrl: server, tls: { ca, ...admin } });
      expect((await run()).summary).toMatchObject({ start: "cold", refused: { reason: "server" } });
    } finally {
      await other.stop();
    }
  });

  function format(cause: Cause): string {
    if (!("relisted" in cause))
      return "watched" in cause ? `${cause.type} ConfigMap/${cause.watched.name}` : cause.type;
    const { type, before, after, relisted } = cause;
    return `${type} ConfigMap/${(after ?? before)?.name}${relisted ? " relisted" : ""}`;
  }
});
