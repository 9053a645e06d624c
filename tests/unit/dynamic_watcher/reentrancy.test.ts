import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, secret, standing, startedWorld, type World, watcher } from "./harness.ts";

const web = watcher("web");
const [a, b] = [secret("a"), secret("b")];

describe("a reconcile", () => {
  it("may add to itself, each time that it runs", async () => {
    const world: World = await startedWorld({
      reconcile: async (id) => {
        for (const watched of [a, b]) await world.dynamicWatcher.addWatcher(id, watched);
      },
    });
    world.api.put(a);
    world.api.put(b);
    await world.dynamicWatcher.addWatcher(web, a);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a", "web: INITIAL Secret/b"]);
    world.api.put(b);
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/b"]);
    expect(world.counts).toEqual({ watched: 2, streams: 2 });
  });

  it("may update itself, each time that it runs", async () => {
    let set: ObjectIdentifier[] = [a, b];
    const world: World = await startedWorld({
      cache: true,
      reconcile: (id) => world.dynamicWatcher.addOrUpdateWatcher(id, set),
    });
    world.api.put(a);
    world.api.put(b);
    await world.dynamicWatcher.addWatcher(web, a);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a", "web: INITIAL Secret/b"]);
    set = [b];
    world.api.put(a);
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/a"]);
    world.api.put(a);
    expect(await world.causes()).toEqual([]);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });

  it("may query, each time that it runs", async () => {
    const read: unknown[] = [];
    const world: World = await startedWorld({
      cache: true,
      reconcile: async (id) => {
        read.push(await world.dynamicWatcher.query(id, async (query) => (await query.get(a))?.data));
      },
    });
    world.api.put(a, { data: { round: "0" } });
    world.dynamicWatcher.reconciler.trigger([web]);
    expect(await world.causes()).toEqual(["web: TRIGGER", "web: INITIAL Secret/a"]);
    world.api.put(a, { data: { round: "1" } });
    expect(await world.causes()).toEqual(["web: MODIFIED Secret/a"]);
    expect(read).toEqual([{ round: "0" }, { round: "0" }, { round: "1" }]);
  });

  it("may remove itself and await that, and what it answers is ignored", async () => {
    const world: World = await startedWorld({
      reconcile: async (id, { signal }) => {
        await world.dynamicWatcher.removeWatcher(id);
        expect(signal.aborted).toBe(true);
        return { requeueAfterMs: 1 };
      },
    });
    world.api.put(a);
    await world.dynamicWatcher.addWatcher(web, a);
    await world.clock.advance(60_000);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a"]);
    expect(world.counts).toEqual({ watched: 0, streams: 0 });
    expect(world.clock.pending).toBe(0);

    await world.dynamicWatcher.addWatcher(web, a);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a"]);
  });

  it("may call stop", async () => {
    const world: World = await startedWorld({
      reconcile: () => {
        world.dynamicWatcher.stop();
      },
    });
    world.api.put(a);
    await world.dynamicWatcher.addWatcher(web, a);
    await settle();
    expect(world.dynamicWatcher.started).toBe(false);
    expect([world.clock.pending, world.api.openCount]).toEqual([0, 0]);
  });

  it("that awaits stop ends it with the grace", async () => {
    const world: World = await startedWorld({
      reconcile: () => world.dynamicWatcher.stop({ graceMs: 1_000 }),
    });
    world.api.put(a);
    await world.dynamicWatcher.addWatcher(web, a);
    await world.clock.advance(999);
    const started = world.dynamicWatcher.start();
    expect(await standing(started)).toBe("pending");
    await world.clock.advance(1);
    expect(await standing(started)).toBe("resolved");
    // Its old run has ended by now.
    await world.dynamicWatcher.addWatcher(web, a);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a", "web: INITIAL Secret/a"]);
  });

  it("that calls back when its signal aborts finds everything stopped or removed", async () => {
    const results: Promise<unknown>[] = [];
    const world: World = await startedWorld({
      reconcile: (id, { signal }) =>
        new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            const { dynamicWatcher } = world;
            results.push(standing(dynamicWatcher.addWatcher(id, b)), standing(dynamicWatcher.stop()));
            resolve();
          });
        }),
    });
    const { dynamicWatcher, api, clock } = world;
    let stops = 0;
    dynamicWatcher.addEventListener("stopped", () => {
      stops += 1;
    });
    api.put(a);
    await dynamicWatcher.addWatcher(web, a);
    await settle();
    await dynamicWatcher.stop();
    expect(await Promise.all(results)).toMatchObject([{ code: "NOT_STARTED" }, "resolved"]);
    await dynamicWatcher.start();
    await settle();
    expect([stops, dynamicWatcher.started, api.openCount, clock.pending]).toEqual([1, true, 0, 0]);

    await dynamicWatcher.addWatcher(web, a);
    await settle();
    const removed = dynamicWatcher.removeWatcher(web);
    expect(dynamicWatcher.watchCount).toBe(0);
    await removed;
    await settle();
    expect([stops, dynamicWatcher.started, api.openCount, clock.pending]).toEqual([2, false, 0, 0]);
  });

  it("that adds again when its signal aborts is a new watcher", async () => {
    const world: World = await startedWorld({
      reconcile: (id, { signal }) => {
        if (signal.aborted || world.runs.length > 1) return;
        return new Promise((resolve) => {
          signal.addEventListener("abort", () => {
            world.dynamicWatcher.addWatcher(id, b);
            resolve();
          });
        });
      },
    });
    world.api.put(a);
    world.api.put(b);
    await world.dynamicWatcher.addWatcher(web, a);
    await settle();
    await world.dynamicWatcher.removeWatcher(web);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a", "web: INITIAL Secret/b"]);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });
});

