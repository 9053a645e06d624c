import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds, type World, type WorldOptions } from "../fixtures/dynamic_watcher_world.ts";

describeReal("the permissions of a DynamicWatcher", () => {
  const openWorld = dynamicWatcherWorlds({ users: [{ name: "alice" }, { name: "bob" }] });

  /** A world whose requests are those of alice, who may do nothing. */
  async function openWorldOfAlice(options: WorldOptions = {}): Promise<World> {
    const world: World = await openWorld({ token: () => world.controlPlane.token("alice"), ...options });
    return world;
  }

  function allow(
    world: World,
    resource: string,
    verbs: readonly string[] = ["list", "watch"],
    user = "alice",
  ) {
    const { controlPlane, namespace } = world;
    return controlPlane.grant(user, { resources: [resource], verbs, namespace });
  }

  describe("that are missing at the start", () => {
    it("reject with a 403 that names them and what they are needed for", async () => {
      const world = await openWorldOfAlice({ cache: true });
      const { dynamicWatcher } = world;
      const [web, db] = [world.watcher("web"), world.secret("db")];
      const batch = dynamicWatcher.startQueryBatch(world.watcher("batch"));
      for (const call of [
        () => dynamicWatcher.addWatcher(web, db),
        () => dynamicWatcher.addOrUpdateWatcher(web, [db]),
        () => batch.get(db),
        () => dynamicWatcher.query(web, (query) => query.get(db)),
      ]) {
        const refused = { code: "API_ERROR", status: 403, reason: "Forbidden", watched: db };
        await expect(call()).rejects.toMatchObject(refused);
        await expect(call()).rejects.toThrow("list and watch permissions are needed");
      }
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("reject also where only one of list and watch is missing", async () => {
      const world = await openWorldOfAlice();
      await allow(world, "secrets", ["list"]);
      const added = world.dynamicWatcher.addWatcher(world.watcher("web"), world.secret("db"));
      await expect(added).rejects.toMatchObject({
        status: 403,
        message: expect.stringContaining("list and watch"),
      });
    });

    it("say which of many are meant", async () => {
      const world = await openWorldOfAlice();
      const [map, db] = [world.configMap("map"), world.secret("db")];
      await allow(world, "configmaps");
      const added = world.dynamicWatcher.addOrUpdateWatcher(world.watcher("web"), [map, db]);
      await expect(added).rejects.toMatchObject({ status: 403, watched: db });
      expect([world.dynamicWatcher.watchCount, world.dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("hinder nobody once they are granted", async () => {
      const world = await openWorldOfAlice();
      const [web, db] = [world.watcher("web"), world.secret("db")];
      await world.create(db);
      await expect(world.dynamicWatcher.addWatcher(web, db)).rejects.toMatchObject({ status: 403 });
      await allow(world, "secrets");
      await world.dynamicWatcher.addWatcher(web, db);
      expect(world.dynamicWatcher.watchCount).toBe(1);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    });
  });

  describe("of somebody whom the server does not know", () => {
    it("reject with a 401, at the discovery of the kind and at its watch", async () => {
      let token = "unknown";
      const world = await openWorld({ token: () => token });
      const { dynamicWatcher } = world;
      const [web, db] = [world.watcher("web"), world.secret("db")];
      const refused = { code: "API_ERROR", status: 401, reason: "Unauthorized", watched: db };
      await expect(dynamicWatcher.addWatcher(web, db)).rejects.toMatchObject(refused);

      token = world.controlPlane.token("alice");
      await dynamicWatcher.gvkToGvr({ group: "", version: "v1", kind: "Secret" });
      token = "unknown";
      const added = dynamicWatcher.addWatcher(web, db);
      await expect(added).rejects.toMatchObject(refused);
      await expect(added).rejects.toThrow("list and watch permissions are needed");
      expect(dynamicWatcher.watchCount).toBe(0);
    });

    it("tell each of two calls at once of its own", async () => {
      const world = await openWorld({ token: () => "unknown" });
      const watched = [world.secret("db"), world.configMap("map")];
      const added = await Promise.allSettled(
        watched.map((id) => world.dynamicWatcher.addWatcher(world.watcher("web"), id)),
      );
      const refusals = added.map((result) =>
        result.status === "rejected" ? result.reason.watched : undefined,
      );
      expect(refusals).toEqual(watched);
    });
  });

  describe("that go during a run", () => {
    it("block what they were needed for, and nothing else", async () => {
      const world = await openWorldOfAlice({ cache: true });
      const { dynamicWatcher, relay } = world;
      const [db, map] = [world.secret("db"), world.configMap("map")];
      const grant = await allow(world, "secrets");
      await allow(world, "configmaps");
      await Promise.all([world.create(db), world.create(map)]);
      await dynamicWatcher.addOrUpdateWatcher(world.watcher("first"), [db, map]);
      await dynamicWatcher.addWatcher(world.watcher("second"), db);
      await world.causes(3);

      await world.controlPlane.revoke(grant);
      relay.cut();
      const blocked = await world.causes(2);
      expect(blocked.sort()).toEqual(["first: BLOCKED Secret/db", "second: BLOCKED Secret/db"]);
      expect(world.runs.at(-1)?.causes[0]).toMatchObject({
        watched: db,
        error: { code: "API_ERROR", status: 403 },
      });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
      expect(() => dynamicWatcher.getFromCache(db)).toThrow("there is no entry");
      expect(() => dynamicWatcher.listWatchedFromCache(world.watcher("second"))).toThrow("there is no entry");
      expect(dynamicWatcher.listWatchedFromCache(world.watcher("first"))).toHaveLength(1);

      await world.label(map, { still: "watched" });
      expect(await world.causes()).toEqual(["first: MODIFIED ConfigMap/map"]);
    });

    it("hinder nobody once they are granted again", async () => {
      const world = await openWorldOfAlice();
      const { dynamicWatcher } = world;
      const [web, db] = [world.watcher("web"), world.secret("db")];
      const grant = await allow(world, "secrets");
      await world.create(db);
      await dynamicWatcher.addWatcher(web, db);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
      await world.controlPlane.revoke(grant);
      world.relay.cut();
      expect(await world.causes()).toEqual(["web: BLOCKED Secret/db"]);
      await expect(dynamicWatcher.addWatcher(web, db)).rejects.toMatchObject({ status: 403 });

      await allow(world, "secrets");
      await dynamicWatcher.addWatcher(web, db);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
      await world.label(db, { back: "again" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
    });

    it("block with a 401 as they do with a 403", async () => {
      let token = "";
      const world = await openWorld({ token: () => token });
      token = world.controlPlane.token("alice");
      await allow(world, "secrets");
      await world.dynamicWatcher.addWatcher(world.watcher("web"), world.secret("db"));
      token = "unknown";
      world.relay.cut();
      expect(await world.causes()).toEqual(["web: BLOCKED Secret/db"]);
      expect(world.runs[0]?.causes[0]).toMatchObject({ error: { status: 401 } });
      expect(world.dynamicWatcher.watchCount).toBe(0);
    });

    it("may be refused once: what is allowed again when it is asked for again goes on as if nothing had been", async () => {
      let user = "alice";
      const world: World = await openWorldOfAlice({ token: () => world.controlPlane.token(user) });
      const { dynamicWatcher } = world;
      const db = world.secret("db");
      await allow(world, "secrets");
      await world.create(db);
      await dynamicWatcher.addWatcher(world.watcher("web"), db);
      expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
      dynamicWatcher.addEventListener("stream", ({ state }) => {
        if (state.state === "retrying") user = "alice";
      });

      user = "bob";
      world.relay.cut();
      await world.reconnected(1);
      expect(
        world.streamEvents.map(({ state }) => ("error" in state ? state.error : state.state)),
      ).toMatchObject(["starting", "live", { status: 403 }, "live"]);
      await world.label(db, { seen: "yes" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
      expect(dynamicWatcher.watchCount).toBe(1);
    });
  });
});
