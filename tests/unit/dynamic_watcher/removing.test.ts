import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, configMaps, secret, standing, startedWorld, watcher } from "./harness.ts";

const web = watcher("web");
const other = watcher("other");
const db = secret("db");
const removed = { code: "WATCHER_REMOVED" };

describe("removeWatcher", () => {
  it("takes effect at once, before its promise settles", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    expect(await world.causes()).toHaveLength(1);
    const ended = dynamicWatcher.removeWatcher(web);
    expect(dynamicWatcher.watchCount).toBe(0);
    expect(api.stream(db).aborted).toBe(true);
    expect(() => dynamicWatcher.getFromCache(db)).toThrow("no entry");
    expect(() => dynamicWatcher.listWatchedFromCache(web)).toThrow("no entry");
    await ended;
    expect(dynamicWatcher.streamCount).toBe(0);
  });

  it("rejects the pending adds and reads of its watcher, and only those", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.held.add("secrets");
    const adds = [
      dynamicWatcher.addWatcher(web, db),
      dynamicWatcher.addOrUpdateWatcher(web, [configMap("one"), secret("two")]),
    ];
    const batch = dynamicWatcher.startQueryBatch(web);
    const reads = [batch.get(db), batch.list({ ...configMaps(""), kind: "Secret" })];
    const end = batch.end();
    const others = dynamicWatcher.addWatcher(other, db);
    await settle();
    const ended = dynamicWatcher.removeWatcher(web, { endBatch: true });
    for (const call of [...adds, ...reads, end]) expect(await standing(call)).toMatchObject(removed);
    expect(await standing(ended)).toBe("resolved");
    expect(await standing(others)).toBe("pending");
    api.release("secrets");
    expect(await standing(others)).toBe("resolved");
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    expect(api.openCount).toBe(1);
  });

  it("leaves a start alone that a second watcher waits for", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    const [first, second] = [web, other].map((id) => dynamicWatcher.addWatcher(id, db));
    await settle();
    await dynamicWatcher.removeWatcher(web);
    expect(await standing(first!)).toMatchObject(removed);
    expect(api.stream(db).aborted).toBe(false);
    api.release("secrets");
    expect(await standing(second!)).toBe("resolved");
    expect(api.asked(db)).toHaveLength(1);
  });

  it("forgets what is queued, the delayed requeue and the backoff of its watcher", async () => {
    let fails = true;
    const world = await startedWorld({
      reconcile: () => {
        if (fails) throw new Error("not yet");
        return { requeueAfterMs: 1_000 };
      },
    });
    const { dynamicWatcher, api, clock } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    await clock.advance(100);
    expect(world.runs.map(({ attempt }) => attempt)).toEqual([0, 1, 2, 3, 4]);
    await dynamicWatcher.removeWatcher(web);
    await clock.advance(3_600_000);
    expect(world.runs).toHaveLength(5);

    fails = false;
    await dynamicWatcher.addWatcher(web, db);
    await settle();
    expect(world.runs.at(-1)?.attempt).toBe(0);
    api.put(db);
    await dynamicWatcher.removeWatcher(web);
    await clock.advance(3_600_000);
    expect(world.runs).toHaveLength(6);
    expect(clock.pending).toBe(0);
  });

  it("aborts a reconcile that runs, does not wait for it and ignores what it answers", async () => {
    let finish = () => {};
    const world = await startedWorld({
      reconcile: () =>
        new Promise((resolve) => {
          finish = () => resolve({ requeueAfterMs: 1 });
        }),
    });
    const { dynamicWatcher, api, clock } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    await settle();
    const [run] = world.runs;
    const ended = dynamicWatcher.removeWatcher(web);
    expect(run?.signal.aborted).toBe(true);
    expect(run?.signal.reason).toMatchObject(removed);
    expect(await standing(ended)).toBe("resolved");

    // Added again, it waits for its old run.
    await dynamicWatcher.addWatcher(web, db);
    await clock.advance(1_000);
    expect(world.runs).toHaveLength(1);
    finish();
    await clock.advance(1_000);
    expect(world.runs).toHaveLength(2);
    expect(world.runs[1]?.causes.map(({ type }) => type)).toEqual(["INITIAL"]);
  });

  it("waits for the end of the streams that nobody else needs, but no longer than 5 s", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.ignoresAbort = true;
    await dynamicWatcher.addOrUpdateWatcher(web, [db, configMap("shared")]);
    await dynamicWatcher.addWatcher(other, configMap("shared"));
    const [open, shared] = [api.stream(db), api.stream(configMap("shared"))];
    const ended = dynamicWatcher.removeWatcher(web);
    expect([open.aborted, shared.aborted]).toEqual([true, false]);
    await clock.advance(4_999);
    expect(await standing(ended)).toBe("pending");
    expect(dynamicWatcher.streamCount).toBe(2);
    await clock.advance(1);
    expect(await standing(ended)).toBe("resolved");
    expect(dynamicWatcher.streamCount).toBe(1);

    await dynamicWatcher.addWatcher(web, db);
    const second = dynamicWatcher.removeWatcher(web);
    expect(await standing(second)).toBe("pending");
    api.stream(db).end();
    expect(await standing(second)).toBe("resolved");
  });

  for (const [how, die] of [
    ["breaks", "break"],
    ["ends", "end"],
  ] as const) {
    it(`resolves when a stream ${how} in the moment of the removal`, async () => {
      const { dynamicWatcher, api, clock } = await startedWorld();
      await dynamicWatcher.addWatcher(web, db);
      api.stream(db)[die]();
      const ended = dynamicWatcher.removeWatcher(web);
      expect(await standing(ended)).toBe("resolved");
      expect(clock.pending).toBe(0);

      await dynamicWatcher.addWatcher(web, db);
      const again = dynamicWatcher.removeWatcher(web);
      api.stream(db)[die]();
      expect(await standing(again)).toBe("resolved");
      await clock.advance(3_600_000);
      expect(api.asked(db)).toHaveLength(2);
    });
  }

  it("does not hinder an add that comes while it is under way", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    api.ignoresAbort = true;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    await world.causes();
    const ended = dynamicWatcher.removeWatcher(web);
    api.ignoresAbort = false;
    await dynamicWatcher.addWatcher(web, db);
    expect(await standing(ended)).toBe("pending");
    expect(api.asked(db)).toHaveLength(2);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    api.put(db);
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/db"]);
  });

  it("is followed by an add in the same breath, also while the first start is still pending", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    const before = dynamicWatcher.addWatcher(web, db);
    await settle();
    const ended = dynamicWatcher.removeWatcher(web);
    const after = dynamicWatcher.addWatcher(web, db);
    expect(await standing(before)).toMatchObject(removed);
    expect(await standing(ended)).toBe("resolved");
    api.release("secrets");
    expect(await standing(after)).toBe("resolved");
    expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount, api.openCount]).toEqual([1, 1, 1]);
  });

  it("of a watcher that nobody knows resolves, and asks nothing", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    await dynamicWatcher.removeWatcher(web);
    expect(api.calls).toEqual([]);
  });

  it("forgets what was triggered by hand", async () => {
    const world = await startedWorld();
    world.dynamicWatcher.reconciler.trigger([web, other]);
    const ended = world.dynamicWatcher.removeWatcher(web);
    await ended;
    expect(await world.causes()).toEqual(["other: TRIGGER"]);
  });
});
