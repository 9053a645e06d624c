import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import { type OpenWorld, watcher } from "./world.ts";

export function edgeCases(open: OpenWorld): void {
  describe("a watcher of one object", () => {
    it("is reconciled when the object is created, changed and deleted", async () => {
      const world = await open();
      const [web, one] = [watcher("web"), world.configMap("one")];
      await world.dynamicWatcher.addWatcher(web, one);
      expect([world.dynamicWatcher.watchCount, world.dynamicWatcher.streamCount]).toEqual([1, 1]);
      await world.create("other");
      await world.create("one");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      await world.patch("one", { metadata: { labels: { app: "web" } } });
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/one"]);
      await world.delete("one");
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/one"]);
      expect(world.runs.map((run) => run.watcher)).toEqual([web, web, web]);
      expect(world.runs[1]?.causes[0]).toMatchObject({
        watched: one,
        relisted: false,
        before: { labels: {} },
        after: { namespace: world.api.namespace, name: "one", labels: { app: "web" } },
      });
    });

    it("is told of a deleted and recreated object as of two", async () => {
      const world = await open();
      await world.create("one");
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
      await world.delete("one");
      await world.create("one");
      expect(await world.causes(2)).toEqual(["web: DELETED ConfigMap/one", "web: ADDED ConfigMap/one"]);
    });

    it("is told of an object that a finalizer holds when it changes, and when it goes", async () => {
      const world = await open();
      const metadata = { name: "one", finalizers: ["example.com/held"] };
      await world.api.create(world.api.configMaps, { metadata });
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
      await world.delete("one");
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/one"]);
      await world.patch("one", { metadata: { finalizers: null } });
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/one"]);
    });

    it("is told what a change changed, with the cache on", async () => {
      const world = await open({ cache: true });
      await world.api.create(world.api.configMaps, { metadata: { name: "one" }, data: { a: "1", b: "2" } });
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      await world.causes();
      await world.patch("one", { data: { a: "9", b: null } });
      await world.causes();
      const [cause] = world.runs.at(-1)?.causes ?? [];
      const patch = cause && "patch" in cause ? (cause.patch ?? []) : [];
      expect(patch.filter(({ path }) => path.startsWith("/data/"))).toEqual([
        { op: "remove", path: "/data/b" },
        { op: "replace", path: "/data/a", value: "9" },
      ]);
    });

    it("begins with a streaming list alone", async () => {
      const world = await open();
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      const requests = world.requests.filter((path) => path.includes("/configmaps"));
      expect(requests).toHaveLength(1);
      expect(requests[0]).toMatch(/[?&]watch=(?:1|true)&.*sendInitialEvents=true/);
    });

    it("is not reconciled by writes that change nothing, nor when its watch begins anew", async () => {
      const world = await open({ watchTimeoutMs: 1_000 });
      await world.create("one");
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
      await world.patch("one", {});
      const watches = () => world.requests.filter((path) => path.includes("watch=")).length;
      await until(() => watches() >= 3, { what: "the second watch after the first" });
      await world.patch("one", { data: { changed: "yes" } });
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/one"]);
    });
  });

  describe("watchers of the same identifier", () => {
    it("share one watch, however it is spelled, and are all reconciled", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      await dynamicWatcher.addWatcher(watcher("a"), world.configMaps("app=web,tier=x"));
      await dynamicWatcher.addWatcher(watcher("b"), {
        ...world.configMaps("tier in (x), app == web"),
        group: "",
      });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      await world.api.create(world.api.configMaps, {
        metadata: { name: "one", labels: { app: "web", tier: "x" } },
      });
      expect((await world.causes(2)).sort()).toEqual(["a: ADDED ConfigMap/one", "b: ADDED ConfigMap/one"]);
    });

    it("of a kind in no namespace share it whatever namespace they name", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      const self = { version: "v1", kind: "Namespace", name: world.api.namespace };
      await dynamicWatcher.addWatcher(watcher("a"), self);
      await dynamicWatcher.addWatcher(watcher("b"), { ...self, namespace: "default" });
      expect(dynamicWatcher.watchCount).toBe(1);
      expect(await world.causes(2)).toEqual([
        `a: INITIAL Namespace/${self.name}`,
        `b: INITIAL Namespace/${self.name}`,
      ]);
    });
  });

  describe("a watcher of a selector", () => {
    it("is reconciled for what is created and deleted in it", async () => {
      const world = await open();
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMaps("app=web"));
      await world.create("other", "db");
      await world.create("one", "web");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      await world.delete("other");
      await world.delete("one");
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/one"]);
    });

    it("is reconciled for what enters and leaves it by its labels", async () => {
      const world = await open();
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMaps("app=web"));
      await world.create("one", "db");
      await world.patch("one", { metadata: { labels: { app: "web" } } });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      await world.patch("one", { data: { a: "1" } });
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/one"]);
      await world.patch("one", { metadata: { labels: { app: "db" } } });
      expect(await world.causes()).toEqual(["web: DELETED ConfigMap/one"]);
      expect(world.runs.at(-1)?.causes[0]).toMatchObject({ before: { labels: { app: "web" } } });
      await world.patch("one", { metadata: { labels: { app: null } } });
      await world.create("fence", "web");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/fence"]);
    });

    it("in no namespace is reconciled for all", async () => {
      const world = await open();
      const { namespace: _, ...everywhere } = world.configMaps(`home=${world.api.namespace}`);
      await world.dynamicWatcher.addWatcher(watcher("web"), everywhere);
      const other = await world.api.server.createNamespace();
      const metadata = { name: "far", labels: { home: world.api.namespace } };
      await world.api.create(`/api/v1/namespaces/${other}/configmaps`, { metadata });
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/far"]);
    });
  });

  describe("the initial reconcile", () => {
    it("comes once for each new edge to what exists, be its watch new or running", async () => {
      const world = await open();
      await world.create("one", "web");
      for (const name of ["first", "second"]) {
        const watched = [world.configMap("one"), world.configMap("absent"), world.configMaps("app=web")];
        await world.dynamicWatcher.addOrUpdateWatcher(watcher(name), watched);
        await world.dynamicWatcher.addOrUpdateWatcher(watcher(name), watched);
      }
      await world.create("absent");
      const causes = await world.causes(6);
      expect(causes.sort()).toEqual(
        ["first", "second"].flatMap((name) => [
          `${name}: ADDED ConfigMap/absent`,
          `${name}: INITIAL ConfigMap/one`,
          `${name}: INITIAL ConfigMap?app=web`,
        ]),
      );
    });

    it("does not come when it is switched off", async () => {
      const world = await open({ initialReconcile: false });
      await world.create("one");
      await world.dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      await world.patch("one", { data: { a: "1" } });
      expect(await world.causes()).toEqual(["web: MODIFIED ConfigMap/one"]);
    });
  });

  describe("addOrUpdateWatcher", () => {
    it("replaces what is watched", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      const web = watcher("web");
      await dynamicWatcher.addOrUpdateWatcher(web, [world.configMap("a"), world.configMap("b")]);
      await dynamicWatcher.addOrUpdateWatcher(web, [world.configMap("b"), world.configMap("c")]);
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([2, 2]);
      for (const name of ["a", "b", "c"]) await world.create(name);
      expect((await world.causes(2)).sort()).toEqual(["web: ADDED ConfigMap/b", "web: ADDED ConfigMap/c"]);
    });

    it("changes nothing when one of many fails", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      const web = watcher("web");
      await dynamicWatcher.addWatcher(web, world.configMap("a"));
      const unknown = { version: "v1", kind: "Gizmo", namespace: world.api.namespace, name: "x" };
      const updated = dynamicWatcher.addOrUpdateWatcher(web, [world.configMap("b"), unknown]);
      await expect(updated).rejects.toMatchObject({ code: "NO_VERSIONED_RESOURCE", watched: unknown });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      await world.create("b");
      await world.create("a");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/a"]);
    });
  });

  describe("removeWatcher", () => {
    it("ends the watches that nobody else needs, and wakes nobody", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      await dynamicWatcher.addOrUpdateWatcher(watcher("gone"), [
        world.configMap("shared"),
        world.configMap("own"),
      ]);
      await dynamicWatcher.addWatcher(watcher("stays"), world.configMap("shared"));
      await dynamicWatcher.removeWatcher(watcher("gone"));
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      await world.create("own");
      await world.create("shared");
      expect(await world.causes()).toEqual(["stays: ADDED ConfigMap/shared"]);
      await dynamicWatcher.removeWatcher(watcher("stays"));
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });
  });

  describe("stop", () => {
    it("ends every watch; a later start begins with nothing", async () => {
      const world = await open();
      const { dynamicWatcher } = world;
      await world.create("one");
      await dynamicWatcher.addOrUpdateWatcher(watcher("web"), [
        world.configMap("one"),
        world.configMaps("app"),
      ]);
      await world.causes();
      await dynamicWatcher.stop();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
      await world.patch("one", { data: { a: "1" } });
      await dynamicWatcher.start();
      await dynamicWatcher.addWatcher(watcher("web"), world.configMap("one"));
      expect(await world.causes()).toEqual(["web: INITIAL ConfigMap/one"]);
    });
  });
}
