import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { app, configMap, configMaps, hookWith } from "./harness.ts";

const both = async (dynamicWatcher: DynamicWatcher) => {
  await dynamicWatcher.addWatcher(app("a"), configMap("one"));
  await dynamicWatcher.addWatcher(app("b"), configMap("two"));
};

describe("a cold run", () => {
  it("reconciles what exists, says so, and ends", async () => {
    const hook = await hookWith("one", "two");
    const { summary, causes } = await hook.run({ setup: both });
    expect(summary).toEqual({ idle: true, start: "cold", reconciles: 2, failed: 0, remaining: 0 });
    expect(causes).toEqual(["a: INITIAL ConfigMap/one", "b: INITIAL ConfigMap/two"]);
    expect(hook.server.openWatches).toBe(0);
    expect(hook.clock.pending).toBe(0);
  });
});

describe("a warm run", () => {
  it("watches from the checkpoint, without a list or discovery, and reconciles nobody where nothing changed", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: both });
    const { summary, causes, requests } = await hook.run({ setup: both });
    expect(summary).toEqual({ idle: true, start: "warm", reconciles: 0, failed: 0, remaining: 0 });
    expect(causes).toEqual([]);
    expect(requests.map((line) => line.replace(/\d+/, "n")).sort()).toEqual([
      "newest configmaps",
      "watch configmaps from n",
      "watch configmaps from n",
    ]);
    expect(hook.clock.pending).toBe(0);
  });

  it("needs no setup: the graph comes back", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: both });
    await hook.change(configMap("two"), { a: "1" });
    expect((await hook.run()).causes).toEqual(["b: MODIFIED ConfigMap/two"]);
  });

  it("reconciles only whose dependencies changed, and each change once", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: both });
    await hook.change(configMap("two"), { a: "1" });
    expect((await hook.run({ setup: both })).causes).toEqual(["b: MODIFIED ConfigMap/two"]);
    expect((await hook.run({ setup: both })).causes).toEqual([]);
  });

  it("tells what was created, and what was deleted, with its metadata alone", async () => {
    const hook = await hookWith("one");
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMaps());
    await hook.run({ setup });
    await hook.delete(configMap("one"));
    await hook.create(configMap("two"));
    const told: unknown[] = [];
    await hook.run({
      cache: true,
      reconcile: (_watcher, { causes }) => {
        for (const cause of causes) {
          if (!("relisted" in cause)) continue;
          const { before, after } = cause;
          told.push([cause.type, (before ?? after)?.name, before?.object(), after?.object() !== undefined]);
        }
      },
    });
    expect(told).toEqual([
      ["DELETED", "one", undefined, false],
      ["ADDED", "two", undefined, true],
    ]);
  });

  it("tells a deletion and a recreation in between as both", async () => {
    const hook = await hookWith("one");
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));
    await hook.run({ setup });
    await hook.delete(configMap("one"));
    await hook.create(configMap("one"));
    expect((await hook.run()).causes).toEqual(["a: DELETED ConfigMap/one", "a: ADDED ConfigMap/one"]);
  });

  it("lists after a 410, and reconciles only what changed", async () => {
    const hook = await hookWith("one", "two", "three", "four");
    const setup = async (dynamicWatcher: DynamicWatcher) => {
      await both(dynamicWatcher);
      await dynamicWatcher.addWatcher(app("c"), configMap("three"));
      await dynamicWatcher.addWatcher(app("d"), configMap("four"));
    };
    await hook.run({ setup });
    await hook.change(configMap("two"), { a: "1" });
    await hook.delete(configMap("three"));
    await hook.delete(configMap("four"));
    await hook.create(configMap("four"));
    hook.server.compact();
    const { causes, summary } = await hook.run({ setup });
    expect(causes.sort()).toEqual([
      "b: MODIFIED ConfigMap/two relisted",
      "c: DELETED ConfigMap/three relisted",
      "d: ADDED ConfigMap/four relisted",
      "d: DELETED ConfigMap/four relisted",
    ]);
    expect(summary).toMatchObject({ idle: true, start: "warm", reconciles: 3 });
  });

  it("lists where the server is older than the checkpoint, as after a restored backup", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: both });
    for (const a of ["1", "2", "3"]) await hook.change(configMap("two"), { a });
    await hook.run();
    hook.server = (await hookWith("one", "two")).server;
    const { causes, requests } = await hook.run();
    expect(requests.filter((line) => line.startsWith("list"))).toEqual(["list configmaps"]);
    expect(causes).toEqual(["b: MODIFIED ConfigMap/two relisted"]);
    expect((await hook.run()).requests.filter((line) => line.startsWith("list"))).toEqual([]);
  });

  it("waits until every watch has had its turn where only few may be open", async () => {
    const names = ["one", "two", "three", "four", "five"];
    const hook = await hookWith(...names);
    hook.streams = 2;
    const setup = async (dynamicWatcher: DynamicWatcher) => {
      for (const name of names) await dynamicWatcher.addWatcher(app(name), configMap(name));
    };
    expect((await hook.run({ setup, timeoutMs: 30_000 })).summary).toMatchObject({
      idle: true,
      reconciles: 5,
    });
    for (const name of names) await hook.change(configMap(name), { a: "1" });
    const { summary, causes } = await hook.run({ timeoutMs: 30_000 });
    expect(summary).toMatchObject({ idle: true, start: "warm", reconciles: 5 });
    expect(causes.sort()).toEqual(names.map((name) => `${name}: MODIFIED ConfigMap/${name}`).sort());
  });

  it("waits for what comes a while behind the head of a watch's answer", async () => {
    const hook = await hookWith("one");
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));
    await hook.run({ setup });
    await hook.change(configMap("one"), { a: "1" });
    hook.bodyDelayMs = 400;
    expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/one"]);
  });

  it("ends before what comes too late, which the next run hears of", async () => {
    const hook = await hookWith("one");
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));
    await hook.run({ setup });
    await hook.change(configMap("one"), { a: "1" });
    hook.bodyDelayMs = 5_000;
    expect(await hook.run()).toMatchObject({ causes: [], summary: { idle: true } });
    hook.bodyDelayMs = 0;
    expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/one"]);
  });

  it("is idle once a watch that is never quiet has heard of what was newest at its start", async () => {
    const hook = await hookWith("one");
    const setup = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));
    await hook.run({ setup });
    const startedAt = hook.clock.now();
    function changeForEver(count = 0): void {
      hook.clock.setTimeout(() => {
        hook.change(configMap("one"), { a: String(count) });
        if (count < 50) changeForEver(count + 1);
      }, 100);
    }
    changeForEver();
    await hook.clock.advance(150);
    const { summary, causes } = await hook.run();
    expect(summary.idle).toBe(true);
    expect(causes).toContain("a: MODIFIED ConfigMap/one");
    expect(hook.clock.now() - startedAt).toBeLessThan(1_000);
  });
});
