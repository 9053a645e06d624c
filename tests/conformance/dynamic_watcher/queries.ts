import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Frozen, KubernetesObject } from "../../../mod.ts";
import { until } from "../../fixtures/control_plane.ts";
import { custom, GROUP } from "../custom_kinds.ts";
import { type OpenWorld, watcher } from "./world.ts";

export function queryCases(open: OpenWorld): void {
  describe("a query batch", () => {
    it("reads objects and selections, and watches what it reads", async () => {
      const world = await open({ cache: true });
      const { dynamicWatcher } = world;
      await world.create("b", "web");
      await world.create("a", "web");
      const batch = dynamicWatcher.startQueryBatch(watcher("web"));
      expect((await batch.get(world.configMap("a")))?.metadata?.name).toBe("a");
      expect(await batch.get(world.configMap("absent"))).toBe(undefined);
      expect(namesOf(await batch.list(world.configMaps("app=web")))).toEqual(["a", "b"]);
      expect(await batch.list(world.configMaps("app=db"))).toEqual([]);
      await batch.end();
      expect(dynamicWatcher.watchCount).toBe(4);
      expect((await world.causes(2)).sort()).toEqual([
        "web: INITIAL ConfigMap/a",
        "web: INITIAL ConfigMap?app=web",
      ]);

      await world.create("absent");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/absent"]);
      expect(dynamicWatcher.getFromCache(world.configMap("absent"))).toMatchObject({
        metadata: { name: "absent" },
      });
      await world.delete("a");
      expect(await world.causes(2)).toEqual(["web: DELETED ConfigMap/a", "web: DELETED ConfigMap/a"]);
      expect(dynamicWatcher.getFromCache(world.configMap("a"))).toBe(undefined);
      expect(namesOf(dynamicWatcher.listFromCache(world.configMaps("app=web")))).toEqual(["b"]);
      expect(namesOf(dynamicWatcher.listWatchedFromCache(watcher("web")))).toEqual(["absent", "b"]);
    });

    it("drops what it does not read", async () => {
      const world = await open({ cache: true, initialReconcile: false });
      const { dynamicWatcher } = world;
      await dynamicWatcher.addOrUpdateWatcher(watcher("web"), [
        world.configMap("old"),
        world.configMap("kept"),
      ]);
      const batch = dynamicWatcher.startQueryBatch(watcher("web"));
      await batch.get(world.configMap("kept"));
      await batch.end();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      expect(() => dynamicWatcher.getFromCache(world.configMap("old"))).toThrow("there is no entry");
      await world.create("old");
      await world.create("kept");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/kept"]);
    });

    it("loses no change between a read and the end", async () => {
      const world = await open({ cache: true, initialReconcile: false });
      const batch = world.dynamicWatcher.startQueryBatch(watcher("web"));
      expect(await batch.get(world.configMap("one"))).toBe(undefined);
      await world.create("one");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
      expect((await batch.get(world.configMap("one")))?.metadata?.name).toBe("one");
      await batch.end();
    });

    it("that fails for a kind that is not there reads on", async () => {
      const world = await open({ cache: true });
      const batch = world.dynamicWatcher.startQueryBatch(watcher("web"));
      const unknown = { version: "v1", kind: "Gizmo", namespace: world.api.namespace, name: "x" };
      await expect(batch.get(unknown)).rejects.toMatchObject({ code: "NO_VERSIONED_RESOURCE" });
      expect(await batch.get(world.configMap("one"))).toBe(undefined);
      await batch.end();
      expect(world.dynamicWatcher.watchCount).toBe(1);
    });
  });

  describe("query()", () => {
    it("is a batch that ends by itself", async () => {
      const world = await open({ cache: true, initialReconcile: false });
      const { dynamicWatcher } = world;
      await world.create("one");
      const name = await dynamicWatcher.query(watcher("web"), async (query) => {
        return (await query.get<KubernetesObject>(world.configMap("one")))?.metadata?.name;
      });
      expect([name, dynamicWatcher.watchCount]).toEqual(["one", 1]);
      await dynamicWatcher.query(watcher("web"), (query) => query.get(world.configMap("two")));
      expect(dynamicWatcher.watchCount).toBe(1);
      await world.delete("one");
      await world.create("two");
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/two"]);
    });
  });

  describe("an answer", () => {
    it("has its kind, and neither managed fields nor what was last applied; it is frozen", async () => {
      const world = await open({ cache: true });
      const annotations = { "kubectl.kubernetes.io/last-applied-configuration": "{}", note: "x" };
      await world.api.create(world.api.configMaps, {
        metadata: { name: "one", annotations },
        data: { a: "1" },
      });
      const answers = await world.dynamicWatcher.query(watcher("web"), async (query) => [
        await query.get(world.configMap("one")),
        ...(await query.list(world.configMaps(""))).filter((object) => object.metadata?.name === "one"),
      ]);
      const metadata = {
        ...{ name: "one", namespace: world.api.namespace, annotations: { note: "x" } },
        uid: expect.any(String),
        ...{
          resourceVersion: expect.stringMatching(/^\d+$/),
          creationTimestamp: expect.stringMatching(/^\d{4}-/),
        },
      };
      expect(answers).toHaveLength(2);
      for (const answer of answers) {
        expect(answer).toEqual({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { a: "1" } });
        expect([Object.isFrozen(answer), Object.isFrozen(answer?.metadata)]).toEqual([true, true]);
      }
    });

    it("of a custom kind is the same in every way that it came", async () => {
      const world = await open({ cache: true });
      await world.api.create(
        world.api.widgets,
        custom("Widget", "w", { metadata: { labels: { a: "1" } }, spec: { n: 1 } }),
      );
      const one = world.widget("w");
      const { name: _, ...kind } = one;
      const [got, [listed]] = await world.dynamicWatcher.query(watcher("web"), async (query) => [
        await query.get(one),
        await query.list({ ...kind, selector: "a=1" }),
      ]);
      expect(got).toEqual(listed);
      expect(got).toMatchObject({
        apiVersion: `${GROUP}/v1`,
        kind: "Widget",
        metadata: { generation: 1 },
        spec: { n: 1 },
      });
      await world.api.patch(`${world.api.widgets}/w`, { spec: { n: 2 } });
      await until(() => world.dynamicWatcher.getFromCache<{ spec: object }>(one)?.spec !== got?.spec, {
        what: "the change to come",
      });
      expect(world.dynamicWatcher.getFromCache(one)).toMatchObject({
        metadata: { generation: 2 },
        spec: { n: 2 },
      });
    });
  });
}

function namesOf(objects: readonly Frozen<KubernetesObject>[]): (string | undefined)[] {
  return objects.map(({ metadata }) => metadata?.name);
}
