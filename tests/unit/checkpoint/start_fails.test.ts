import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import type { RateLimiter } from "../../../lib/reconcile/rate_limiter.ts";
import type { Checkpoint, LoadedCheckpoint } from "../../../lib/watchers/checkpoint_contract.ts";
import { app, configMap, type Hook, hookWith } from "./harness.ts";

const setup = async (dynamicWatcher: DynamicWatcher) => {
  await dynamicWatcher.addWatcher(app("a"), configMap("one"));
  await dynamicWatcher.addWatcher(app("b"), configMap("two"));
};

const limiter: RateLimiter = { when: () => 60_000, forget() {}, retries: () => 0 };
const failing: RateLimiter = {
  ...limiter,
  resume() {
    throw new Error("its store is away");
  },
};

describe("a start that goes on from a checkpoint", () => {
  it("keeps all that is due where the rate limiter cannot go on with its backoff, and says so", async () => {
    const hook = await hookWith("one", "two");
    const reconcile = () => {
      throw new Error("not today");
    };
    await hook.run({ setup, rateLimiter: limiter, reconcile });
    hook.logged.length = 0;
    const { summary } = await hook.run({ rateLimiter: failing });
    expect(summary).toMatchObject({ start: "warm", remaining: 2 });
    expect(hook.logged).toMatchObject([
      ["The rate limiter failed", { message: "its store is away" }],
      ["The rate limiter failed", { message: "its store is away" }],
    ]);
    expect((await hook.run()).summary).toMatchObject({ start: "warm", remaining: 2 });
  });

  it("that fails half-way leaves nothing open, and keeps nothing", async () => {
    const hook = await hookWith("one");
    const { checkpoint, kept } = custom(halfSnapshot());
    const dynamicWatcher = bare(hook, checkpoint);
    expect(await hook.drive(() => dynamicWatcher.start()).catch((error) => error)).toMatchObject({
      code: "INVALID_INPUT",
    });
    expect([dynamicWatcher.started, dynamicWatcher.watchCount, hook.server.openWatches]).toEqual([
      false,
      0,
      0,
    ]);
    expect([[...dynamicWatcher.reconciler.due()], hook.clock.pending]).toEqual([[], 0]);
    await hook.drive(() => dynamicWatcher.stop());
    expect(kept).toEqual([]);
  });

  it("may start again after it has failed", async () => {
    const hook = await hookWith("one");
    const loaded = [halfSnapshot(), {}];
    const { checkpoint } = custom(() => loaded.shift() ?? {});
    const dynamicWatcher = bare(hook, checkpoint);
    await hook.drive(() => dynamicWatcher.start()).catch(() => undefined);
    await hook.drive(() => dynamicWatcher.start());
    await hook.drive(() => dynamicWatcher.addWatcher(app("a"), configMap("one")));
    expect(await hook.drive(() => dynamicWatcher.runUntilIdle({ timeoutMs: 5_000 }))).toMatchObject({
      idle: true,
      reconciles: 1,
    });
  });
});

/** Its first watcher is one, its second is not. */
function halfSnapshot(): LoadedCheckpoint {
  const watched = configMap("one");
  const resource = { group: "", version: "v1", resource: "configmaps", namespaced: true };
  return {
    snapshot: {
      served: [{ watched, resource, resourceVersion: "1", versions: [] }],
      watchers: [
        { watcher: app("a"), watched: [watched] },
        { watcher: { version: "v1", kind: "" }, watched: [watched] },
      ],
      due: [{ watcher: app("a"), delayMs: 0, attempt: 0 }],
    },
  };
}

function custom(loaded: LoadedCheckpoint | (() => LoadedCheckpoint)): {
  checkpoint: Checkpoint;
  kept: unknown[];
} {
  const kept: unknown[] = [];
  const checkpoint = {
    load: async () => (typeof loaded === "function" ? loaded() : loaded),
    save: async (snapshot: unknown) => void kept.push(snapshot),
  };
  return { checkpoint, kept };
}

function bare(hook: Hook, checkpoint: Checkpoint): DynamicWatcher {
  const { server, clock } = hook;
  return new DynamicWatcher({
    transport: server.transport(),
    clock,
    checkpoint,
    logger: false,
    reconcile() {},
  });
}
