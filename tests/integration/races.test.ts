import process from "node:process";
import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { DynamicWatcher } from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { until } from "../fixtures/control_plane.ts";
import { countedSignal } from "../fixtures/counted_signal.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds } from "../fixtures/dynamic_watcher_world.ts";

const ROUNDS = 100;

describeReal("races on a real server", () => {
  const openWorld = dynamicWatcherWorlds();

  it("a reconcile may query, update, add to and remove its own watcher, one after the other", async () => {
    const world = await openWorld({
      cache: true,
      reconcile: async (id) => {
        const { dynamicWatcher } = world;
        const [a, b, c] = [world.configMap("a"), world.configMap("b"), world.secret("c")];
        if (world.runs.length === 1) await dynamicWatcher.query(id, (query) => query.get(b));
        if (world.runs.length === 2) await dynamicWatcher.addOrUpdateWatcher(id, [a, b, c]);
        if (world.runs.length === 3) await dynamicWatcher.addWatcher(id, world.configMaps("app=web"));
        if (world.runs.length === 4) await dynamicWatcher.removeWatcher(id);
      },
    });
    const { dynamicWatcher } = world;
    const [a, b, c] = [world.configMap("a"), world.configMap("b"), world.secret("c")];
    for (const id of [a, b, c]) await world.create(id);
    await dynamicWatcher.addWatcher(world.watcher("web"), a);
    expect(await world.causes(4)).toEqual([
      "web: INITIAL ConfigMap/a",
      "web: INITIAL ConfigMap/b",
      "web: INITIAL ConfigMap/a",
      "web: INITIAL Secret/c",
    ]);
    await until(() => dynamicWatcher.watchCount === 4, { what: "the add" });
    await world.label(c, { app: "web" });
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/c"]);
    await until(() => dynamicWatcher.watchCount === 0 && dynamicWatcher.streamCount === 0, {
      what: "the removal",
    });
    expect(world.runs).toHaveLength(4);
  });

  it("a reconcile that stops it all leaves nothing, and another start works", async () => {
    const world = await openWorld({
      reconcile: async () => {
        if (world.runs.length === 1) await world.dynamicWatcher.stop({ graceMs: 50 });
      },
    });
    const { dynamicWatcher } = world;
    const db = world.secret("db");
    await world.create(db);
    await dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    await dynamicWatcher.start();
    expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    await dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
  });

  it("watchers that watch themselves and each other wake as the edges say, once a change", async () => {
    const world = await openWorld();
    const { dynamicWatcher } = world;
    const [self, a, b] = ["self", "a", "b"].map((name) => world.configMap(name)) as [never, never, never];
    await dynamicWatcher.addWatcher(self, self);
    await dynamicWatcher.addWatcher(a, b);
    await dynamicWatcher.addWatcher(b, a);
    await world.create(self);
    expect(await world.causes()).toEqual(["self: ADDED ConfigMap/self"]);
    await world.create(a);
    expect(await world.causes()).toEqual(["b: ADDED ConfigMap/a"]);
    await world.create(b);
    expect(await world.causes()).toEqual(["a: ADDED ConfigMap/b"]);
    expect(world.runs).toHaveLength(3);
  });

  it("a listener may remove a watcher while events go out", async () => {
    const world = await openWorld();
    const { dynamicWatcher } = world;
    const db = world.secret("db");
    for (const name of ["first", "second"]) await dynamicWatcher.addWatcher(world.watcher(name), db);
    dynamicWatcher.addEventListener("transition", () => dynamicWatcher.removeWatcher(world.watcher("first")));
    await world.create(db);
    await world.transitions(1);
    await world.label(db, { again: "yes" });
    await world.transitions(2);
    await world.causes(2);
    expect(world.runs.at(-1)?.watcher.name).toBe("second");
    expect(world.runs.filter(({ watcher }) => watcher.name === "first").length).toBeLessThan(2);
    expect(dynamicWatcher.watchCount).toBe(1);
  });

  it("a removal during a start leaves the second watcher its stream", async () => {
    const world = await openWorld();
    const { dynamicWatcher } = world;
    const db = world.secret("db");
    await world.create(db);
    const [first, second] = ["first", "second"].map((name) => world.watcher(name)) as [never, never];
    const calls = Promise.allSettled([first, second].map((id) => dynamicWatcher.addWatcher(id, db)));
    await dynamicWatcher.removeWatcher(first);
    const [removed, added] = await calls;
    expect(removed).toMatchObject({ status: "rejected", reason: { code: "WATCHER_REMOVED" } });
    expect(added).toMatchObject({ status: "fulfilled" });
    expect(await world.causes()).toEqual(["second: INITIAL Secret/db"]);
    expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
  });

  it("of many updates at once the last one that was called counts", async () => {
    const world = await openWorld();
    const { dynamicWatcher } = world;
    const web = world.watcher("web");
    const ids = Array.from({ length: 10 }, (_, index) => world.configMap(`m${index}`));
    for (let round = 0; round < 5; round++) {
      await Promise.all(
        ids.map((id, index) => dynamicWatcher.addOrUpdateWatcher(web, [id, ...ids.slice(0, index)])),
      );
      await Promise.all(ids.map((id) => dynamicWatcher.addOrUpdateWatcher(web, [id])));
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
    }
    for (const id of ids) await world.create(id);
    expect(await world.causes()).toEqual(["web: ADDED ConfigMap/m9"]);
  });

  it("the end of a batch waits for a read in flight", async () => {
    const world = await openWorld({ cache: true });
    const { dynamicWatcher } = world;
    const [old, db] = [world.secret("old"), world.secret("db")];
    await world.create(db);
    await dynamicWatcher.addWatcher(world.watcher("web"), old);
    const batch = dynamicWatcher.startQueryBatch(world.watcher("web"));
    const read = batch.get(db);
    await batch.end();
    expect(await read).toBe(dynamicWatcher.getFromCache(db));
    expect(() => dynamicWatcher.getFromCache(old)).toThrow("no entry");
    expect(dynamicWatcher.streamCount).toBe(1);
  });

  it("a stop during a start rejects it, and a start during the stop waits", async () => {
    const world = await openWorld();
    const { dynamicWatcher } = world;
    const db = world.secret("db");
    const added = dynamicWatcher.addWatcher(world.watcher("web"), db).catch((error) => error);
    const stopped = dynamicWatcher.stop();
    const started = dynamicWatcher.start();
    expect(await added).toMatchObject({ code: "NOT_STARTED" });
    await Promise.all([stopped, started]);
    await dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
  });

  it("what leaves a selector or is deleted while the connection is down is told afterwards", async () => {
    const world = await openWorld({ cache: true });
    const { dynamicWatcher, relay } = world;
    for (const name of ["stays", "leaves", "goes"]) {
      await world.create(world.configMap(name), { metadata: { labels: { app: "web" } } });
    }
    await dynamicWatcher.addWatcher(world.watcher("web"), world.configMaps("app=web"));
    await world.causes();
    await relay.refuse();
    await until(() => dynamicWatcher.streamCount === 0, { what: "the stream to break" });
    await world.label(world.configMap("leaves"), { app: "db" });
    await world.delete(world.configMap("goes"));
    await relay.accept();
    expect((await world.causes(2)).sort()).toEqual([
      "web: DELETED ConfigMap/goes",
      "web: DELETED ConfigMap/leaves",
    ]);
    const left = dynamicWatcher.listFromCache(world.configMaps("app=web"));
    expect(left.map(({ metadata }) => metadata?.name)).toEqual(["stays"]);
  });

  it(`${ROUNDS} rounds of start, watch and stop leave no timer, handle or listener`, async () => {
    const world = await openWorld({ start: false });
    const { controlPlane } = world;
    const [db, map] = [world.secret("db"), world.configMap("map")];
    await world.create(db);
    const before = activeResources();
    const lasting = countedSignal();
    const transport = undiciTransport({
      baseUrl: controlPlane.server,
      tls: { ca: controlPlane.ca, ...controlPlane.admin },
    });
    let reconciles = 0;
    const dynamicWatcher = new DynamicWatcher({
      transport,
      cache: true,
      logger: false,
      reconcile: () => {
        reconciles += 1;
        return { requeueAfterMs: 3_600_000 };
      },
    });
    for (let round = 1; round <= ROUNDS; round++) {
      const web = world.watcher(`web${round}`);
      await dynamicWatcher.start({ signal: lasting.signal });
      await dynamicWatcher.addWatcher(web, db, { signal: lasting.signal });
      await dynamicWatcher.query(world.watcher("query"), (query) => query.list(world.configMaps("")));
      const pending = dynamicWatcher.addWatcher(web, map).catch(({ code }) => code);
      if (round % 3 === 0) await dynamicWatcher.removeWatcher(web);
      await dynamicWatcher.stop();
      expect(await pending).toBe(round % 3 === 0 ? "WATCHER_REMOVED" : "NOT_STARTED");
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount, lasting.listeners]).toEqual([0, 0, 0]);
    }
    expect(reconciles).toBe(ROUNDS);
    await transport.close();
    const gone = until(() => exceeding(before).length === 0, { what: "all to go", timeoutMs: 10_000 });
    // What is left says more than that something is.
    await gone.catch(() => {});
    expect(exceeding(before)).toEqual([]);
  });
});

/** How many of each kind of timer and handle keep the process alive. */
function activeResources(): Map<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

function exceeding(before: Map<string, number>): string[] {
  return [...activeResources()].flatMap(([kind, count]) =>
    count > (before.get(kind) ?? 0) ? [`${kind}: ${count - (before.get(kind) ?? 0)}`] : [],
  );
}
