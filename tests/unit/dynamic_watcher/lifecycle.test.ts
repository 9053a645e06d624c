import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ReconcileEndEvent } from "../../../lib/reconcile/reconciler_events.ts";
import { countingAbortListeners } from "../../fixtures/abort_listeners.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, configMaps, secret, standing, startedWorld, World, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");
const notStarted = { code: "NOT_STARTED" };

describe("start", () => {
  it("makes no request, and a second one is the same promise", async () => {
    const { dynamicWatcher, api } = new World();
    expect(dynamicWatcher.started).toBe(false);
    const started = dynamicWatcher.start();
    expect(dynamicWatcher.started).toBe(true);
    expect(dynamicWatcher.start()).toBe(started);
    await started;
    expect(dynamicWatcher.start()).toBe(started);
    expect(api.calls).toEqual([]);
  });

  it("rejects with the reason of a signal that has aborted, and starts nothing", async () => {
    const { dynamicWatcher } = new World();
    const reason = new Error("no need");
    expect(await standing(dynamicWatcher.start({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(dynamicWatcher.started).toBe(false);
    await dynamicWatcher.start();
    expect(await standing(dynamicWatcher.start({ signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(dynamicWatcher.started).toBe(true);
  });

  it("stops when its signal aborts later, whichever start it came with", async () => {
    for (const which of [0, 1]) {
      const { dynamicWatcher } = new World();
      const signals = [countedSignal(), countedSignal()];
      await Promise.all(signals.map(({ signal }) => dynamicWatcher.start({ signal })));
      await dynamicWatcher.addWatcher(web, db);
      signals[which]?.abort();
      expect(dynamicWatcher.started).toBe(false);
      await settle();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
      expect(signals.map(({ listeners }) => listeners)).toEqual([0, 0]);
    }
  });

  it("waits for the end of a stop", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    api.ignoresAbort = true;
    await dynamicWatcher.addWatcher(web, db);
    const stopped = dynamicWatcher.stop();
    const started = dynamicWatcher.start();
    expect(dynamicWatcher.start()).toBe(started);
    expect(await standing(started)).toBe("pending");
    expect(dynamicWatcher.started).toBe(false);
    await expect(dynamicWatcher.addWatcher(web, db)).rejects.toMatchObject(notStarted);
    await clock.advance(5_000);
    expect(await standing(stopped)).toBe("resolved");
    expect(await standing(started)).toBe("resolved");
    expect([dynamicWatcher.started, dynamicWatcher.watchCount]).toEqual([true, 0]);
    await dynamicWatcher.addWatcher(web, db);
    expect(dynamicWatcher.streamCount).toBe(1);
  });

  it("that waits for a stop is given up by another stop, and a third start works", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.ignoresAbort = true;
    await dynamicWatcher.addWatcher(web, db);
    const stopped = dynamicWatcher.stop();
    const givenUp = dynamicWatcher.start();
    const again = dynamicWatcher.stop();
    const last = dynamicWatcher.start();
    expect(await standing(givenUp)).toMatchObject(notStarted);
    expect(await standing(last)).toBe("pending");
    await clock.advance(5_000);
    for (const call of [stopped, again, last]) expect(await standing(call)).toBe("resolved");
    expect(dynamicWatcher.started).toBe(true);
  });

  it("that waits for a stop is given up by one that comes in the moment of its end", async () => {
    const { dynamicWatcher } = await startedWorld();
    const outcomes: unknown[] = [];
    for (let turns = 0; turns < 6; turns += 1) {
      const startedAfterStop = new Promise((resolve) => {
        async function stopOnceMore(): Promise<void> {
          for (let turn = 0; turn < turns; turn += 1) await null;
          await dynamicWatcher.stop();
          resolve(dynamicWatcher.started);
        }
        dynamicWatcher.addEventListener("stopped", stopOnceMore, { once: true });
      });
      const stopped = dynamicWatcher.stop();
      const started = dynamicWatcher.start().then(
        () => "started",
        (error) => error.code,
      );
      await stopped;
      expect(await startedAfterStop).toBe(false);
      outcomes.push(await started);
      await dynamicWatcher.start();
    }
    expect(new Set(outcomes)).toEqual(new Set(["started", "NOT_STARTED"]));
  });

  it("that waits for a stop rejects with the reason of its signal", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.ignoresAbort = true;
    await dynamicWatcher.addWatcher(web, db);
    const stopped = dynamicWatcher.stop();
    const controller = countedSignal();
    const started = dynamicWatcher.start({ signal: controller.signal });
    const reason = new Error("no need");
    controller.abort(reason);
    expect(await standing(started)).toBe(reason);
    await clock.advance(5_000);
    expect(await standing(stopped)).toBe("resolved");
    expect([dynamicWatcher.started, controller.listeners]).toEqual([false, 0]);
  });
});

describe("stop", () => {
  it("rejects what is pending, and what comes later", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    api.held.add("secrets").add("discovery");
    const pending = [
      dynamicWatcher.addWatcher(web, db),
      dynamicWatcher.addOrUpdateWatcher(watcher("b"), [db, configMap("x")]),
      dynamicWatcher.query(watcher("c"), (query) => query.get(db)),
      dynamicWatcher.query(watcher("d"), () => new Promise(() => {})),
    ];
    const batch = dynamicWatcher.startQueryBatch(watcher("e"));
    pending.push(batch.get(db), batch.end());
    await settle();
    const stopped = dynamicWatcher.stop();
    const later = [
      dynamicWatcher.addWatcher(web, db),
      dynamicWatcher.addOrUpdateWatcher(web, [db]),
      dynamicWatcher.removeWatcher(web),
      dynamicWatcher.query(web, async () => {}),
      batch.get(db),
      batch.list(configMaps("")),
      batch.end(),
    ];
    for (const call of [...pending, ...later]) expect(await standing(call)).toMatchObject(notStarted);
    expect(() => dynamicWatcher.startQueryBatch(web)).toThrow("start() first");
    expect(await standing(stopped)).toBe("resolved");
    expect(api.calls.every((call) => call.aborted)).toBe(true);
  });

  it("in the breath of an add keeps it from asking anything", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    await dynamicWatcher.gvkToGvr({ group: "", version: "v1", kind: "Secret" });
    const added = dynamicWatcher.addWatcher(web, db);
    const stopped = dynamicWatcher.stop();
    expect(await standing(added)).toMatchObject(notStarted);
    await stopped;
    expect(api.asked("secrets")).toEqual([]);
  });

  it("is idempotent, before a start, at once and afterwards", async () => {
    const { dynamicWatcher } = new World();
    let stops = 0;
    dynamicWatcher.addEventListener("stopped", () => {
      stops += 1;
    });
    await dynamicWatcher.stop();
    await dynamicWatcher.start();
    await Promise.all([dynamicWatcher.stop(), dynamicWatcher.stop()]);
    await dynamicWatcher.stop();
    expect(stops).toBe(1);
  });

  it("is what asyncDispose does", async () => {
    const { dynamicWatcher } = await startedWorld();
    await dynamicWatcher.addWatcher(web, db);
    await dynamicWatcher[Symbol.asyncDispose]();
    expect([dynamicWatcher.started, dynamicWatcher.streamCount]).toEqual([false, 0]);
  });

  it("aborts the reconciles that run, waits for them, and reads of the cache answer meanwhile", async () => {
    let finish = () => {};
    const world = await startedWorld({
      cache: true,
      reconcile: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const { dynamicWatcher, api, clock } = world;
    api.put(db, { data: { a: "1" } });
    await dynamicWatcher.addWatcher(web, db);
    await dynamicWatcher.addWatcher(watcher("queued"), db);
    await settle();
    const stopped = dynamicWatcher.stop();
    expect(world.runs[0]?.signal.aborted).toBe(true);
    await clock.advance(29_999);
    expect(await standing(stopped)).toBe("pending");
    expect(dynamicWatcher.getFromCache(db)?.data).toEqual({ a: "1" });
    expect(dynamicWatcher.listWatchedFromCache(web)).toHaveLength(1);
    finish();
    expect(await standing(stopped)).toBe("resolved");
    expect(world.runs).toHaveLength(1);
    expect([dynamicWatcher.watchCount, clock.pending]).toEqual([0, 0]);
    expect(() => dynamicWatcher.getFromCache(db)).toThrow("no entry");
    expect(() => dynamicWatcher.listFromCache(configMaps(""))).toThrow("no entry");
    expect(() => dynamicWatcher.listWatchedFromCache(web)).toThrow("no entry");
  });

  it("abandons with an event what runs on after the grace", async () => {
    const world = await startedWorld({ reconcile: () => new Promise(() => {}) });
    const { dynamicWatcher, clock } = world;
    const ends: ReconcileEndEvent[] = [];
    dynamicWatcher.reconciler.addEventListener("reconcileend", (event) => ends.push(event));
    world.api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    await settle();
    const stopped = dynamicWatcher.stop({ graceMs: 100 });
    await clock.advance(99);
    expect(await standing(stopped)).toBe("pending");
    await clock.advance(1);
    expect(await standing(stopped)).toBe("resolved");
    expect(ends.map(({ watcher: { name }, error }) => [name, error])).toMatchObject([
      ["web", { code: "TIMEOUT", afterMs: 100 }],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("refuses a grace that is no time, and goes on", async () => {
    const { dynamicWatcher } = await startedWorld();
    for (const graceMs of [-1, Number.NaN, "5" as never, {} as never]) {
      await expect(dynamicWatcher.stop({ graceMs })).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "graceMs",
      });
    }
    expect(dynamicWatcher.started).toBe(true);
    await dynamicWatcher.stop({ graceMs: Number.POSITIVE_INFINITY });
  });

  it("waits for the streams that a removal before it has not seen the end of", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.ignoresAbort = true;
    await dynamicWatcher.addWatcher(web, db);
    api.held.add("configmaps");
    const pending = dynamicWatcher.addWatcher(web, configMap("slow"));
    await settle();
    const removed = dynamicWatcher.removeWatcher(web);
    const stopped = dynamicWatcher.stop();
    expect(await standing(pending)).toMatchObject({ code: "WATCHER_REMOVED" });
    expect(await standing(stopped)).toBe("pending");
    await clock.advance(5_000);
    expect(await standing(removed)).toBe("resolved");
    expect(await standing(stopped)).toBe("resolved");
    expect(clock.pending).toBe(0);
  });

  it("leaves no timer behind that a removal in the same breath was about to clear", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.held.add("discovery");
    dynamicWatcher.addWatcher(web, db).catch(() => {});
    await settle();
    dynamicWatcher.removeWatcher(web);
    let timers: number | undefined;
    dynamicWatcher.addEventListener("stopped", () => {
      timers = clock.pending;
    });
    await dynamicWatcher.stop();
    expect(timers).toBe(0);
  });

  it("keeps the listeners of its user, and the next start uses them", async () => {
    const { dynamicWatcher } = new World();
    const heard: string[] = [];
    for (const type of ["started", "stopped"] as const) {
      dynamicWatcher.addEventListener(type, () => heard.push(type));
    }
    for (let round = 0; round < 2; round++) {
      await dynamicWatcher.start();
      await dynamicWatcher.stop();
    }
    expect(heard).toEqual(["started", "stopped", "started", "stopped"]);
  });
});

describe("a hundred rounds of start, watch and stop", () => {
  it("leave no timer, no request and no listener, and behave like the first", async () => {
    // What counts the others would itself pile up on a signal that lasts.
    const lasting = countedSignal();
    const { signal } = lasting;
    await countingAbortListeners(async (count) => {
      const world = new World({ cache: true, reconcile: () => ({ requeueAfterMs: 1_000 }) });
      const { dynamicWatcher, api, clock } = world;
      api.put(db);
      for (let round = 0; round < 100; round++) {
        await dynamicWatcher.start({ signal });
        api.held.add("configmaps");
        const given = new AbortController();
        const slow = dynamicWatcher.addWatcher(web, configMap("slow"), { signal: given.signal });
        await dynamicWatcher.addOrUpdateWatcher(web, [db, secret("absent")], { signal });
        await dynamicWatcher.query(watcher("query"), (query) => query.get(db));
        const batch = dynamicWatcher.startQueryBatch(watcher("batch"));
        await batch.list({ ...configMaps(""), kind: "Secret" });
        expect(await world.causes()).toHaveLength(3);
        if (round % 2 === 0) await dynamicWatcher.removeWatcher(web);
        await dynamicWatcher.stop();
        expect(await standing(slow)).toMatchObject({
          code: round % 2 === 0 ? "WATCHER_REMOVED" : "NOT_STARTED",
        });
        expect([clock.pending, api.openCount, count(), lasting.listeners]).toEqual([0, 0, 0, 0]);
      }
      expect(world.logged).toEqual([]);
    });
  });
});
