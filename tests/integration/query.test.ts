import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { caught } from "../fixtures/caught.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds } from "../fixtures/dynamic_watcher_world.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

interface ConfigMap {
  metadata: { name: string; labels?: Record<string, string> };
  data?: Record<string, string>;
}

describeReal("a query", () => {
  const openAnyWorld = dynamicWatcherWorlds();
  const openWorld = () => openAnyWorld({ cache: true });

  describe("by get", () => {
    it("answers the object, without what only the server needs, and watches it once", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [web, settings] = [world.watcher("web"), world.configMap("settings")];
      const annotations = { [LAST_APPLIED]: "{}", kept: "yes" };
      const made = await world.create(settings, { metadata: { annotations }, data: { color: "red" } });
      expect(made.metadata.managedFields).toHaveLength(1);

      const batch = dynamicWatcher.startQueryBatch(web);
      const object = await batch.get<ConfigMap>(settings);
      const { managedFields: _, ...metadata } = made.metadata;
      expect(object).toEqual({
        apiVersion: "v1",
        kind: "ConfigMap",
        metadata: { ...metadata, annotations: { kept: "yes" } },
        data: { color: "red" },
      });
      expect(await batch.get<ConfigMap>({ ...settings, group: "" })).toBe(object);
      await batch.end();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/settings"]);
    });

    it("answers with objects that nobody can change", async () => {
      const world = await openWorld();
      const settings = world.configMap("settings");
      await world.create(settings, { metadata: { labels: { mine: "one" } }, data: { mine: "one" } });
      const object = await world.dynamicWatcher.query(world.watcher("web"), (query) =>
        query.get<ConfigMap>(settings),
      );
      for (const change of [
        (it: ConfigMap) => (it.data!.mine = "two"),
        (it: ConfigMap) => (it.metadata.labels!.mine = "two"),
        (it: ConfigMap) => (it.metadata.name = "other"),
        (it: ConfigMap) => delete it.data,
      ]) {
        expect(() => change(object as ConfigMap)).toThrow(TypeError);
        change(structuredClone(object) as ConfigMap);
      }
      expect(world.dynamicWatcher.getFromCache<ConfigMap>(settings)?.data).toEqual({ mine: "one" });
    });

    it("answers undefined for what the server says is absent, and tells when it comes", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const absent = world.configMap("absent");
      expect(await dynamicWatcher.query(world.watcher("web"), (query) => query.get(absent))).toBeUndefined();
      expect(dynamicWatcher.getFromCache(absent)).toBeUndefined();
      expect(dynamicWatcher.watchCount).toBe(1);
      await world.create(absent);
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/absent"]);
      expect(dynamicWatcher.getFromCache(absent)).toMatchObject({ metadata: { name: "absent" } });
    });

    it("takes a namespace for a cluster-scoped kind as none", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const home = { version: "v1", kind: "Namespace", name: world.namespace };
      for (let round = 0; round < 2; round++) {
        const batch = dynamicWatcher.startQueryBatch(web);
        expect(await batch.get({ ...home, namespace: "anywhere" })).toMatchObject({
          metadata: { name: home.name },
        });
        await batch.end();
        expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      }
      await world.patch(home, { metadata: { annotations: { my: "test" } } });
      expect(await world.causes(2)).toEqual([
        `web: INITIAL Namespace/${home.name}`,
        `web: MODIFIED Namespace/${home.name}`,
      ]);
      const annotated = { metadata: { annotations: { my: "test" } } };
      expect(dynamicWatcher.getFromCache(home)).toMatchObject(annotated);
      expect(dynamicWatcher.getFromCache({ ...home, namespace: "elsewhere" })).toMatchObject(annotated);
    });
  });

  describe("by list", () => {
    it("answers what the selector selects, sorted, and follows it", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const selected = world.configMaps("watch=me");
      const labelled = { metadata: { labels: { watch: "me" } } };
      await world.create(world.configMap("two"), labelled);
      await world.create(world.configMap("one"), labelled);
      await world.create(world.configMap("other"));
      const batch = dynamicWatcher.startQueryBatch(world.watcher("web"));
      const list = () => batch.list<ConfigMap>(selected);
      const first = await list();
      expect(first).toMatchObject([
        { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "one", namespace: world.namespace } },
        { metadata: { name: "two" } },
      ]);
      expect(await list()).toBe(first);

      await world.delete(world.configMap("two"));
      await until(async () => (await list()).length === 1, { what: "the deletion" });
      await world.create(world.configMap("three"), labelled);
      await until(async () => (await list()).length === 2, { what: "the creation" });
      expect(namesOf(dynamicWatcher.listFromCache<ConfigMap>(selected))).toEqual(["one", "three"]);
      expect(namesOf(first)).toEqual(["one", "two"]);
      expect(Object.isFrozen(first)).toBe(true);
      expect(dynamicWatcher.watchCount).toBe(1);
      await batch.end();
    });

    it("answers every object of the namespace without a selector", async () => {
      const world = await openWorld();
      const everything = { version: "v1", kind: "ConfigMap", namespace: world.namespace };
      await world.create(world.configMap("one"));
      const listed = await world.dynamicWatcher.query(world.watcher("web"), (query) =>
        query.list<ConfigMap>(everything),
      );
      expect(namesOf(listed)).toEqual(["one"]);
      expect(world.dynamicWatcher.listFromCache({ ...everything, selector: "" })).toBe(
        world.dynamicWatcher.listFromCache(everything),
      );
    });

    it("answers an empty list where nothing is selected, which is not the same as not knowing", async () => {
      const world = await openWorld();
      const nothing = world.configMaps("watch=nobody");
      expect(await world.dynamicWatcher.query(world.watcher("web"), (query) => query.list(nothing))).toEqual(
        [],
      );
      expect(world.dynamicWatcher.listFromCache(nothing)).toEqual([]);
      const unknown = () => world.dynamicWatcher.listFromCache(world.configMaps("watch=others"));
      expect(caught(unknown)).toMatchObject({ code: "NO_CACHE_ENTRY" });
    });
  });

  describe("of the cache alone", () => {
    it("follows updates and deletions without a request", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const settings = world.configMap("settings");
      await world.create(settings, { data: { color: "red" } });
      await dynamicWatcher.addWatcher(world.watcher("web"), settings);
      const requests = world.requests.length;
      const read = () => dynamicWatcher.getFromCache<ConfigMap>(settings);
      expect(read()?.data).toEqual({ color: "red" });
      await world.patch(settings, { data: { color: "blue" } });
      await until(() => read()?.data?.color === "blue", { what: "the update" });
      await world.delete(settings);
      await until(() => read() === undefined, { what: "the deletion" });
      expect(world.requests).toHaveLength(requests);
    });

    it("has an entry for what some watcher depends on, and no other", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const [db, other] = [world.secret("db"), world.secret("other")];
      await Promise.all([world.create(db), world.create(other)]);
      await dynamicWatcher.addWatcher(world.watcher("web"), db);
      expect(dynamicWatcher.getFromCache(db)).toMatchObject({ metadata: { name: "db" } });
      const { name: _, ...secrets } = db;
      for (const unknown of [
        () => dynamicWatcher.getFromCache(other),
        () => dynamicWatcher.listFromCache(secrets),
        () => dynamicWatcher.listWatchedFromCache(world.watcher("nobody")),
      ]) {
        expect(caught(unknown)).toMatchObject({ code: "NO_CACHE_ENTRY" });
      }
      await dynamicWatcher.removeWatcher(world.watcher("web"));
      expect(caught(() => dynamicWatcher.getFromCache(db))).toMatchObject({ code: "NO_CACHE_ENTRY" });
    });

    it("lists each object that a watcher depends on once, in a stable order", async () => {
      const world = await openWorld();
      const { dynamicWatcher } = world;
      const web = world.watcher("web");
      const labelled = { metadata: { labels: { app: "web" } } };
      await Promise.all([
        world.create(world.secret("db")),
        world.create(world.configMap("b"), labelled),
        world.create(world.configMap("a"), labelled),
      ]);
      await dynamicWatcher.addOrUpdateWatcher(web, [
        world.secret("db"),
        world.secret("absent"),
        world.configMaps("app=web"),
        world.configMap("b"),
      ]);
      for (let round = 0; round < 2; round++) {
        expect(dynamicWatcher.listWatchedFromCache(web)).toMatchObject([
          { kind: "ConfigMap", metadata: { name: "a" } },
          { kind: "ConfigMap", metadata: { name: "b" } },
          { kind: "Secret", metadata: { name: "db" } },
        ]);
      }
    });
  });
});

function namesOf(objects: readonly { readonly metadata: { readonly name: string } }[]): string[] {
  return objects.map(({ metadata }) => metadata.name);
}
