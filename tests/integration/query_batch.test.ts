import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher, ObjectIdentifier } from "../../mod.ts";
import { caught } from "../fixtures/caught.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds, type World } from "../fixtures/dynamic_watcher_world.ts";

type Id = ObjectIdentifier;

describeReal("dependencies that are read", () => {
  const openAnyWorld = dynamicWatcherWorlds();
  const openWorld = () => openAnyWorld({ cache: true });

  describe("a batch", () => {
    it("can be read and ended only while it is open", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [web, db] = [world.watcher("web"), world.secret("db")];
      const batch = dynamicWatcher.startQueryBatch(web);
      await batch.end();
      for (const call of [() => batch.get(db), () => batch.list(world.configMaps("")), () => batch.end()]) {
        await expect(call()).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
      }
      await batch[Symbol.asyncDispose]();
      expect(dynamicWatcher.watchCount).toBe(0);
    });

    it("is the only one of its watcher, and nothing else changes what that watches meanwhile", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [web, db] = [world.watcher("web"), world.secret("db")];
      const batch = dynamicWatcher.startQueryBatch(web);
      await batch.get(db);
      const inProgress = { code: "QUERY_BATCH_IN_PROGRESS" };
      expect(caught(() => dynamicWatcher.startQueryBatch(web))).toMatchObject(inProgress);
      for (const call of [
        () => dynamicWatcher.addWatcher(web, db),
        () => dynamicWatcher.addOrUpdateWatcher(web, [db]),
        () => dynamicWatcher.removeWatcher(web),
        () => dynamicWatcher.query(web, (query) => query.get(db)),
      ]) {
        await expect(call()).rejects.toMatchObject(inProgress);
      }
      expect(dynamicWatcher.watchCount).toBe(1);
      await dynamicWatcher.removeWatcher(web, { endBatch: true });
      expect(dynamicWatcher.watchCount).toBe(0);
      await expect(batch.get(db)).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
    });

    it("drops at its end what it did not read, also what was added before it", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const [before, kept, late] = [
        world.configMap("before"),
        world.secret("kept"),
        world.clusterRole("late"),
      ];
      await dynamicWatcher.addOrUpdateWatcher(web, [before, kept]);
      expect(dynamicWatcher.watchCount).toBe(2);
      const batch = dynamicWatcher.startQueryBatch(web);
      await batch.get(kept);
      expect(dynamicWatcher.watchCount).toBe(2);
      await batch.get(late);
      expect(dynamicWatcher.watchCount).toBe(3);
      await batch.end();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([2, 2]);
      expect(caught(() => dynamicWatcher.getFromCache(before))).toMatchObject({ code: "NO_CACHE_ENTRY" });

      await dynamicWatcher.startQueryBatch(web).end();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("of one watcher leaves what another one reads alone", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [first, second] = [world.watcher("first"), world.watcher("second")];
      const [db, role] = [world.secret("db"), world.clusterRole("reader")];
      const batch = dynamicWatcher.startQueryBatch(first);
      await Promise.all([batch.get(db), batch.get(role)]);
      const other = dynamicWatcher.startQueryBatch(second);
      await other.get(db);
      expect(dynamicWatcher.watchCount).toBe(2);
      await Promise.all([batch.end(), other.end()]);
      expect(dynamicWatcher.watchCount).toBe(2);

      await dynamicWatcher.removeWatcher(first);
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(dynamicWatcher.getFromCache(db)).toBeUndefined();
      await dynamicWatcher.removeWatcher(second);
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("misses no change between a read and the end", async () => {
      const world = await openWorld();
      const db = world.secret("db");
      const batch = world.dynamicWatcher.startQueryBatch(world.watcher("web"));
      expect(await batch.get(db)).toBeUndefined();
      await world.create(db);
      expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
      await batch.end();
    });
  });

  describe("query()", () => {
    it("keeps what it read, and at a failure what the last good one read too", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const [one, two, three] = ["one", "two", "three"].map((name) => world.configMap(name)) as [Id, Id, Id];
      const read = (...ids: Id[]) => readAll(dynamicWatcher, web, ids);
      await read(one, two);
      expect(watchedOf(world, [one, two, three])).toEqual(["one", "two"]);

      const failure = new Error("on the way");
      const failed = dynamicWatcher.query(web, async (query) => {
        await query.get(three);
        throw failure;
      });
      await expect(failed).rejects.toBe(failure);
      expect(watchedOf(world, [one, two, three])).toEqual(["one", "two", "three"]);

      await read(two);
      expect(watchedOf(world, [one, two, three])).toEqual(["two"]);
    });

    it("may be called by the reconcile of its watcher each time", async () => {
      const world: World = await openAnyWorld({
        cache: true,
        reconcile: async (watcher) => {
          await world.dynamicWatcher.query(watcher, async (query) => {
            const settings = await query.get<{ data?: { refers?: string } }>(world.configMap("settings"));
            if (settings?.data?.refers) await query.get(world.secret(settings.data.refers));
          });
        },
      });
      const { dynamicWatcher } = world;
      const settings = world.configMap("settings");
      await dynamicWatcher.addWatcher(world.watcher("web"), settings);
      await world.create(settings, { data: { refers: "db" } });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/settings"]);
      await until(() => dynamicWatcher.watchCount === 2, { what: "the reference to be watched" });
      await world.create(world.secret("db"));
      expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
      await world.patch(settings, { data: { refers: null } });
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/settings"]);
      await until(() => dynamicWatcher.watchCount === 1, { what: "the reference to be dropped" });
    });
  });
});

function readAll(dynamicWatcher: DynamicWatcher, watcher: Id, ids: readonly Id[]): Promise<unknown> {
  return dynamicWatcher.query(watcher, (query) => Promise.all(ids.map((id) => query.get(id))));
}

/** The names of those that have an entry in the cache. */
function watchedOf({ dynamicWatcher }: World, ids: readonly Id[]): string[] {
  const known = ids.filter((id) => {
    try {
      dynamicWatcher.getFromCache(id);
      return true;
    } catch {
      return false;
    }
  });
  return known.map(({ name }) => name ?? "");
}
