import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { app, configMap, configMaps, type Hook, hookWith } from "./harness.ts";

const one = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));

function fails(): never {
  throw new Error("not today");
}

/** Between two runs so much time goes by. */
async function sleep(hook: Hook, ms: number): Promise<void> {
  hook.sleptMs += ms;
}

describe("what is not done at the end of a run", () => {
  it("is a failed reconcile: it is due again, with its attempts and its backoff", async () => {
    const hook = await hookWith("one");
    const first = await hook.run({ setup: one, reconcile: fails });
    // The waits of 5 ms, 10 ms, … 2,560 ms fit into ten seconds, and the next one does not.
    expect(first.summary).toMatchObject({ idle: true, reconciles: 11, failed: 11, remaining: 1 });
    expect(first.summary.nextDueMs).toBeGreaterThan(5_100);

    const attempts: number[] = [];
    const early = await hook.run({ timeoutMs: 2_000, reconcile: fails });
    expect(early.summary).toMatchObject({ reconciles: 0, remaining: 1 });

    await sleep(hook, 5_120);
    const late = await hook.run({
      reconcile: (_watcher, { attempt, causesDropped }) => {
        attempts.push(attempt);
        expect(causesDropped).toBe(true);
        fails();
      },
    });
    expect(attempts).toEqual([11]);
    expect(late.summary).toMatchObject({ idle: true, reconciles: 1, failed: 1, remaining: 1 });
    expect(late.summary.nextDueMs).toBeGreaterThan(10_200);
    expect(late.causes).toEqual(["a: REQUEUE"]);
  });

  it("is done once it succeeds", async () => {
    const hook = await hookWith("one");
    await hook.run({ setup: one, reconcile: fails });
    await sleep(hook, 60_000);
    expect((await hook.run()).summary).toMatchObject({ reconciles: 1, failed: 0, remaining: 0 });
    await sleep(hook, 60_000);
    expect((await hook.run()).summary).toMatchObject({ reconciles: 0, remaining: 0 });
  });

  it("is a requeue beyond the timeout, kept with its time", async () => {
    const hook = await hookWith("one");
    const reconcile = () => ({ requeueAfterMs: 60_000 });
    expect((await hook.run({ setup: one, reconcile })).summary).toMatchObject({
      idle: true,
      reconciles: 1,
      remaining: 1,
      nextDueMs: 60_000,
    });
    await sleep(hook, 45_000);
    const early = (await hook.run({ reconcile })).summary;
    expect(early).toMatchObject({ idle: true, reconciles: 0, remaining: 1 });
    expect(early.nextDueMs).toBeLessThan(15_001);
    await sleep(hook, early.nextDueMs ?? 0);
    expect((await hook.run()).causes).toEqual(["a: REQUEUE"]);
  });

  it("is no requeue within the timeout: that is waited for", async () => {
    const hook = await hookWith("one");
    let runs = 0;
    const reconcile = () => {
      runs += 1;
      return runs < 3 ? { requeueAfterMs: 3_000 } : undefined;
    };
    expect((await hook.run({ setup: one, reconcile })).summary).toMatchObject({
      reconciles: 3,
      remaining: 0,
    });
  });

  it("is a reconcile under way at the timeout, and those it kept waiting", async () => {
    const hook = await hookWith("one", "two");
    const setup = async (dynamicWatcher: DynamicWatcher) => {
      await dynamicWatcher.addWatcher(app("a"), configMap("one"));
      await dynamicWatcher.addWatcher(app("b"), configMap("two"));
    };
    const { summary } = await hook.run({
      setup,
      timeoutMs: 1_000,
      reconcile: (_watcher, { signal }) =>
        new Promise((resolve) => signal.addEventListener("abort", () => resolve())),
    });
    expect(summary).toMatchObject({ idle: false, reconciles: 0, remaining: 2, nextDueMs: 0 });
    expect((await hook.run()).causes).toEqual(["b: REQUEUE", "a: REQUEUE"]);
  });

  it("is what admit holds back; that does not keep the run going", async () => {
    const hook = await hookWith("one");
    const held = (await hook.run({ setup: one, admit: () => false })).summary;
    expect(held).toMatchObject({ idle: true, reconciles: 0, remaining: 1, nextDueMs: 0 });
    expect((await hook.run()).summary).toMatchObject({ reconciles: 1, remaining: 0 });
  });

  it("is a trigger of one that depends on nothing", async () => {
    const hook = await hookWith();
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.reconciler.trigger([app("alone")]);
    await hook.run({ setup, admit: () => false });
    expect((await hook.run()).causes).toEqual(["alone: REQUEUE"]);
    expect(hook.store.size).toBe(0);
  });

  it("is nothing of a watcher that was removed", async () => {
    const hook = await hookWith("one");
    const setup = async (dynamicWatcher: DynamicWatcher) => {
      await one(dynamicWatcher);
      await dynamicWatcher.removeWatcher(app("a"));
    };
    expect((await hook.run({ setup, reconcile: fails })).summary.remaining).toBe(0);
    expect(hook.store.size).toBe(0);
  });

  it("is reconciled once, whatever changed besides", async () => {
    const hook = await hookWith("one");
    await hook.run({ setup: one, reconcile: () => ({ requeueAfterMs: 60_000 }) });
    await hook.change(configMap("one"), { a: "1" });
    const { summary, causes } = await hook.run();
    expect(summary).toMatchObject({ reconciles: 1, remaining: 0 });
    expect(causes).toEqual(["a: MODIFIED ConfigMap/one", "a: REQUEUE"]);
  });
});

