import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CheckpointRefusedError, checkpoint } from "../../../lib/checkpoint/mod.ts";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { caught } from "../../fixtures/caught.ts";
import { app, configMap, Hook, hookWith } from "./harness.ts";

const KEY = "kubernetes-dependency-watches";
const one = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));

async function keptCheckpoint(): Promise<{ hook: Hook; text: string }> {
  const hook = await hookWith("one");
  await hook.run({ setup: one });
  return { hook, text: String(hook.store.get(KEY)) };
}

const REFUSED: readonly [what: string, spoil: (text: string) => unknown, reason: string][] = [
  ["half of its text", (text) => text.slice(0, text.length / 2), "damaged"],
  ["an empty text", () => "", "damaged"],
  [
    "one character that is another",
    (text) => text.replace('"one"', '"two"').replace("/one", "/two").replace("configmaps", "configmapz"),
    "damaged",
  ],
  ["a body that is missing", (text) => ({ ...JSON.parse(text), body: undefined }), "damaged"],
  [
    "the body of another checkpoint",
    (text) => ({ ...JSON.parse(text), body: [0, null, [], [], [], []] }),
    "damaged",
  ],
  ["something of somebody else", () => JSON.stringify({ hello: "world" }), "foreign"],
  ["a number", () => 7, "foreign"],
  ["a list", () => [], "foreign"],
  ["another version of the format", (text) => text.replace('"version":1', '"version":2'), "version"],
];

describe("a checkpoint that is refused", () => {
  for (const [what, spoil, reason] of REFUSED) {
    it(`has ${what}: the start is cold, and both log and summary say why`, async () => {
      const { hook, text } = await keptCheckpoint();
      hook.store.set(KEY, spoil(text));
      const { summary, causes } = await hook.run({ setup: one });
      expect(summary).toMatchObject({ idle: true, start: "cold", reconciles: 1 });
      expect(summary.refused).toMatchObject({ code: "CHECKPOINT_REFUSED", reason });
      expect(causes).toEqual(["a: INITIAL ConfigMap/one"]);
      expect(hook.logged).toEqual([[summary.refused?.message, summary.refused]]);
      expect((await hook.run()).summary).toMatchObject({ start: "warm", reconciles: 0 });
    });
  }

  it("is of another cluster", async () => {
    const { hook } = await keptCheckpoint();
    const other = new Hook(2);
    await other.create({ version: "v1", kind: "Namespace", name: "ns" });
    await other.create(configMap("one"));
    hook.server = other.server;
    const { summary, causes } = await hook.run({ setup: one });
    expect(summary.refused).toBeInstanceOf(CheckpointRefusedError);
    expect(summary.refused).toMatchObject({ reason: "server" });
    expect(causes).toEqual(["a: INITIAL ConfigMap/one"]);
  });

  it("is not one of a cluster that may not be asked who it is; what it was is kept", async () => {
    const { hook } = await keptCheckpoint();
    hook.forbidden.add("namespaces");
    expect((await hook.run()).summary.start).toBe("warm");
    hook.forbidden.clear();
    hook.server = new Hook(2).server;
    expect((await hook.run()).summary.refused).toMatchObject({ reason: "server" });
  });
});

