import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import type { ObjectCause } from "../../mod.ts";
import { until } from "../fixtures/control_plane.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds, type World } from "../fixtures/dynamic_watcher_world.ts";

const APP = { metadata: { labels: { app: "web" } } };
/** What is there before, by what becomes of it. */
const NAMES = ["same", "changed", "deleted", "recreated", "leaving"];
const CHANGES = [
  "web: ADDED ConfigMap/new",
  "web: ADDED ConfigMap/recreated",
  "web: DELETED ConfigMap/deleted",
  "web: DELETED ConfigMap/leaving",
  "web: DELETED ConfigMap/recreated",
  "web: MODIFIED ConfigMap/changed",
];
const NAMES_AFTER = ["changed", "new", "recreated", "same"];

for (const apiServerFlags of [[], ["--feature-gates=WatchList=false"]]) {
  const how = apiServerFlags.length === 0 ? "by streaming lists" : "by lists";

  describeReal(`a server that is read ${how}`, () => {
    const openWorld = dynamicWatcherWorlds({ apiServerFlags });

    it("wakes nobody in vain when it was down, and nothing that comes later is lost", async () => {
      const world = await openWorld({ cache: true });
      const { dynamicWatcher, controlPlane } = world;
      const [db, role] = [world.secret("db"), world.clusterRole("reader")];
      await Promise.all([world.create(db), world.create(role), world.create(world.configMap("one"), APP)]);
      await dynamicWatcher.addOrUpdateWatcher(world.watcher("web"), [db, role]);
      await dynamicWatcher.addOrUpdateWatcher(world.watcher("app"), [role, world.configMaps("app=web")]);
      await world.causes(4);

      await controlPlane.stopApiServer();
      await until(() => dynamicWatcher.streamCount === 0, { what: "all streams to be interrupted" });
      expect(dynamicWatcher.watchCount).toBe(3);
      expect(dynamicWatcher.getFromCache(db)).toMatchObject({ metadata: { name: "db" } });
      await controlPlane.startApiServer();
      await world.reconnected(3);

      await world.label(db, { seen: "yes" });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
      await world.create(world.configMap("two"), APP);
      expect(await world.causes()).toEqual(["app: ADDED ConfigMap/two"]);
      await world.label(role, { seen: "yes" });
      expect((await world.causes(2)).sort()).toEqual(
        ["app", "web"].map((name) => `${name}: MODIFIED ClusterRole/${role.name}`),
      );
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([3, 3]);
    });

    it("tells all that changed before it forgot its history, as relisted", async () => {
      const world = await openWorld({ cache: true });
      const uids = await watchNames(world);
      world.relay.hold();
      await changeNames(world);
      await world.controlPlane.stopApiServer();
      await world.controlPlane.startApiServer();
      world.relay.cut();
      await expectChanges(world, { uids, relisted: true });
    });

    it("tells all that changed while the connection was down", async () => {
      const world = await openWorld({ cache: true });
      const uids = await watchNames(world);
      world.relay.hold();
      await changeNames(world);
      world.relay.cut();
      await expectChanges(world, { uids, relisted: false });
    });
  });
}