describe("the graph that is kept", () => {
  it("has what a reconcile came to depend on", async () => {
    const hook = await hookWith("one", "two");
    let dynamicWatcher: DynamicWatcher | undefined;
    await hook.run({
      cache: true,
      setup: async (started) => {
        dynamicWatcher = started;
        await one(started);
      },
      reconcile: async (watcher) => {
        await dynamicWatcher?.query(watcher, async (query) => {
          await query.get(configMap("one"));
          await query.list(configMaps("app=web"));
        });
      },
    });
    await hook.server.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { namespace: "ns", name: "new", labels: { app: "web" } },
    });
    expect((await hook.run()).causes).toEqual(["a: ADDED ConfigMap/new"]);
  });

  it("takes an edge that exists for nothing new, and a new one for new", async () => {
    const hook = await hookWith("one");
    await hook.run({ setup: one });
    const { causes } = await hook.run({
      setup: async (dynamicWatcher) => {
        await one(dynamicWatcher);
        await dynamicWatcher.addWatcher(app("b"), configMap("one"));
      },
    });
    expect(causes).toEqual(["b: INITIAL ConfigMap/one"]);
  });

  it("has one stream for what several depend on, and gives it back with the last of them", async () => {
    const hook = await hookWith("one");
    await hook.run({
      setup: async (dynamicWatcher) => {
        await one(dynamicWatcher);
        await dynamicWatcher.addWatcher(app("b"), configMap("one"));
      },
    });
    await hook.run({
      setup: async (dynamicWatcher) => {
        expect(dynamicWatcher.watchCount).toBe(1);
        await dynamicWatcher.removeWatcher(app("a"));
        expect(dynamicWatcher.watchCount).toBe(1);
        await dynamicWatcher.removeWatcher(app("b"));
        expect(dynamicWatcher.watchCount).toBe(0);
        expect(hook.server.openWatches).toBe(0);
      },
    });
    expect(hook.store.size).toBe(0);
  });

  it("replaces what a watcher no longer depends on", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: one });
    await hook.run({
      setup: (dynamicWatcher) => dynamicWatcher.addOrUpdateWatcher(app("a"), [configMap("two")]),
    });
    await hook.change(configMap("one"), { a: "1" });
    expect((await hook.run()).causes).toEqual([]);
    await hook.change(configMap("two"), { a: "1" });
    expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/two"]);
  });

  it("knows cluster-scoped objects", async () => {
    const hook = await hookWith();
    const ns = { version: "v1", kind: "Namespace", name: "ns" };
    await hook.run({ setup: (dynamicWatcher) => dynamicWatcher.addWatcher(app("a"), ns) });
    await hook.server.patch(ns, { metadata: { labels: { a: "b" } } }, { type: "merge" });
    expect((await hook.run()).causes).toEqual(["a: MODIFIED Namespace/ns"]);
  });

  it("drops the edges of what may no longer be watched, and tells so once", async () => {
    const hook = await hookWith("one");
    await hook.run({ setup: one });
    hook.forbidden.add("configmaps");
    const { causes, summary } = await hook.run();
    expect(causes).toEqual(["a: BLOCKED ConfigMap/one"]);
    expect(summary).toMatchObject({ idle: true, remaining: 0 });
    expect(hook.store.size).toBe(0);
  });
});