describe("the store of a checkpoint", () => {
  it("may answer with the text or with what a JSON parser makes of it", async () => {
    const { hook, text } = await keptCheckpoint();
    hook.store.set(KEY, JSON.parse(text));
    expect((await hook.run()).summary.start).toBe("warm");
  });

  it("may give an object's fields in any order, as some databases do", async () => {
    const { hook, text } = await keptCheckpoint();
    const { format, version, checksum, body } = JSON.parse(text);
    hook.store.set(KEY, { body, checksum, version, format });
    expect((await hook.run()).summary.start).toBe("warm");
  });

  for (const empty of [null, undefined]) {
    it(`may say ${empty} for nothing`, async () => {
      const hook = await hookWith();
      hook.keptIn = { get: async () => empty, set: async () => {}, delete: async () => {} };
      expect((await hook.run()).summary).toEqual({
        idle: true,
        start: "cold",
        reconciles: 0,
        failed: 0,
        remaining: 0,
      });
    });
  }

  it("may have the names of the web's Storage and of unstorage", async () => {
    const hook = await hookWith("one");
    const items = new Map<string, string>();
    hook.keptIn = {
      getItem: async (key: string) => items.get(key) ?? null,
      setItem: async (key: string, value: string, options: object) =>
        void items.set(key, value + Object.keys(options)),
      removeItem: async (key: string) => void items.delete(key),
    };
    await hook.run({ setup: one });
    expect((await hook.run()).summary.start).toBe("warm");
    await hook.run({ setup: (dynamicWatcher) => dynamicWatcher.removeWatcher(app("a")) });
    expect(items.size).toBe(0);
  });

  it("may put where others set, as Workers KV does", async () => {
    const hook = await hookWith("one");
    const kept = new Map<string, string>();
    hook.keptIn = new (class {
      async get(key: string): Promise<string | null> {
        return kept.get(key) ?? null;
      }
      async put(key: string, value: string): Promise<void> {
        kept.set(key, value);
      }
      async delete(key: string): Promise<void> {
        kept.delete(key);
      }
    })();
    await hook.run({ setup: one });
    expect((await hook.run()).summary.start).toBe("warm");
    await hook.run({ setup: (dynamicWatcher) => dynamicWatcher.removeWatcher(app("a")) });
    expect(kept.size).toBe(0);
  });

  for (const unfit of [
    {},
    { get() {}, set() {} },
    { get() {}, put() {} },
    { getItem() {}, setItem() {} },
    undefined,
    null,
  ]) {
    it(`is refused when it is ${unfit && Object.keys(unfit)}`, () => {
      expect(caught(() => checkpoint(unfit as never))).toMatchObject({
        code: "INVALID_INPUT",
        field: "store",
      });
    });
  }

  for (const options of [{ key: 5 }, { key: "" }, { now: 5 }, { name: "one" }]) {
    it(`is not kept with ${JSON.stringify(options)}`, () => {
      const [field] = Object.keys(options);
      const refused = caught(() => checkpoint(new Map(), options as never));
      expect(refused).toMatchObject({ code: "INVALID_INPUT", field });
    });
  }

  it("that cannot be read lets no run start, and the next one may", async () => {
    const { hook } = await keptCheckpoint();
    const { store } = hook;
    let down = true;
    const cause = new Error("no connection");
    hook.keptIn = {
      get: async (key: string) => {
        if (down) throw cause;
        return store.get(key);
      },
      set: async (key: string, value: string) => store.set(key, value),
      delete: async (key: string) => store.delete(key),
    };
    const dynamicWatcher = hook.dynamicWatcher();
    const failure = await hook.drive(() => dynamicWatcher.start()).catch((error) => error);
    expect(failure).toMatchObject({ code: "CHECKPOINT_STORE", cause });
    expect(dynamicWatcher.started).toBe(false);
    down = false;
    expect(await hook.drive(() => dynamicWatcher.runUntilIdle({ timeoutMs: 5_000 }))).toMatchObject({
      start: "warm",
    });
  });

  it("that cannot be written ends the run all the same, which then rejects; the old checkpoint stays", async () => {
    const { hook, text } = await keptCheckpoint();
    const cause = new Error("disk full");
    hook.keptIn = {
      get: (key: string) => hook.store.get(key),
      set: async () => {
        throw cause;
      },
      delete: () => {},
    };
    await hook.change(configMap("one"), { a: "1" });
    const dynamicWatcher = hook.dynamicWatcher();
    const failure = await hook
      .drive(() => dynamicWatcher.runUntilIdle({ timeoutMs: 5_000 }))
      .catch((error) => error);
    expect(failure).toMatchObject({ code: "CHECKPOINT_STORE", cause });
    expect(dynamicWatcher.started).toBe(false);
    expect(hook.server.openWatches).toBe(0);
    expect(hook.store.get(KEY)).toBe(text);
    hook.keptIn = hook.store as never;
    expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/one"]);
  });

  it("is logged when it fails after the abort of start's signal", async () => {
    const { hook } = await keptCheckpoint();
    hook.keptIn = {
      get: (key: string) => hook.store.get(key),
      set: () => Promise.reject(new Error("disk full")),
      delete: () => {},
    };
    const dynamicWatcher = hook.dynamicWatcher();
    const controller = new AbortController();
    await hook.drive(() => dynamicWatcher.start({ signal: controller.signal }));
    controller.abort();
    await hook.drive(() => dynamicWatcher.stop());
    expect(hook.logged).toMatchObject([[expect.any(String), { code: "CHECKPOINT_STORE" }]]);
  });

  it("is not written by a start that was given up", async () => {
    const { hook, text } = await keptCheckpoint();
    hook.keptIn = {
      get: () => new Promise(() => {}),
      set: () => hook.store.clear(),
      delete: () => hook.store.clear(),
    };
    const dynamicWatcher = hook.dynamicWatcher();
    const failure = await hook
      .drive(() => dynamicWatcher.runUntilIdle({ timeoutMs: 1_000 }))
      .catch((error) => error);
    expect(failure).toMatchObject({ code: "TIMEOUT", afterMs: 1_000 });
    expect(hook.store.get(KEY)).toBe(text);
    expect(hook.clock.pending).toBe(0);
  });

  it("has one entry for each key", async () => {
    const store = new Map<string, string>();
    const hook = await hookWith("one");
    await hook.run({ setup: one });
    expect([...hook.store.keys()]).toEqual([KEY]);
    const context = { transport: hook.server.transport(), clock: hook.clock, logger: console };
    const other = checkpoint(store, { key: "other" });
    await other.load({ ...context, signal: new AbortController().signal });
    const due = [{ watcher: app("a"), delayMs: 0, attempt: 0 }];
    await other.save({ served: [], watchers: [], due }, context);
    expect([...store.keys()]).toEqual(["other"]);
  });
});