describeReal("an interruption", () => {
  const openWorld = dynamicWatcherWorlds();

  it("by a server that ends in good order wakes nobody in vain", async () => {
    const world = await openWorld();
    const db = world.secret("db");
    await world.create(db);
    await world.dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    await world.controlPlane.stopApiServer({ signal: "SIGTERM" });
    await world.controlPlane.startApiServer();
    await world.reconnected(1);
    await world.label(db, { seen: "yes" });
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
  });

  it("that is over at once wakes nobody in vain, however often it comes", async () => {
    const world = await openWorld();
    const db = world.secret("db");
    await world.create(db);
    await world.dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    for (const round of ["first", "second", "third"]) {
      const ended = world.relay.endedCount;
      world.relay.cut();
      await until(() => world.relay.endedCount > ended, { what: "the connections to end" });
      await world.label(db, { round });
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
    }
  });

  it("lets what is watched be joined, and rejects a first start", async () => {
    const world = await openWorld({ cache: true });
    const { dynamicWatcher, relay } = world;
    const [db, other] = [world.secret("db"), world.secret("other")];
    await world.create(db);
    await dynamicWatcher.addWatcher(world.watcher("first"), db);
    await relay.refuse();
    await until(() => dynamicWatcher.streamCount === 0, { what: "the stream to be interrupted" });

    await dynamicWatcher.addWatcher(world.watcher("second"), db);
    expect(await world.causes(2)).toEqual(["first: INITIAL Secret/db", "second: INITIAL Secret/db"]);
    const second = dynamicWatcher.addOrUpdateWatcher(world.watcher("second"), [db, other]);
    await expect(second).rejects.toMatchObject({ code: "TRANSPORT_ERROR", watched: other });
    expect(dynamicWatcher.watchCount).toBe(1);

    await relay.accept();
    await world.reconnected(1);
    await world.label(db, { seen: "yes" });
    expect(await world.causes(2)).toEqual(["first: MODIFIED Secret/db", "second: MODIFIED Secret/db"]);
  });

  it("holds up neither a removal nor a stop", async () => {
    const world = await openWorld();
    const { dynamicWatcher, relay } = world;
    const [web, db] = [world.watcher("web"), world.secret("db")];
    await dynamicWatcher.addWatcher(web, db);
    await dynamicWatcher.addWatcher(world.watcher("other"), world.configMap("map"));
    await relay.refuse();
    await until(() => dynamicWatcher.streamCount === 0, { what: "the streams to be interrupted" });
    await dynamicWatcher.removeWatcher(web);
    expect(dynamicWatcher.watchCount).toBe(1);
    await dynamicWatcher.stop();
    expect(dynamicWatcher.watchCount).toBe(0);
  });

  it("is not what the regular end of a watch is", async () => {
    const world = await openWorld({ watchTimeoutMs: 2_000 });
    const db = world.secret("db");
    await world.create(db);
    await world.dynamicWatcher.addWatcher(world.watcher("web"), db);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    const watches = () => world.requests.filter((path) => path.includes("watch=1")).length;
    const before = watches();
    // By then two watches in a row have ended without a frame, and so a new list has been asked for.
    await until(() => watches() >= before + 3, { what: "three more watches" });
    await world.label(db, { seen: "yes" });
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
    expect(world.streamEvents.map(({ state }) => state.state)).toEqual(["starting", "live"]);
  });
});

/** Makes what NAMES say and watches it; answers the uids. */
async function watchNames(world: World): Promise<ReadonlyMap<string, string>> {
  const made = await Promise.all(NAMES.map((name) => world.create(world.configMap(name), APP)));
  await world.dynamicWatcher.addWatcher(world.watcher("web"), world.configMaps("app=web"));
  // A watch that ends at once without having told anything would be followed by a new list in any case.
  await world.label(world.configMap("same"), { same: "yes" });
  expect(await world.causes(2)).toEqual(["web: INITIAL ConfigMap?app=web", "web: MODIFIED ConfigMap/same"]);
  return new Map(made.map(({ metadata }) => [metadata.name, metadata.uid]));
}

/** Does what NAMES say, and makes one object more. */
async function changeNames(world: World): Promise<void> {
  await world.label(world.configMap("changed"), { changed: "yes" });
  await world.delete(world.configMap("deleted"));
  await world.delete(world.configMap("recreated"));
  await world.create(world.configMap("recreated"), APP);
  await world.label(world.configMap("leaving"), { app: "db" });
  await world.create(world.configMap("new"), APP);
}

async function expectChanges(
  world: World,
  { uids, relisted }: { uids: ReadonlyMap<string, string>; relisted: boolean },
): Promise<void> {
  expect((await world.causes(CHANGES.length)).sort()).toEqual(CHANGES);
  for (const cause of world.runs.slice(2).flatMap((run) => run.causes as readonly ObjectCause[])) {
    expect(cause.relisted).toBe(relisted);
    const { before, after } = cause;
    if (cause.type !== "ADDED") expect(before?.uid).toBe(uids.get(before?.name ?? ""));
    if (cause.type !== "DELETED") expect(after?.object()).toMatchObject({ kind: "ConfigMap", ...APP });
    if (cause.type === "ADDED") expect(after?.uid).not.toBe(uids.get(after?.name ?? ""));
  }
  const listed = world.dynamicWatcher.listFromCache(world.configMaps("app=web"));
  expect(listed.map(({ metadata }) => metadata?.name)).toEqual(NAMES_AFTER);

  await world.delete(world.configMap("new"));
  expect(await world.causes()).toEqual(["web: DELETED ConfigMap/new"]);
}
