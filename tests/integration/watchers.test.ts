import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds } from "../fixtures/dynamic_watcher_world.ts";
import type { TcpRelay } from "../fixtures/tcp_relay.ts";

describeReal("the watchers of a DynamicWatcher", () => {
  const openWorld = dynamicWatcherWorlds();

  describe("addWatcher", () => {
    it("reconciles when what is watched is created, changed and deleted", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const db = world.secret("db");
      await dynamicWatcher.addWatcher(web, db);
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(dynamicWatcher.streamCount).toBe(1);

      await world.create(db);
      expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
      await world.label(db, { watch: "me" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
      await world.delete(db);
      expect(await world.causes()).toEqual(["web: DELETED Secret/db"]);

      expect(world.runs.map(({ watcher }) => watcher)).toEqual([web, web, web]);
      expect(world.runs[1]?.causes[0]).toMatchObject({
        watched: db,
        relisted: false,
        before: { labels: {} },
        after: { namespace: world.namespace, name: "db", labels: { watch: "me" } },
      });
    });

    it("adds to what is watched already", async () => {
      const world = await openWorld();
      const web = world.watcher("web");
      const [one, two] = [world.configMap("one"), world.configMap("two")];
      await world.dynamicWatcher.addWatcher(web, one);
      await world.dynamicWatcher.addWatcher(web, two);
      expect(world.dynamicWatcher.watchCount).toBe(2);
      await world.create(one);
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      await world.create(two);
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/two"]);
    });

    it("leaves an edge that exists alone", async () => {
      const world = await openWorld();
      const web = world.watcher("web");
      const db = world.secret("db");
      await world.create(db);
      for (let round = 0; round < 3; round++) await world.dynamicWatcher.addWatcher(web, db);
      await world.label(db, { changed: "once" });
      expect(await world.causes(2)).toEqual(["web: INITIAL Secret/db", "web: MODIFIED Secret/db"]);
      expect(world.dynamicWatcher.watchCount).toBe(1);
      expect(watchesOf(world.requests, "secrets")).toBe(1);
    });

    it("shares one watch among all watchers of an identifier, however it is spelled", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const spellings = [world.configMaps("a=1,b=2"), { ...world.configMaps("b = 2, a in (1)"), group: "" }];
      // The second pair at once, so that two adds share one start.
      await Promise.all(
        spellings.map((watched, index) => dynamicWatcher.addWatcher(world.watcher(`w${index}`), watched)),
      );
      await dynamicWatcher.addWatcher(world.watcher("w2"), world.configMaps("b=2,a=1"));
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(dynamicWatcher.streamCount).toBe(1);
      expect(watchesOf(world.requests, "configmaps")).toBe(1);
      await world.create(world.configMap("both"), { metadata: { labels: { a: "1", b: "2" } } });
      const causes = await world.causes(3);
      expect(causes.sort()).toEqual(["w0", "w1", "w2"].map((name) => `${name}: ADDED ConfigMap/both`));
    });

    it("drops the namespace of a cluster-scoped kind", async () => {
      const world = await openWorld();
      const role = world.clusterRole("reader");
      await world.create(role);
      await world.dynamicWatcher.addWatcher(world.watcher("a"), { ...role, namespace: world.namespace });
      await world.dynamicWatcher.addWatcher(world.watcher("b"), role);
      expect(world.dynamicWatcher.watchCount).toBe(1);
      expect(await world.causes(2)).toEqual([
        `a: INITIAL ClusterRole/${role.name}`,
        `b: INITIAL ClusterRole/${role.name}`,
      ]);
    });
  });

  describe("addOrUpdateWatcher", () => {
    it("replaces what is watched", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const [db, role] = [world.secret("db"), world.clusterRole("reader")];
      await Promise.all([world.create(db), world.create(role)]);

      await dynamicWatcher.addOrUpdateWatcher(web, [db]);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
      await dynamicWatcher.addOrUpdateWatcher(web, [db, role]);
      expect(await world.causes()).toEqual([`web: INITIAL ClusterRole/${role.name}`]);
      expect(dynamicWatcher.watchCount).toBe(2);

      await dynamicWatcher.addOrUpdateWatcher(web, [role]);
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(dynamicWatcher.streamCount).toBe(1);
      await world.label(db, { seen: "no" });
      await world.label(role, { seen: "yes" });
      expect(await world.causes()).toEqual([`web: MODIFIED ClusterRole/${role.name}`]);
    });

    it("changes nothing when one of many fails", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const [db, other] = [world.secret("db"), world.secret("other")];
      const unknown = { version: "v1", kind: "SuperConfigMap", namespace: world.namespace, name: "x" };
      await Promise.all([world.create(db), world.create(other)]);

      const failed = { code: "NO_VERSIONED_RESOURCE", watched: unknown };
      await expect(dynamicWatcher.addWatcher(web, unknown)).rejects.toMatchObject(failed);
      await expect(dynamicWatcher.addOrUpdateWatcher(web, [other, unknown])).rejects.toMatchObject(failed);
      expect(dynamicWatcher.watchCount).toBe(0);
      expect(dynamicWatcher.streamCount).toBe(0);

      await dynamicWatcher.addWatcher(web, db);
      await expect(dynamicWatcher.addWatcher(web, unknown)).rejects.toMatchObject(failed);
      await expect(dynamicWatcher.addOrUpdateWatcher(web, [other, unknown])).rejects.toMatchObject(failed);
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(dynamicWatcher.streamCount).toBe(1);
      await world.label(other, { seen: "no" });
      await world.label(db, { seen: "yes" });
      expect(await world.causes(2)).toEqual(["web: INITIAL Secret/db", "web: MODIFIED Secret/db"]);
    });
  });

  describe("removeWatcher", () => {
    it("ends the watches that nobody else needs, and only those", async () => {
      const world = await openWorld();
      const { dynamicWatcher, relay } = world;
      const [first, second] = [world.watcher("first"), world.watcher("second")];
      const [db, role] = [world.secret("db"), world.clusterRole("reader")];
      await dynamicWatcher.addOrUpdateWatcher(first, [db, role]);
      await dynamicWatcher.addOrUpdateWatcher(second, [role]);
      expect(dynamicWatcher.watchCount).toBe(2);
      const endedBefore = relay.endedCount;

      await dynamicWatcher.removeWatcher(second);
      expect(dynamicWatcher.watchCount).toBe(2);
      await dynamicWatcher.addOrUpdateWatcher(first, [db]);
      expect(dynamicWatcher.watchCount).toBe(1);
      await dynamicWatcher.removeWatcher(first);
      expect(dynamicWatcher.watchCount).toBe(0);
      expect(dynamicWatcher.streamCount).toBe(0);
      await bothStreamsEnded(relay, endedBefore);
    });

    it("wakes nobody, neither by itself nor by later changes", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [gone, stays] = [world.watcher("gone"), world.watcher("stays")];
      const [shared, own] = [world.secret("shared"), world.secret("own")];
      await dynamicWatcher.addOrUpdateWatcher(gone, [shared, own]);
      await dynamicWatcher.addWatcher(stays, shared);
      await dynamicWatcher.removeWatcher(gone);
      expect(dynamicWatcher.watchCount).toBe(1);
      await world.create(own);
      await world.create(shared);
      expect(await world.causes()).toEqual(["stays: ADDED Secret/shared"]);
      await dynamicWatcher.addWatcher(stays, own);
      expect(await world.causes()).toEqual(["stays: INITIAL Secret/own"]);
    });

    it("resolves for a watcher that nobody knows", async () => {
      const world = await openWorld();
      await world.dynamicWatcher.removeWatcher(world.watcher("nobody"));
      expect(world.requests).toEqual([]);
    });
  });

  describe("a selector", () => {
    it("reconciles for what it selects when that is created and deleted", async () => {
      const world = await openWorld();
      await world.dynamicWatcher.addWatcher(world.watcher("web"), world.configMaps("app=web"));
      await world.create(world.configMap("other"), { metadata: { labels: { app: "db" } } });
      await world.create(world.configMap("one"), { metadata: { labels: { app: "web" } } });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      await world.delete(world.configMap("other"));
      await world.delete(world.configMap("one"));
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/one"]);
      expect(world.runs).toHaveLength(2);
    });

    it("reconciles when an object enters or leaves it by its labels", async () => {
      const world = await openWorld();
      const [two, fence] = [world.configMap("two"), world.configMap("fence")];
      await world.dynamicWatcher.addWatcher(world.watcher("web"), world.configMaps("app=web"));
      await world.create(two, { metadata: { labels: { app: "db" } } });
      await world.label(two, { app: "web" });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/two"]);
      await world.label(two, { app: "cache" });
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/two"]);
      expect(world.runs.at(-1)?.causes[0]).toMatchObject({ before: { labels: { app: "web" } } });

      await world.delete(two);
      await world.create(fence, { metadata: { labels: { app: "web" } } });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/fence"]);
    });

    it("selects in all namespaces without a namespace, and every object when it is empty", async () => {
      const world = await openWorld();
      const other = await world.controlPlane.createNamespace();
      const { namespace: _, ...everywhere } = world.configMaps(`home=${world.namespace}`);
      await world.dynamicWatcher.addWatcher(world.watcher("everywhere"), everywhere);
      await world.dynamicWatcher.addWatcher(world.watcher("all"), world.configMaps(""));
      await world.create(
        { ...world.configMap("far"), namespace: other },
        { metadata: { labels: { home: world.namespace } } },
      );
      expect(await world.causes()).toEqual(["everywhere: ADDED ConfigMap/far"]);
      await world.create(world.configMap("plain"));
      expect(await world.causes()).toEqual(["all: ADDED ConfigMap/plain"]);
    });
  });

  describe("stop", () => {
    it("ends every watch and its connection, and a later start begins with nothing", async () => {
      const world = await openWorld({ cache: true });
      const { dynamicWatcher, relay } = world;
      const web = world.watcher("web");
      const [db, role] = [world.secret("db"), world.clusterRole("reader")];
      await world.create(db);
      await dynamicWatcher.addOrUpdateWatcher(web, [db, role]);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([2, 2]);
      const endedBefore = relay.endedCount;

      await dynamicWatcher.stop();
      expect([dynamicWatcher.started, dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([
        false,
        0,
        0,
      ]);
      expect(() => dynamicWatcher.getFromCache(db)).toThrow("there is no entry");
      await bothStreamsEnded(relay, endedBefore);

      await world.label(db, { seen: "no" });
      await dynamicWatcher.start();
      expect(dynamicWatcher.watchCount).toBe(0);
      await dynamicWatcher.addWatcher(web, db);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    });

    it("comes with the signal that start() was given", async () => {
      const world = await openWorld({ start: false });
      const { dynamicWatcher } = world;
      const controller = new AbortController();
      await dynamicWatcher.start({ signal: controller.signal });
      await dynamicWatcher.addWatcher(world.watcher("web"), world.secret("db"));
      controller.abort();
      expect(dynamicWatcher.started).toBe(false);
      await until(() => dynamicWatcher.watchCount === 0 && dynamicWatcher.streamCount === 0, {
        what: "its end",
      });
    });
  });
});

function watchesOf(requests: readonly string[], resource: string): number {
  return requests.filter((path) => path.includes(`/${resource}?`) && path.includes("watch=")).length;
}

/** Waits for the connections of two streams. Idle ones end too, but only after 4 s. */
function bothStreamsEnded(relay: TcpRelay, endedBefore: number): Promise<void> {
  const what = "the connections of both streams to end";
  return until(() => relay.endedCount >= endedBefore + 2, { what, timeoutMs: 3_000 });
}
