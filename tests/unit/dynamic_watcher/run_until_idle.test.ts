import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, configMaps, secret, standing, startedWorld, World, watcher } from "./harness.ts";

const TIMEOUT = { timeoutMs: 10_000 };

/** One watch, which was live, has been refused since, and gets no answer now. */
async function retryingWorld(): Promise<World> {
  const world = await startedWorld();
  await world.dynamicWatcher.addWatcher(watcher("web"), secret("db"));
  world.api.held.add("secrets");
  world.api.stream(secret("db")).break();
  await settle();
  world.api.stream(secret("db")).refuse(503);
  await settle();
  return world;
}

describe("runUntilIdle", () => {
  it("starts, and stops at once where there is nothing to do", async () => {
    const { dynamicWatcher, clock } = new World();
    expect(await dynamicWatcher.runUntilIdle(TIMEOUT)).toEqual({
      idle: true,
      start: "cold",
      reconciles: 0,
      failed: 0,
      remaining: 0,
    });
    expect(dynamicWatcher.started).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("waits for a call that nobody awaited, and for the reconcile that it leads to", async () => {
    const { dynamicWatcher, api, clock, runs } = await startedWorld();
    api.put(secret("db"));
    api.held.add("secrets");
    dynamicWatcher.addWatcher(watcher("web"), secret("db"));
    const running = dynamicWatcher.runUntilIdle(TIMEOUT);
    await clock.advance(1_000);
    expect(await standing(running)).toBe("pending");
    api.release("secrets");
    await clock.advance(100);
    expect(await running).toMatchObject({ idle: true, reconciles: 1 });
    expect(runs).toHaveLength(1);
  });

  it("counts the reconciles since start(), the failed ones too, and those of one start only", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld({
      reconcile: (_watcher, { attempt }) => {
        if (attempt === 0) throw new Error("not yet");
      },
    });
    api.put(secret("db"));
    await dynamicWatcher.addWatcher(watcher("web"), secret("db"));
    await clock.advance(100);
    expect(await dynamicWatcher.runUntilIdle(TIMEOUT)).toMatchObject({ reconciles: 2, failed: 1 });
    expect(await dynamicWatcher.runUntilIdle(TIMEOUT)).toMatchObject({ reconciles: 0, failed: 0 });
  });

  const unfinished: readonly [what: string, begin: (world: World) => Promise<unknown> | undefined][] = [
    [
      "a stream retries",
      async ({ dynamicWatcher, api }) => {
        await dynamicWatcher.addWatcher(watcher("web"), secret("db"));
        api.held.add("secrets");
        api.stream(secret("db")).break();
        await settle();
        api.stream(secret("db")).refuse(503);
        await settle();
      },
    ],
    [
      "a query batch is open",
      async ({ dynamicWatcher }) => void dynamicWatcher.startQueryBatch(watcher("web")),
    ],
    [
      "a query is under way",
      async ({ dynamicWatcher }) =>
        void dynamicWatcher.query(watcher("web"), () => new Promise(() => {})).catch(() => undefined),
    ],
    ["a reconcile runs", async ({ dynamicWatcher }) => dynamicWatcher.reconciler.trigger([watcher("slow")])],
  ];
  for (const [what, begin] of unfinished) {
    it(`is not idle while ${what}: the time ends it`, async () => {
      const reconcile = () => new Promise<void>(() => {});
      const world = await startedWorld({ cache: true, reconcile });
      world.api.put(configMap("other"));
      await begin(world);
      const running = world.dynamicWatcher.runUntilIdle(TIMEOUT);
      await world.clock.advance(9_990);
      expect(await standing(running)).toBe("pending");
      await world.clock.advance(1_100);
      expect(await running).toMatchObject({ idle: false });
      expect(world.dynamicWatcher.started).toBe(false);
    });
  }

  it("says why a watch could not go on", async () => {
    const { dynamicWatcher, clock } = await retryingWorld();
    const running = dynamicWatcher.runUntilIdle(TIMEOUT);
    await clock.advance(10_100);
    expect(await running).toMatchObject({
      idle: false,
      error: { code: "API_ERROR", status: 503, watched: secret("db") },
      remaining: 0,
    });
  });

  it("says nothing of a failure that was over in time", async () => {
    const { dynamicWatcher, api, clock } = await retryingWorld();
    const running = dynamicWatcher.runUntilIdle(TIMEOUT);
    await clock.advance(5_000);
    api.release("secrets");
    await clock.advance(5_000);
    expect(await running).toEqual({ idle: true, start: "cold", reconciles: 0, failed: 0, remaining: 0 });
  });

  it("gives reconciles under way the grace that it was given", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ reconcile: () => new Promise<void>(() => {}) });
    dynamicWatcher.reconciler.trigger([watcher("slow")]);
    const running = dynamicWatcher.runUntilIdle({ timeoutMs: 1_000, graceMs: 5_000 });
    await clock.advance(5_900);
    expect(await standing(running)).toBe("pending");
    await clock.advance(200);
    expect(await running).toMatchObject({ idle: false, remaining: 1 });
  });

  it("stops and rejects with the reason of a signal", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ reconcile: () => new Promise<void>(() => {}) });
    dynamicWatcher.reconciler.trigger([watcher("slow")]);
    const controller = new AbortController();
    const running = dynamicWatcher.runUntilIdle({ ...TIMEOUT, graceMs: 0, signal: controller.signal });
    await clock.advance(100);
    controller.abort("enough");
    await clock.advance(10);
    expect(await standing(running)).toBe("enough");
    expect(dynamicWatcher.started).toBe(false);
    expect(clock.pending).toBe(0);
  });

  it("rejects with the reason of a signal that has aborted before", async () => {
    const { dynamicWatcher } = new World();
    const signal = AbortSignal.abort("before");
    expect(await standing(dynamicWatcher.runUntilIdle({ ...TIMEOUT, signal }))).toBe("before");
    expect(dynamicWatcher.started).toBe(false);
  });

  it("rejects when somebody else stops it", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ reconcile: () => new Promise<void>(() => {}) });
    dynamicWatcher.reconciler.trigger([watcher("slow")]);
    const running = dynamicWatcher.runUntilIdle(TIMEOUT);
    await settle();
    dynamicWatcher.stop({ graceMs: 50 });
    await clock.advance(100);
    expect(await standing(running)).toMatchObject({ code: "NOT_STARTED" });
  });

  it("waits for a stop that is under way, and runs after it", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ reconcile: () => new Promise<void>(() => {}) });
    dynamicWatcher.reconciler.trigger([watcher("slow")]);
    await settle();
    dynamicWatcher.stop({ graceMs: 500 });
    const running = dynamicWatcher.runUntilIdle(TIMEOUT);
    await clock.advance(600);
    expect(await running).toMatchObject({ idle: true });
  });

  it("rejects when a stop that is under way takes longer than it may, and says so", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ reconcile: () => new Promise<void>(() => {}) });
    dynamicWatcher.reconciler.trigger([watcher("slow")]);
    await settle();
    dynamicWatcher.stop({ graceMs: 5_000 });
    const running = dynamicWatcher.runUntilIdle({ timeoutMs: 1_000 });
    const rejected = standing(running);
    await clock.advance(5_100);
    await rejected;
    expect(await standing(running)).toMatchObject({
      code: "TIMEOUT",
      afterMs: 1_000,
      message: "Cannot start: a stop before it, or its checkpoint, took over 1000 ms",
    });
  });

  for (const [options, field] of [
    [undefined, "timeoutMs"],
    [{}, "timeoutMs"],
    [{ timeoutMs: 0 }, "timeoutMs"],
    [{ timeoutMs: Number.NaN }, "timeoutMs"],
    [{ timeoutMs: "1" }, "timeoutMs"],
    [{ timeoutMs: 1, graceMs: -1 }, "graceMs"],
    [{ timeoutMs: 1, signal: {} }, "signal"],
    [{ timeoutMs: 1, graceMS: 1 }, "graceMS"],
  ] as const) {
    it(`refuses ${JSON.stringify(options)}`, async () => {
      const { dynamicWatcher } = new World();
      const refused = await standing(dynamicWatcher.runUntilIdle(options as never));
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field });
      expect(dynamicWatcher.started).toBe(false);
    });
  }

  it("takes null for no signal, as every call does", async () => {
    const { dynamicWatcher } = await startedWorld();
    const options = { ...TIMEOUT, signal: null } as never;
    expect(await dynamicWatcher.runUntilIdle(options)).toMatchObject({ idle: true });
  });

  it("is no checkpoint's business: without one a list is all the news there is", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.put(configMap("one"));
    await dynamicWatcher.addWatcher(watcher("web"), configMaps(""));
    const [begun, ended] = [api.openCount, await dynamicWatcher.runUntilIdle(TIMEOUT)];
    expect([begun, ended.idle, api.openCount]).toEqual([1, true, 0]);
  });
});
