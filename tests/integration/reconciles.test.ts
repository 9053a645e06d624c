import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds, type World } from "../fixtures/dynamic_watcher_world.ts";

describeReal("the reconciles of a DynamicWatcher", () => {
  const openWorld = dynamicWatcherWorlds();

  describe("the initial one", () => {
    it("comes once for each new edge to what exists, also where the watch is running already", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [db, absent] = [world.secret("db"), world.secret("absent")];
      await world.create(db);
      for (const name of ["first", "second"]) {
        await dynamicWatcher.addOrUpdateWatcher(world.watcher(name), [db, absent]);
        await dynamicWatcher.addOrUpdateWatcher(world.watcher(name), [absent, db]);
      }
      await world.create(absent);
      expect(await world.causes(4)).toEqual([
        "first: INITIAL Secret/db",
        "second: INITIAL Secret/db",
        "first: ADDED Secret/absent",
        "second: ADDED Secret/absent",
      ]);
    });

    it("comes to every one of many watchers that are added at once", async () => {
      const world = await openWorld();
      const db = world.secret("db");
      await world.create(db);
      const names = Array.from({ length: 200 }, (_, index) => `w${index}`);
      await Promise.all(names.map((name) => world.dynamicWatcher.addWatcher(world.watcher(name), db)));
      const causes = await world.causes(names.length);
      expect(causes.sort()).toEqual(names.map((name) => `${name}: INITIAL Secret/db`).sort());
    });

    it("comes for a selector that selects something", async () => {
      const world = await openWorld();
      await world.create(world.configMap("one"), { metadata: { labels: { app: "web" } } });
      await world.dynamicWatcher.addWatcher(world.watcher("none"), world.configMaps("app=db"));
      await world.dynamicWatcher.addWatcher(world.watcher("some"), world.configMaps("app=web"));
      expect(await world.causes()).toEqual(["some: INITIAL ConfigMap?app=web"]);
    });

    it("comes again for an edge that was removed and added again", async () => {
      const world = await openWorld();
      const web = world.watcher("web");
      const db = world.secret("db");
      await world.create(db);
      for (let round = 0; round < 2; round++) {
        await world.dynamicWatcher.addWatcher(web, db);
        expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
        await world.dynamicWatcher.removeWatcher(web);
      }
    });

    it("does not come when it is switched off, be the watch new or running", async () => {
      const world = await openWorld({ initialReconcile: false });
      const db = world.secret("db");
      await world.create(db);
      for (const name of ["first", "second"]) await world.dynamicWatcher.addWatcher(world.watcher(name), db);
      await world.label(db, { trigger: "reconcile" });
      expect(await world.causes(2)).toEqual(["first: MODIFIED Secret/db", "second: MODIFIED Secret/db"]);
    });
  });

  describe("a further one", () => {
    it("follows one that failed, with its causes", async () => {
      const failure = new Error("not yet");
      const world: World = await openWorld({
        reconcile: async () => {
          if (world.runs.length < 3) throw failure;
        },
      });
      const db = world.secret("db");
      await world.dynamicWatcher.addWatcher(world.watcher("web"), db);
      await world.create(db);
      expect(await world.causes(5)).toEqual([
        "web: ADDED Secret/db",
        "web: ADDED Secret/db",
        "web: RETRY",
        "web: ADDED Secret/db",
        "web: RETRY",
      ]);
      await world.label(db, { later: "yes" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
      expect(world.runs.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 0]);
      expect(world.runs[1]?.causes[1]).toMatchObject({ error: failure });
    });

    it("follows after the delay that one asked for", async () => {
      const starts: number[] = [];
      const requeueAfterMs = 300;
      const world = await openWorld({
        reconcile: () => {
          starts.push(performance.now());
          return starts.length === 1 ? { requeueAfterMs } : { requeueAfterMs: 0 };
        },
      });
      const db = world.secret("db");
      await world.dynamicWatcher.addWatcher(world.watcher("web"), db);
      await world.create(db);
      expect(await world.causes(2)).toEqual(["web: ADDED Secret/db", "web: REQUEUE"]);
      // A timer may fire a little early by another clock's measure.
      expect(starts[1]! - starts[0]!).toBeGreaterThan(requeueAfterMs - 20);
      await world.label(db, { later: "yes" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
    });

    it("does not come for a watcher that was removed meanwhile", async () => {
      const world: World = await openWorld({
        reconcile: async (watcher) => {
          if (watcher.name !== "gone") return;
          await world.dynamicWatcher.removeWatcher(watcher);
          throw new Error("too late");
        },
      });
      const db = world.secret("db");
      await world.dynamicWatcher.addWatcher(world.watcher("gone"), db);
      await world.dynamicWatcher.addWatcher(world.watcher("stays"), db);
      await world.create(db);
      expect(await world.causes(2)).toEqual(["gone: ADDED Secret/db", "stays: ADDED Secret/db"]);
      await world.label(db, { again: "yes" });
      expect(await world.causes()).toEqual(["stays: MODIFIED Secret/db"]);
    });
  });

  it("are one for many changes that come while it runs", async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const world = await openWorld({ reconcile: () => held });
    const maps = ["one", "two", "three"].map((name) => world.configMap(name));
    await world.dynamicWatcher.addWatcher(world.watcher("web"), world.configMaps(""));
    await world.create(maps[0]!);
    expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
    await world.create(maps[1]!);
    await world.label(maps[1]!, { changed: "yes" });
    await world.create(maps[2]!);
    await world.delete(maps[0]!);
    await world.transitions(5);
    release();
    expect(await world.causes(3)).toEqual([
      "web: ADDED ConfigMap/two",
      "web: ADDED ConfigMap/three",
      "web: DELETED ConfigMap/one",
    ]);
    expect(world.runs).toHaveLength(2);
  });
});