describe("a circle", () => {
  it("of a watcher that watches itself is one edge", async () => {
    const world = await startedWorld();
    const self = configMap("self");
    world.api.put(self);
    await world.dynamicWatcher.addWatcher(self, self);
    expect(await world.causes()).toEqual(["self: INITIAL ConfigMap/self"]);
    world.api.put(self);
    expect(await world.causes()).toEqual(["self: MODIFIED ConfigMap/self"]);
    await world.dynamicWatcher.removeWatcher(self);
    expect(world.counts).toEqual({ watched: 0, streams: 0 });
  });

  it("of two that watch each other wakes the other one, and no more", async () => {
    const world = await startedWorld();
    const [first, second] = [configMap("first"), configMap("second")];
    await world.dynamicWatcher.addWatcher(first, second);
    await world.dynamicWatcher.addWatcher(second, first);
    world.api.put(first);
    expect(await world.causes()).toEqual(["second: ADDED ConfigMap/first"]);
    world.api.put(second);
    expect(await world.causes()).toEqual(["first: ADDED ConfigMap/second"]);
    await world.dynamicWatcher.removeWatcher(first);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    world.api.put(first);
    expect(await world.causes()).toEqual(["second: MODIFIED ConfigMap/first"]);
  });
});

describe("a listener", () => {
  const [first, second] = [watcher("first"), watcher("second")];

  it("that removes a watcher while events go out takes back what was queued for it", async () => {
    let finish = () => {};
    const world = await startedWorld({
      reconcile: ({ name }) =>
        name === "busy"
          ? new Promise((resolve) => {
              finish = resolve;
            })
          : undefined,
    });
    const { dynamicWatcher, api } = world;
    for (const id of [first, second]) await dynamicWatcher.addOrUpdateWatcher(id, [a, b]);
    dynamicWatcher.reconciler.trigger([watcher("busy")]);
    const heard: (string | undefined)[] = [];
    dynamicWatcher.addEventListener("transition", () => dynamicWatcher.removeWatcher(first));
    dynamicWatcher.addEventListener("transition", ({ cause }) => heard.push(cause.after?.name));
    await settle();
    api.put(a);
    api.put(b);
    await settle();
    finish();
    expect(heard).toEqual(["a", "b"]);
    expect(await world.causes()).toEqual([
      "busy: TRIGGER",
      "second: ADDED Secret/a",
      "second: ADDED Secret/b",
    ]);
    expect(world.counts).toEqual({ watched: 2, streams: 2 });
  });

  it("that adds gets the object of the event with the add's own reconcile", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    await dynamicWatcher.addWatcher(first, a);
    let added: Promise<void> | undefined;
    dynamicWatcher.addEventListener(
      "transition",
      () => {
        added = dynamicWatcher.addWatcher(second, a);
      },
      { once: true },
    );
    api.put(a);
    expect(await world.causes()).toEqual(["first: ADDED Secret/a", "second: INITIAL Secret/a"]);
    await added;
  });

  it("that stops ends it all, and hears what had happened before", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    await dynamicWatcher.addOrUpdateWatcher(first, [a, b]);
    const heard: string[] = [];
    dynamicWatcher.addEventListener("transition", () => {
      heard.push("transition");
      dynamicWatcher.stop();
    });
    dynamicWatcher.addEventListener("stopped", () => heard.push("stopped"));
    api.put(a);
    await settle();
    api.put(b);
    await settle();
    expect(heard).toEqual(["transition", "stopped"]);
    expect([api.openCount, clock.pending, dynamicWatcher.watchCount]).toEqual([0, 0, 0]);
  });

  it("of a stream's end may add at once", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    await dynamicWatcher.addWatcher(first, a);
    dynamicWatcher.addEventListener("stream", ({ state }) => {
      if (state.state === "ended" && api.asked(a).length < 3) dynamicWatcher.addWatcher(first, a);
    });
    await dynamicWatcher.removeWatcher(first);
    await settle();
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    api.put(a);
    expect(await world.causes()).toEqual(["first: ADDED Secret/a"]);
  });

  it("of a start's failure may add the same again, which starts anew", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    let again: Promise<void> | undefined;
    dynamicWatcher.addEventListener("stream", ({ state }) => {
      if (state.state === "blocked") again = dynamicWatcher.addWatcher(second, a);
    });
    const failed = dynamicWatcher.addWatcher(first, a);
    await settle();
    api.stream(a).refuse(403);
    expect(await standing(failed)).toMatchObject({ status: 403 });
    api.release("secrets");
    expect(await standing(again ?? Promise.reject(new Error("it was not called")))).toBe("resolved");
    expect(api.asked(a)).toHaveLength(2);
  });

  it("that fails goes to the logger, and neither to the others nor to the process", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    const failure = new Error("mine");
    dynamicWatcher.addEventListener("transition", () => {
      throw failure;
    });
    dynamicWatcher.addEventListener("transition", () => Promise.reject(failure));
    await dynamicWatcher.addWatcher(first, a);
    api.put(a);
    expect(await world.causes()).toEqual(["first: ADDED Secret/a"]);
    expect(world.transitions).toHaveLength(1);
    expect(world.logged.map(([, error]) => error)).toEqual([failure, failure]);
  });
});
