import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, deployment, secret, standing, startedWorld, type World, watcher } from "./harness.ts";

const [web, other] = [watcher("web"), watcher("other")];
const db = secret("db");

/** Refuses the stream of an identifier, and again whatever it asks next. */
async function refuse({ api, clock }: World, id = db, status = 403): Promise<void> {
  api.held.add("secrets");
  api.stream(id).send({ type: "ERROR", object: { kind: "Status", status: "Failure", code: status } });
  await settle();
  await clock.advance(1_000);
  api.stream(id).refuse(status);
  await settle();
  api.release("secrets");
}

describe("an identifier that is blocked", () => {
  for (const status of [401, 403]) {
    it(`by ${status} is not counted, has no cache entry, and all its watchers are told why`, async () => {
      const world = await startedWorld({ cache: true });
      const { dynamicWatcher, api } = world;
      api.put(db);
      for (const id of [web, other]) await dynamicWatcher.addOrUpdateWatcher(id, [db, configMap("own")]);
      await world.causes();
      await refuse(world, db, status);
      expect(await world.causes()).toEqual(["web: BLOCKED Secret/db", "other: BLOCKED Secret/db"]);
      const [cause] = world.runs.at(-1)?.causes ?? [];
      expect(cause).toMatchObject({ watched: db, error: { code: "API_ERROR", status, watched: db } });
      expect(world.counts).toEqual({ watched: 1, streams: 1 });
      expect(() => dynamicWatcher.getFromCache(db)).toThrow("no entry");
      expect(dynamicWatcher.listWatchedFromCache(web)).toEqual([]);
    });
  }

  it("is not, when the refusal was of the moment", async () => {
    const world = await startedWorld();
    await world.dynamicWatcher.addWatcher(web, db);
    world.api.stream(db).send({ type: "ERROR", object: { kind: "Status", code: 403 } });
    await world.clock.advance(1_000);
    world.api.put(db);
    expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });

  it("because its kind has gone is not asked for again", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    await dynamicWatcher.addWatcher(web, deployment("web"));
    api.discovery.served.delete("apps/v1");
    api.held.add("deployments");
    api.stream(deployment("web")).break();
    await clock.advance(60_000);
    api.stream(deployment("web")).answer(404, "404 page not found");
    expect(await world.causes()).toEqual(["web: BLOCKED Deployment/web"]);
    expect(world.runs[0]?.causes).toMatchObject([{ error: { code: "NO_VERSIONED_RESOURCE" } }]);
    const asked = api.calls.length;
    await clock.advance(3_600_000);
    expect(api.calls.length).toBe(asked);
    expect(world.counts).toEqual({ watched: 0, streams: 0 });
    expect(clock.pending).toBe(0);
  });

  it("because its kind has another scope now can be added anew", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    await dynamicWatcher.addWatcher(web, deployment("web"));
    api.discovery.served.set("apps/v1", [{ resource: "deployments", kind: "Deployment", namespaced: false }]);
    api.held.add("deployments");
    api.stream(deployment("web")).break();
    await clock.advance(60_000);
    api.stream(deployment("web")).answer(404, "404 page not found");
    expect(await world.causes()).toEqual(["web: BLOCKED Deployment/web"]);
    api.held.clear();
    await dynamicWatcher.addWatcher(web, deployment("web"));
    expect(api.calls.at(-1)?.path).toBe("/apis/apps/v1/deployments");
  });

  it("can be added again, by the reconcile that is told of it too", async () => {
    const world: World = await startedWorld({
      reconcile: async (id, { causes }) => {
        if (causes[0]?.type === "BLOCKED") await world.dynamicWatcher.addWatcher(id, db);
      },
    });
    const { dynamicWatcher, api } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    await refuse(world);
    expect(await world.causes()).toEqual([
      "web: INITIAL Secret/db",
      "web: BLOCKED Secret/db",
      "web: INITIAL Secret/db",
    ]);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });

  it("lets its watchers be removed, and everything be stopped", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, clock } = world;
    for (const id of [web, other]) await dynamicWatcher.addWatcher(id, db);
    await refuse(world);
    expect(await standing(dynamicWatcher.removeWatcher(web))).toBe("resolved");
    expect(await standing(dynamicWatcher.stop())).toBe("resolved");
    expect(clock.pending).toBe(0);
  });

  it("is counted as long as its stream only tries again", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api, clock } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    api.held.add("secrets");
    api.stream(db).break();
    await clock.advance(3_600_000);
    expect(world.counts).toEqual({ watched: 1, streams: 0 });
    expect(dynamicWatcher.getFromCache(db)?.metadata?.name).toBe("db");
  });
});
