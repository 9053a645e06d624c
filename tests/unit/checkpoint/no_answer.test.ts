import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { type Fault, type FaultPlan, faults } from "../../../transports/faults.ts";
import { app, configMap, Hook, hookWith } from "./harness.ts";

const KEY = "kubernetes-dependency-watches";
const TIMEOUT = { timeoutMs: 60_000 };
const one = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));

/** A hook that has run once, and what it kept. */
async function keptHook(): Promise<{ hook: Hook; text: unknown }> {
  const hook = await hookWith("one", "two");
  await hook.run({ setup: one });
  return { hook, text: hook.store.get(KEY) };
}

/** The same objects in a cluster of its own. */
async function otherCluster(): Promise<Hook> {
  const hook = new Hook(2);
  await hook.create({ version: "v1", kind: "Namespace", name: "ns" });
  for (const name of ["one", "two"]) await hook.create(configMap(name));
  return hook;
}

/** Befalls the question which cluster it is, `times` times. */
function identityMeets(fault: Fault, times = Number.POSITIVE_INFINITY): FaultPlan {
  let left = times;
  return {
    get({ path }) {
      if (!path.includes("kube-system") || left === 0) return undefined;
      left -= 1;
      return fault;
    },
  };
}

/** Befalls the question for what is newest. */
function newestMeets(fault: Fault): FaultPlan {
  return { list: ({ query }) => (query.get("limit") === "1" ? fault : undefined) };
}

const PASSING: readonly [what: string, fault: Fault][] = [
  ["429", faults.answer("tooManyRequests")],
  ["503", faults.answer("backendUnavailable")],
  ["500", faults.answer("internalError")],
  ["no connection", faults.refused()],
  ["no answer", faults.unanswered()],
];

describe("a cluster that is asked who it is", () => {
  for (const [what, fault] of PASSING.slice(0, -1)) {
    it(`is asked again after ${what}: the checkpoint of another one is refused all the same`, async () => {
      const { hook } = await keptHook();
      hook.server = (await otherCluster()).server;
      hook.faults = identityMeets(fault, 3);
      const { summary, causes } = await hook.run({ setup: one });
      expect(summary).toMatchObject({ start: "cold", refused: { reason: "server" } });
      expect(causes).toEqual(["a: INITIAL ConfigMap/one"]);
    });

    it(`goes on from its own once it has answered after ${what}`, async () => {
      const { hook } = await keptHook();
      hook.faults = identityMeets(fault, 3);
      expect((await hook.run({ setup: one })).summary).toMatchObject({ start: "warm", reconciles: 0 });
    });
  }

  for (const [what, fault] of [...PASSING, ["401", faults.answer("unauthorized")] as const]) {
    it(`starts no run while it gives ${what}, and the checkpoint stays as it was`, async () => {
      const { hook, text } = await keptHook();
      hook.faults = identityMeets(fault);
      const dynamicWatcher = hook.dynamicWatcher();
      const before = hook.clock.now();
      const failure = await hook.drive(() => dynamicWatcher.start()).catch((error) => error);
      expect(failure).toMatchObject({ code: "TIMEOUT", afterMs: 30_000 });
      expect(failure.cause !== undefined).toBe(fault.type !== "unanswered");
      expect(hook.clock.now() - before).toBeLessThan(30_100);
      expect(dynamicWatcher.started).toBe(false);
      expect(hook.clock.pending).toBe(0);
      await dynamicWatcher.stop();
      expect(hook.store.get(KEY)).toBe(text);
      hook.faults = {};
      expect((await hook.run()).summary).toMatchObject({ start: "warm", reconciles: 0 });
    });
  }

  it("starts no run without a checkpoint either: what that kept would be anybody's", async () => {
    const hook = await hookWith("one");
    hook.faults = identityMeets(faults.answer("backendUnavailable"));
    const failure = await hook.run({ setup: one }).catch((error) => error);
    expect(failure).toMatchObject({ code: "TIMEOUT", cause: { status: 503 } });
  });

  it("is not asked again where it cannot be asked, such as without a plugin to log in with", async () => {
    const { hook, text } = await keptHook();
    const refusal = new InvalidInputError("exec.command", "Cannot log in: the plugin is not installed");
    let asked = 0;
    const request = () => {
      asked += 1;
      return Promise.reject(refusal);
    };
    hook.faults = identityMeets(faults.answeredBy({ request, close: async () => {} }));
    const dynamicWatcher = hook.dynamicWatcher();
    await expect(hook.drive(() => dynamicWatcher.start())).rejects.toBe(refusal);
    expect(asked).toBe(1);
    expect(hook.store.get(KEY)).toBe(text);
  });

  it("is asked no more once the store has failed", async () => {
    const { hook } = await keptHook();
    hook.faults = identityMeets(faults.unanswered());
    hook.keptIn = { get: () => Promise.reject(new Error("no connection")), set() {}, delete() {} };
    const failure = await hook.run().catch((error) => error);
    expect(failure).toMatchObject({ code: "CHECKPOINT_STORE", cause: { message: "no connection" } });
    expect(hook.clock.pending).toBe(0);
  });

  it("is none that is known by its kube-system where it has none", async () => {
    const { hook } = await keptHook();
    hook.faults = identityMeets(faults.status(404));
    expect((await hook.run()).summary).toMatchObject({ start: "warm", reconciles: 0 });
  });
});

