import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ObjectCache } from "../../../lib/cache/object_cache.ts";
import { formatSelector } from "../../../lib/kubernetes/selector.ts";
import { caught } from "../../fixtures/caught.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import {
  configMap,
  configMaps,
  deployment,
  secret,
  standing,
  startedWorld,
  World,
  watcher,
} from "./harness.ts";

const web = watcher("web");
const db = secret("db");

// The numbers are those of the list that the readers of the original made.
describe("a fault of the original", () => {
  describe("1: a watch that dies while it is removed", () => {
    for (const how of ["break", "end"] as const) {
      for (const when of ["before", "after"]) {
        it(`by its ${how}, ${when} the removal, neither hangs the removal nor comes back`, async () => {
          const { dynamicWatcher, api, clock } = await startedWorld();
          await dynamicWatcher.addWatcher(web, db);
          if (when === "before") api.stream(db)[how]();
          const removed = dynamicWatcher.removeWatcher(web);
          if (when === "after") api.stream(db)[how]();
          expect(await standing(removed)).toBe("resolved");
          await clock.advance(3_600_000);
          expect(api.asked(db)).toHaveLength(1);
          expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount, clock.pending]).toEqual([0, 0, 0]);
        });
      }
    }

    it("while it waits for its next try neither", async () => {
      const { dynamicWatcher, api, clock } = await startedWorld();
      await dynamicWatcher.addWatcher(web, db);
      api.held.add("secrets");
      api.stream(db).break();
      await settle();
      api.stream(db).refuse(503);
      await settle();
      expect(await standing(dynamicWatcher.removeWatcher(web))).toBe("resolved");
      await clock.advance(3_600_000);
      expect(api.asked(db)).toHaveLength(2);
    });
  });

  it("2: an error of discovery that passes is not remembered", async () => {
    const { dynamicWatcher, api } = await startedWorld({ missingResourceTtlMs: 600_000 });
    for (const fail of ["refuse", "break"] as const) {
      api.held.add("discovery");
      const failed = dynamicWatcher.addWatcher(web, db);
      await settle();
      const call = api.asked("discovery").at(-1);
      if (fail === "refuse") call?.refuse(503);
      else call?.break();
      expect(await standing(failed)).toMatchObject({
        code: fail === "refuse" ? "API_ERROR" : "TRANSPORT_ERROR",
      });
      api.held.clear();
    }
    await dynamicWatcher.addWatcher(web, db);
    expect(dynamicWatcher.watchCount).toBe(1);
  });

  it("3: what discovery has answered anew is believed for as long as the first answer", async () => {
    const { dynamicWatcher, api, clock } = new World();
    const kind = { group: "", version: "v1", kind: "Secret" };
    for (let round = 1; round <= 3; round++) {
      for (let ask = 0; ask < 5; ask++) await dynamicWatcher.gvkToGvr(kind);
      expect(api.asked("discovery")).toHaveLength(round);
      await clock.advance(599_999);
      await dynamicWatcher.gvkToGvr(kind);
      expect(api.asked("discovery")).toHaveLength(round);
      await clock.advance(1);
    }
  });

  it("4: a selector that selects nothing is no text at all, and not the text for everything", () => {
    expect(caught(() => formatSelector(null))).toMatchObject({ code: "INVALID_INPUT" });
    expect(formatSelector({})).toBe("");
    expect(formatSelector({ matchLabels: { app: "web" } })).toBe("app=web");
  });

  it("5: what is absent can be kept in a cache, and found there", () => {
    const cache = new ObjectCache();
    expect(caught(() => cache.get(db))).toMatchObject({ code: "NO_CACHE_ENTRY" });
    cache.set(db, undefined);
    expect(cache.get(db)).toBeUndefined();
  });

  for (const initialReconcile of [true, false]) {
    it(`6: a restart wakes nobody in vain, with the initial reconcile ${initialReconcile ? "on" : "off"}`, async () => {
      const world = await startedWorld({ initialReconcile });
      const { dynamicWatcher, api, clock } = world;
      api.put(db);
      api.put(configMap("a"));
      await dynamicWatcher.addOrUpdateWatcher(web, [db, configMaps("")]);
      await world.causes();
      for (const compacted of [false, true]) {
        api.compacted = compacted;
        for (const id of [db, configMaps("")]) api.stream(id).break();
        await clock.advance(120_000);
      }
      expect(world.counts).toEqual({ watched: 2, streams: 2 });
      expect(await world.causes()).toEqual([]);
      api.put(db);
      expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
    });
  }

  for (const held of ["discovery", "deployments"]) {
    it(`7: a slow answer to ${held} stalls no event, add or removal of anything else`, async () => {
      const world = await startedWorld({ cache: true });
      const { dynamicWatcher, api } = world;
      await dynamicWatcher.addOrUpdateWatcher(web, [db, configMap("a")]);
      api.held.add(held);
      const slow = dynamicWatcher.addWatcher(web, deployment("slow"));
      await settle();
      api.put(db);
      expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
      expect(await standing(dynamicWatcher.addWatcher(watcher("b"), secret("b")))).toBe("resolved");
      expect(await standing(dynamicWatcher.query(watcher("c"), (query) => query.get(db)))).toBe("resolved");
      expect(await standing(dynamicWatcher.removeWatcher(watcher("b")))).toBe("resolved");
      expect(await standing(slow)).toBe("pending");
    });
  }

  describe("8", () => {
    it("one stream serves all who ask for the same", async () => {
      const { dynamicWatcher, api } = await startedWorld({ cache: true });
      const names = Array.from({ length: 20 }, (_, index) => `w${index}`);
      await Promise.all(names.map((name) => dynamicWatcher.addWatcher(watcher(name), configMaps("a=1"))));
      await Promise.all(
        names.map((name) =>
          dynamicWatcher.query(watcher(`q${name}`), (query) => query.list(configMaps("a=1"))),
        ),
      );
      expect(api.asked("configmaps")).toHaveLength(1);
    });

    it("a retry waits longer each time, and ends at once with a removal", async () => {
      const { dynamicWatcher, api, clock } = await startedWorld();
      await dynamicWatcher.addWatcher(web, db);
      api.held.add("secrets");
      api.stream(db).break();
      await settle();
      const waits: number[] = [];
      for (let round = 0; round < 5; round++) {
        const asked = api.asked(db).length;
        const since = clock.now();
        api.stream(db).refuse(503);
        while (api.asked(db).length === asked) await clock.advance(50);
        waits.push(clock.now() - since);
      }
      // The jitter doubles a wait at most.
      expect(waits[2]!).toBeGreaterThan(waits[0]!);
      expect(waits[4]!).toBeGreaterThan(waits[2]!);
      api.stream(db).refuse(503);
      await settle();
      expect(await standing(dynamicWatcher.removeWatcher(web))).toBe("resolved");
      expect(clock.pending).toBe(0);
    });

    it("a kind that has gone is given up", async () => {
      const world = await startedWorld();
      const { dynamicWatcher, api, clock } = world;
      await dynamicWatcher.addWatcher(web, deployment("a"));
      api.discovery.served.delete("apps/v1");
      api.held.add("deployments");
      api.stream(deployment("a")).break();
      await clock.advance(10_000);
      api.stream(deployment("a")).answer(404, "404 page not found\n");
      expect(await world.causes()).toEqual(["web: BLOCKED Deployment/a"]);
      const asked = api.calls.length;
      await clock.advance(3_600_000);
      expect(api.calls.length).toBe(asked);
    });
  });

  it("9: an event touches no object but its own", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    const count = 2_000;
    for (let index = 0; index < count; index++) api.put(configMap(`m${index}`));
    await dynamicWatcher.addWatcher(web, configMaps(""));
    const before = dynamicWatcher.listFromCache(configMaps(""));
    const { freeze } = Object;
    let frozen = 0;
    Object.freeze = ((value: object) => {
      frozen += 1;
      return freeze(value);
    }) as typeof Object.freeze;
    try {
      api.put(configMap("m7"), { data: { changed: "yes" } });
      await settle();
    } finally {
      Object.freeze = freeze;
    }
    // Nothing is copied or scanned for it: all but one are the very same objects.
    expect(frozen).toBeLessThan(20);
    const after = dynamicWatcher.listFromCache(configMaps(""));
    expect(after.filter((object, index) => object !== before[index])).toHaveLength(1);
  });

  describe("10", () => {
    it("several watchers are reconciled at once, and one that hangs holds up none", async () => {
      const world = await startedWorld({
        maxConcurrentReconciles: 2,
        reconcileTimeoutMs: 1_000,
        reconcile: ({ name }) => (name === "hangs" ? new Promise(() => {}) : undefined),
      });
      const { dynamicWatcher, api, clock } = world;
      for (const name of ["hangs", "a", "b"]) await dynamicWatcher.addWatcher(watcher(name), db);
      api.put(db);
      expect((await world.causes()).sort()).toEqual([
        "a: ADDED Secret/db",
        "b: ADDED Secret/db",
        "hangs: ADDED Secret/db",
      ]);
      await clock.advance(1_000);
      expect(world.runs[0]?.signal.aborted).toBe(true);
    });

    it("one that throws is retried with backoff and told why, and the others go on", async () => {
      const failure = new Error("mine");
      const world = await startedWorld({
        reconcile: ({ name }, { attempt }) => {
          if (name === "fails" && attempt === 0) throw failure;
        },
      });
      const { dynamicWatcher, api, clock } = world;
      for (const name of ["fails", "a"]) await dynamicWatcher.addWatcher(watcher(name), db);
      api.put(db, { data: { a: "1" } });
      expect(await world.causes()).toEqual(["fails: ADDED Secret/db", "a: ADDED Secret/db"]);
      await clock.advance(5);
      expect(await world.causes()).toEqual(["fails: ADDED Secret/db", "fails: RETRY"]);
      expect(world.runs.at(-1)).toMatchObject({ attempt: 1, causes: [{}, { error: failure }] });
    });
  });

  describe("11", () => {
    it("an add while the same watch stops simply starts again", async () => {
      const { dynamicWatcher, api } = await startedWorld();
      api.ignoresAbort = true;
      await dynamicWatcher.addWatcher(web, db);
      dynamicWatcher.removeWatcher(web);
      expect(await standing(dynamicWatcher.addWatcher(web, db))).toBe("resolved");
      expect(dynamicWatcher.watchCount).toBe(1);
    });

    it("a batch whose end was forgotten is ended by the removal that says so", async () => {
      const { dynamicWatcher } = await startedWorld({ cache: true });
      await dynamicWatcher.startQueryBatch(web).get(db);
      expect(await standing(dynamicWatcher.removeWatcher(web))).toMatchObject({
        code: "QUERY_BATCH_IN_PROGRESS",
      });
      expect(await standing(dynamicWatcher.removeWatcher(web, { endBatch: true }))).toBe("resolved");
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("an add that fails leaves no entry", async () => {
      const { dynamicWatcher, api, clock } = await startedWorld({ cache: true });
      api.held.add("secrets");
      const failed = dynamicWatcher.addWatcher(web, db);
      await settle();
      api.stream(db).refuse(403);
      expect(await standing(failed)).toMatchObject({ status: 403 });
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount, clock.pending]).toEqual([0, 0, 0]);
      expect(caught(() => dynamicWatcher.getFromCache(db))).toMatchObject({ code: "NO_CACHE_ENTRY" });
      expect(caught(() => dynamicWatcher.listWatchedFromCache(web))).toMatchObject({
        code: "NO_CACHE_ENTRY",
      });
    });
  });

  it("12: selectors that mean the same are one watch", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    const spellings = ["a=1,b=2", "b=2,a=1", " b == 2 , a in (1)"];
    await dynamicWatcher.addOrUpdateWatcher(web, spellings.map(configMaps));
    expect([dynamicWatcher.watchCount, api.asked("configmaps").length]).toEqual([1, 1]);
  });

  describe("13", () => {
    it("a get without the namespace of a namespaced kind is refused", async () => {
      const { dynamicWatcher, api } = await startedWorld({ cache: true });
      const { namespace: _, ...homeless } = db;
      for (const namespace of ["one", "two"]) api.put({ ...db, namespace });
      const refused = { code: "INVALID_INPUT", field: "watched.namespace" };
      expect(await standing(dynamicWatcher.query(web, (query) => query.get(homeless)))).toMatchObject(
        refused,
      );
      await dynamicWatcher.addWatcher(web, { ...db, namespace: "one" });
      expect(caught(() => dynamicWatcher.getFromCache(homeless))).toMatchObject(refused);
    });

    it("all that is watched comes in the same order, however it was added", async () => {
      const lists: unknown[] = [];
      const ids = [secret("b"), configMap("c"), secret("a"), configMap("d")];
      for (const order of [ids, ids.toReversed()]) {
        const { dynamicWatcher, api } = await startedWorld({ cache: true });
        for (const id of ids) api.put(id);
        for (const id of order) await dynamicWatcher.addWatcher(web, id);
        lists.push(dynamicWatcher.listWatchedFromCache(web).map(({ metadata }) => metadata?.name));
      }
      expect(lists).toEqual([
        ["c", "d", "a", "b"],
        ["c", "d", "a", "b"],
      ]);
    });
  });

  it("14: a 410 leads to a list, and not to the same version again", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    await dynamicWatcher.addWatcher(web, db);
    for (const how of ["as the answer", "in the stream"]) {
      const asked = api.asked(db).length;
      if (how === "as the answer") {
        api.compacted = true;
        api.stream(db).break();
      } else {
        api.stream(db).isOpen = false;
        api.stream(db).send({ type: "ERROR", object: { kind: "Status", code: 410, reason: "Expired" } });
      }
      await clock.advance(120_000);
      const requests = api.asked(db).slice(asked);
      expect(requests.at(-1)?.query.sendInitialEvents).toBe("true");
      expect(requests.filter(({ query }) => query.sendInitialEvents !== "true").length).toBeLessThan(2);
      expect(dynamicWatcher.streamCount).toBe(1);
    }
    api.put(db);
    expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
  });

  it("15: each of a thousand watchers that are added at once for one object is reconciled for it", async () => {
    const world = await startedWorld({ maxConcurrentReconciles: 1_000 });
    const { dynamicWatcher, api } = world;
    api.put(db);
    const names = Array.from({ length: 1_000 }, (_, index) => `w${index}`);
    await Promise.all(names.slice(0, 500).map((name) => dynamicWatcher.addWatcher(watcher(name), db)));
    await Promise.all(names.slice(500).map((name) => dynamicWatcher.addWatcher(watcher(name), db)));
    expect((await world.causes()).sort()).toEqual(names.map((name) => `${name}: INITIAL Secret/db`).sort());
    expect(api.asked(db)).toHaveLength(1);
  });
});
