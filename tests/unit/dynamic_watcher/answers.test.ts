import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { caught } from "../../fixtures/caught.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, configMaps, secret, standing, startedWorld, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");
const noEntry = { code: "NO_CACHE_ENTRY" };

describe("an answer", () => {
  it("is stripped, complete, frozen at every depth, and the same for all who ask", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";
    api.put(db, { data: { a: "1" }, annotations: { [lastApplied]: "{}", mine: "yes" } });
    const read = await dynamicWatcher.query(web, (query) => query.get(db));
    expect(read).toEqual({
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: "db",
        namespace: "ns",
        uid: "u-db",
        resourceVersion: api.version,
        annotations: { mine: "yes" },
      },
      data: { a: "1" },
    });
    expect([read, read?.metadata, read?.data].every(Object.isFrozen)).toBe(true);
    expect(dynamicWatcher.getFromCache(db)).toBe(read);
    expect(dynamicWatcher.listWatchedFromCache(web)[0]).toBe(read);
  });

  it("about a set is one frozen array, in order, until the set changes; one handed out never does", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    for (const name of ["c", "a", "b"]) api.put(configMap(name), { labels: { app: "web" } });
    const web1 = configMaps("app=web");
    const read = await dynamicWatcher.query(web, (query) => query.list(web1));
    expect(read.map(({ metadata }) => metadata?.name)).toEqual(["a", "b", "c"]);
    expect(Object.isFrozen(read)).toBe(true);
    expect(dynamicWatcher.listFromCache(web1)).toBe(read);

    api.put(configMap("other"), { labels: { app: "db" } });
    await settle();
    expect(dynamicWatcher.listFromCache(web1)).toBe(read);
    api.delete(configMap("b"));
    await settle();
    const next = dynamicWatcher.listFromCache(web1);
    expect(next.map(({ metadata }) => metadata?.name)).toEqual(["a", "c"]);
    expect(read).toHaveLength(3);
    expect(next[0]).toBe(read[0]);
  });

  it("about all that is watched has each object once, in order, and is the same until it changes", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    for (const name of ["b", "a"]) api.put(configMap(name), { labels: { app: "web" } });
    api.put(db);
    await dynamicWatcher.addOrUpdateWatcher(web, [
      db,
      configMaps("app=web"),
      configMap("a"),
      secret("absent"),
      configMaps(""),
    ]);
    const all = dynamicWatcher.listWatchedFromCache(web);
    expect(all.map(({ kind, metadata }) => `${kind}/${metadata?.name}`)).toEqual([
      "ConfigMap/a",
      "ConfigMap/b",
      "Secret/db",
    ]);
    expect(Object.isFrozen(all)).toBe(true);
    expect(dynamicWatcher.listWatchedFromCache(web)).toBe(all);
    api.put(db, { data: { changed: "yes" } });
    await settle();
    const next = dynamicWatcher.listWatchedFromCache(web);
    expect(next[2]?.data).toEqual({ changed: "yes" });
    expect(all[2]?.data).toEqual({});
    await dynamicWatcher.addOrUpdateWatcher(web, [db]);
    expect(dynamicWatcher.listWatchedFromCache(web)).toEqual([next[2]]);
  });

  it("about all that is watched has the newest version that any stream has told", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    const map = configMap("a");
    api.put(map, { data: { version: "old" } });
    await dynamicWatcher.addOrUpdateWatcher(web, [map, configMaps("")]);
    api.stream(map).isOpen = false;
    api.put(map, { data: { version: "new" } });
    await settle();
    expect(dynamicWatcher.getFromCache(map)?.data).toEqual({ version: "old" });
    expect(dynamicWatcher.listWatchedFromCache(web).map(({ data }) => data)).toEqual([{ version: "new" }]);
  });

  it("is undefined for what the server says is absent, and an error for what nobody depends on", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    await dynamicWatcher.addOrUpdateWatcher(web, [db, configMaps("app=web")]);
    expect(dynamicWatcher.getFromCache(db)).toBeUndefined();
    expect(dynamicWatcher.listFromCache(configMaps("app=web"))).toEqual([]);
    expect(dynamicWatcher.listWatchedFromCache(web)).toEqual([]);
    const inexact = "no watcher depends on exactly this identifier";
    for (const [read, reason] of [
      [() => dynamicWatcher.getFromCache(secret("other")), inexact],
      [() => dynamicWatcher.listFromCache(configMaps("app=db")), inexact],
      [() => dynamicWatcher.listFromCache({ version: "v1", kind: "ConfigMap", namespace: "ns" }), inexact],
      [() => dynamicWatcher.listWatchedFromCache(watcher("other")), "it depends on nothing"],
    ] as const) {
      const error = caught(read);
      expect(error).toMatchObject(noEntry);
      expect(error.message).toContain(`there is no entry for it; ${reason}`);
    }
    expect(api.asked("secrets")).toHaveLength(1);
  });

  it("comes for an identifier only when a watcher depends on it, not when a call has acquired it", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    api.put(db);
    api.held.add("configmaps");
    const update = dynamicWatcher.addOrUpdateWatcher(web, [db, configMap("slow")]);
    await settle();
    expect(api.stream(db).isOpen).toBe(true);
    expect(caught(() => dynamicWatcher.getFromCache(db))).toMatchObject(noEntry);
    api.release("configmaps");
    expect(await standing(update)).toBe("resolved");
    expect(dynamicWatcher.getFromCache(db)?.metadata?.name).toBe("db");
  });

  it("is found however the identifier is spelled", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    api.put(configMap("a"), { labels: { a: "1", b: "2" } });
    await dynamicWatcher.addOrUpdateWatcher(web, [configMaps("b=2,a=1"), { ...db, group: "", selector: "" }]);
    expect(
      dynamicWatcher.listFromCache({ ...configMaps("a in (1), b == 2"), group: "", name: "" }),
    ).toHaveLength(1);
    expect(dynamicWatcher.getFromCache({ ...db, selector: undefined })).toBeUndefined();
  });
});

describe("without the cache", () => {
  it("causes have metadata, and no object", async () => {
    const world = await startedWorld();
    world.api.put(db, { labels: { a: "1" }, data: { secret: "x" } });
    await world.dynamicWatcher.addWatcher(web, db);
    world.api.put(db, { labels: { a: "2" }, data: { secret: "y" } });
    await settle();
    const [cause] = world.transitions;
    expect(cause?.before?.labels).toEqual({ a: "1" });
    expect(cause?.after?.labels).toEqual({ a: "2" });
    expect([cause?.before?.object(), cause?.after?.object(), cause?.patch]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(world.api.stream(db).accept).toContain("PartialObjectMetadata");
  });
});