describe("the newest version, where nobody says it", () => {
  for (const [what, fault] of PASSING) {
    it(`is found by a list after ${what}: the server may be older than the checkpoint`, async () => {
      const { hook } = await keptHook();
      for (const a of ["1", "2", "3"]) await hook.change(configMap("one"), { a });
      await hook.run();
      hook.server = (await hookWith("one", "two")).server;
      hook.faults = newestMeets(fault);
      expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/one relisted"]);
    });
  }
});

describe("a warm run whose watches", () => {
  for (const [what, fault, code] of [
    ["reach nobody", faults.refused(), "TRANSPORT_ERROR"],
    ["are answered 503", faults.answer("backendUnavailable"), "API_ERROR"],
  ] as const) {
    it(`${what} says so, and keeps what it had: the next one hears of what it missed`, async () => {
      const { hook } = await keptHook();
      await hook.change(configMap("one"), { a: "1" });
      hook.faults = { watch: () => fault, list: ({ query }) => (query.has("limit") ? undefined : fault) };
      expect((await hook.run({ setup: one })).summary).toMatchObject({
        idle: false,
        start: "warm",
        error: { code, watched: configMap("one") },
        reconciles: 0,
        remaining: 0,
      });
      hook.faults = {};
      expect((await hook.run({ setup: one })).causes).toEqual(["a: MODIFIED ConfigMap/one"]);
    });
  }

  it("are refused is told so by its reconcile, and the next setup by an error", async () => {
    const { hook } = await keptHook();
    hook.forbidden.add("configmaps");
    const { summary, causes } = await hook.run({ setup: one });
    expect(causes).toEqual(["a: BLOCKED ConfigMap/one"]);
    expect(summary).toMatchObject({ idle: true, start: "warm", reconciles: 1, remaining: 0 });
    const failure = await hook.run({ setup: one }).catch((error) => error);
    expect(failure).toMatchObject({ code: "API_ERROR", status: 403, watched: configMap("one") });
  });
});

describe("a store that takes its time", () => {
  const never = () => new Promise<never>(() => {});

  it("does not shorten the questions to the API server", async () => {
    const { hook } = await keptHook();
    const { store, clock } = hook;
    hook.keptIn = {
      get: (key: string) => new Promise((resolve) => clock.setTimeout(() => resolve(store.get(key)), 8_000)),
      set: (key: string, value: string) => store.set(key, value),
      delete: (key: string) => store.delete(key),
    };
    const { summary, requests } = await hook.run(TIMEOUT);
    expect(summary).toMatchObject({ start: "warm", idle: true });
    expect(requests).toContain("newest configmaps");
  });

  it("lets no run start when it does not answer in 10 seconds", async () => {
    const { hook } = await keptHook();
    hook.keptIn = { get: never, set: () => hook.store.clear(), delete: () => hook.store.clear() };
    const dynamicWatcher = hook.dynamicWatcher();
    const before = hook.clock.now();
    const failure = await hook.drive(() => dynamicWatcher.start()).catch((error) => error);
    expect(failure).toMatchObject({ code: "CHECKPOINT_STORE", cause: { code: "TIMEOUT", afterMs: 10_000 } });
    expect(hook.clock.now() - before).toBeLessThan(10_100);
    expect(dynamicWatcher.started).toBe(false);
    expect(hook.clock.pending).toBe(0);
    await dynamicWatcher.stop();
    expect(hook.store.size).toBe(1);
  });

  for (const [verb, setup] of [
    ["set", undefined],
    ["delete", (dynamicWatcher: DynamicWatcher) => dynamicWatcher.removeWatcher(app("a"))],
  ] as const) {
    it(`holds no stop longer than 10 seconds with ${verb}`, async () => {
      const { hook, text } = await keptHook();
      hook.keptIn = { get: (key: string) => hook.store.get(key), set: never, delete: never };
      const dynamicWatcher = hook.dynamicWatcher();
      await hook.drive(() => dynamicWatcher.start());
      await setup?.(dynamicWatcher);
      const before = hook.clock.now();
      const failure = await hook.drive(() => dynamicWatcher.runUntilIdle(TIMEOUT)).catch((error) => error);
      expect(failure).toMatchObject({
        code: "CHECKPOINT_STORE",
        cause: { code: "TIMEOUT", afterMs: 10_000 },
      });
      expect(hook.clock.now() - before).toBeLessThan(11_000);
      expect([dynamicWatcher.started, hook.server.openWatches, hook.clock.pending]).toEqual([false, 0, 0]);
      expect(hook.store.get(KEY)).toBe(text);
    });
  }
});
