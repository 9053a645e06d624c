import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ObjectCause } from "../../../lib/kubernetes/cause.ts";
import { configMap, configMaps, secret, startedWorld, type World, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");

/** Takes the connection of an identifier down, does `meanwhile`, and lets it come back to a new list. */
async function relist({ api, clock }: World, id: typeof db, meanwhile: () => void): Promise<void> {
  api.compacted = true;
  api.stream(id).break();
  meanwhile();
  await clock.advance(120_000);
  api.compacted = false;
}

async function watching(id: typeof db): Promise<World> {
  const world = await startedWorld({ cache: true });
  await world.dynamicWatcher.addWatcher(web, id);
  await world.causes();
  return world;
}

describe("a stream that begins anew", () => {
  it("wakes nobody when nothing has changed, not even with the initial reconcile on", async () => {
    const world = await startedWorld();
    world.api.put(db);
    await world.dynamicWatcher.addWatcher(web, db);
    expect(await world.causes()).toHaveLength(1);
    await relist(world, db, () => {});
    expect(world.api.asked(db).length).toBeGreaterThan(2);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    expect(await world.causes()).toEqual([]);
    expect(world.transitions).toEqual([]);
  });

  it("tells of a delete that only the list shows, with what was before", async () => {
    const world = await startedWorld({ cache: true });
    world.api.put(db, { data: { a: "1" } });
    await world.dynamicWatcher.addWatcher(web, db);
    await world.causes();
    await relist(world, db, () => world.api.delete(db));
    expect(await world.causes()).toEqual(["web: DELETED Secret/db"]);
    const cause = world.runs.at(-1)?.causes[0] as ObjectCause;
    expect(cause.relisted).toBe(true);
    expect(cause.before?.object()?.data).toEqual({ a: "1" });
    expect(cause.after).toBeUndefined();
    expect(world.dynamicWatcher.getFromCache(db)).toBeUndefined();
  });

  it("tells of an object that left the selector meanwhile, and of one that entered it", async () => {
    const world = await startedWorld({ cache: true });
    const [stays, leaves, enters] = ["stays", "leaves", "enters"].map(configMap);
    world.api.put(stays!, { labels: { app: "web" } });
    world.api.put(leaves!, { labels: { app: "web" } });
    world.api.put(enters!, { labels: { app: "db" } });
    await world.dynamicWatcher.addWatcher(web, configMaps("app=web"));
    await world.causes();
    await relist(world, configMaps("app=web"), () => {
      world.api.put(leaves!, { labels: { app: "db" } });
      world.api.put(enters!, { labels: { app: "web" } });
    });
    expect((await world.causes()).sort()).toEqual([
      "web: ADDED ConfigMap/enters",
      "web: DELETED ConfigMap/leaves",
    ]);
    expect(world.dynamicWatcher.listFromCache(configMaps("app=web")).map((it) => it.metadata?.name)).toEqual([
      "enters",
      "stays",
    ]);
  });

  it("tells of a delete and a recreate in the gap as two", async () => {
    const world = await startedWorld();
    world.api.put(db, { uid: "first" });
    await world.dynamicWatcher.addWatcher(web, db);
    await world.causes();
    await relist(world, db, () => world.api.put(db, { uid: "second" }));
    expect(await world.causes()).toEqual(["web: DELETED Secret/db", "web: ADDED Secret/db"]);
  });

  it("wakes only those whose objects have changed", async () => {
    const world = await startedWorld({ cache: true });
    const [a, b] = [secret("a"), secret("b")];
    for (const id of [a, b]) {
      world.api.put(id);
      await world.dynamicWatcher.addWatcher(watcher(`w-${id.name}`), id);
    }
    await world.causes();
    await relist(world, a, () => world.api.put(a));
    await relist(world, b, () => {});
    expect(await world.causes()).toEqual(["w-a: MODIFIED Secret/a"]);
  });

  it("goes on where it was, without a list, when the server lets it", async () => {
    const world = await watching(db);
    world.api.put(db);
    expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
    const { version } = world.api;
    world.api.stream(db).break();
    await world.clock.advance(120_000);
    expect(world.api.stream(db).query).toMatchObject({ resourceVersion: version });
    expect(world.api.stream(db).query.sendInitialEvents).toBeUndefined();
    // What it has seen is not brought back by a replay.
    world.api.delete(db);
    expect(await world.causes()).toEqual(["web: DELETED Secret/db"]);
    world.api.stream(db).send({
      type: "ADDED",
      object: { metadata: { name: "db", namespace: "ns", uid: "u-db", resourceVersion: version } },
    });
    expect(await world.causes()).toEqual([]);
    expect(world.dynamicWatcher.getFromCache(db)).toBeUndefined();
  });
});
