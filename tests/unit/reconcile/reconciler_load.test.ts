import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { canonicalizeWatcher } from "../../../lib/kubernetes/identifier.ts";
import { Reconciler } from "../../../lib/reconcile/reconciler.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { startReconciler, watcher } from "./harness.ts";

const a = watcher("a");

describe("Reconciler with many watchers", () => {
  it("lets timers and I/O in at least each 10 ms of ten thousand synchronous reconciles", async () => {
    let runs = 0;
    let turns = 0;
    const reconciler = new Reconciler(() => {
      runs += 1;
      // 10,000 of these are 200 ms of work.
      const end = performance.now() + 0.02;
      while (performance.now() < end);
    });
    const names = Array.from({ length: 10_000 }, (_, n) => watcher(`w${n}`));
    reconciler.trigger(names);
    const ended = new Promise<void>((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        turns += 1;
        if (runs < 10_000) return channel.port2.postMessage(0);
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(0);
    });
    reconciler.run();
    await ended;
    expect(runs).toBe(10_000);
    expect(turns).toBeGreaterThan(10);
    await reconciler.stop();
  });

  it("lets them in too when each reconcile triggers the next one", async () => {
    let turned = false;
    let runs = 0;
    const reconciler = new Reconciler((id) => {
      runs += 1;
      if (!turned) reconciler.trigger([id]);
    });
    const turn = new Promise<void>((resolve) => {
      const channel = new MessageChannel();
      channel.port1.onmessage = () => {
        turned = true;
        channel.port1.close();
        resolve();
      };
      channel.port2.postMessage(0);
    });
    reconciler.run();
    reconciler.trigger([a]);
    await turn;
    expect(runs).toBeGreaterThan(0);
    await reconciler.stop();
  });

  it("keeps 5,000 watchers of one object apart from the number of its events", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 5_000 }, () => {});
    const watchers = Array.from({ length: 5_000 }, (_, n) => canonicalizeWatcher(watcher(`w${n}`)));
    for (let event = 0; event < 20; event += 1) {
      for (const id of watchers) reconciler.enqueue(id, { type: "INITIAL", watched: a });
    }
    await settle();
    expect(calls.length).toBe(5_000);
    expect(calls.every(({ context }) => context.causes.length === 1)).toBe(true);
  });
});
