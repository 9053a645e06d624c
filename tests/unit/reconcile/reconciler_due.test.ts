import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { causesOf, startReconciler, watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const c = watcher("c");
const d = watcher("d");

describe("Reconciler.due", () => {
  it("tells what runs, is queued, is delayed and is held, and nothing that is done", async () => {
    const { reconciler, clock, calls } = startReconciler({ admit: ({ name }) => name !== "d" });
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer({ requeueAfterMs: 5_000 });
    await clock.advance(2_000);
    reconciler.trigger([d, b, c]);
    await settle();
    const due = (name: string) => ({ watcher: watcher(name), attempt: 0 });
    expect([...reconciler.due()]).toEqual([
      { ...due("a"), delayMs: 3_000 },
      { ...due("d"), delayMs: 0 },
      { ...due("c"), delayMs: 0 },
      { ...due("b"), delayMs: 0 },
    ]);
    calls[1]?.answer();
    await settle();
    calls[2]?.answer();
    await settle();
    expect(Array.from(reconciler.due(), (one) => one.watcher.name)).toEqual(["a", "d"]);
  });

  it("tells a failed one with its backoff and its attempts", async () => {
    const { reconciler, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.fail(new Error("no"));
    await settle();
    expect([...reconciler.due()]).toEqual([{ watcher: a, delayMs: 5, attempt: 1 }]);
  });

  it("tells a watcher that runs and is to run again once", async () => {
    const { reconciler } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    reconciler.trigger([a]);
    expect([...reconciler.due()]).toHaveLength(1);
  });

  it("tells what waits for a worker as due now, though it is delayed besides", async () => {
    const { reconciler, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer({ requeueAfterMs: 5_000 });
    await settle();
    reconciler.trigger([b]);
    await settle();
    reconciler.trigger([a]);
    expect(Array.from(reconciler.due(), ({ delayMs }) => delayMs)).toEqual([0, 0]);
    calls[1]?.answer();
    expect(reconciler.isBusy(0)).toBe(true);
  });

  it("does not tell what was forgotten while it runs", async () => {
    const { reconciler } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    reconciler.forget(a);
    expect([...reconciler.due()]).toEqual([]);
  });
});

describe("Reconciler.isBusy", () => {
  it("is while something runs, is queued, or is due within the time", async () => {
    const { reconciler, clock, calls } = startReconciler();
    expect(reconciler.isBusy(0)).toBe(false);
    reconciler.trigger([a]);
    expect(reconciler.isBusy(0)).toBe(true);
    await settle();
    expect(reconciler.isBusy(0)).toBe(true);
    calls[0]?.answer({ requeueAfterMs: 1_000 });
    await settle();
    expect([reconciler.isBusy(999), reconciler.isBusy(1_000)]).toEqual([false, true]);
    await clock.advance(1_000);
    expect(reconciler.isBusy(0)).toBe(true);
  });

  it("is not for what is held, nor for a run that stop() no longer waits for", async () => {
    const { reconciler, clock } = startReconciler({ admit: ({ name }) => name === "a" });
    reconciler.trigger([b]);
    await settle();
    expect(reconciler.isBusy(1e9)).toBe(false);
    reconciler.trigger([a]);
    await settle();
    const stopping = reconciler.stop({ graceMs: 0 });
    await clock.advance(1);
    await stopping;
    expect(reconciler.isBusy(1e9)).toBe(false);
  });
});

describe("Reconciler.resume", () => {
  it("queues what is due now, with its attempts; what caused it is dropped", async () => {
    const { reconciler, calls } = startReconciler();
    reconciler.resume({ watcher: a, delayMs: 0, attempt: 3 });
    await settle();
    expect(causesOf(calls[0])).toEqual(["REQUEUE"]);
    expect(calls[0]?.context).toMatchObject({ attempt: 3, causesDropped: true });
  });

  it("goes on with the backoff: the fourth failure waits as a fourth one does", async () => {
    const { reconciler, calls } = startReconciler();
    reconciler.resume({ watcher: a, delayMs: 0, attempt: 3 });
    await settle();
    calls[0]?.fail(new Error("no"));
    await settle();
    expect([...reconciler.due()]).toEqual([{ watcher: a, delayMs: 40, attempt: 4 }]);
  });

  it("takes a rate limiter that cannot go on", async () => {
    const rateLimiter = { when: () => 7, forget() {}, retries: () => 0 };
    const { reconciler, calls } = startReconciler({ rateLimiter });
    reconciler.resume({ watcher: a, delayMs: 0, attempt: 3 });
    await settle();
    calls[0]?.fail(new Error("no"));
    await settle();
    expect([...reconciler.due()]).toMatchObject([{ delayMs: 7, attempt: 4 }]);
  });

  it("delays what is due later, unless a trigger comes first", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.resume({ watcher: a, delayMs: 1_000, attempt: 0 });
    reconciler.resume({ watcher: b, delayMs: 1_000, attempt: 0 });
    await clock.advance(500);
    expect(calls).toEqual([]);
    reconciler.trigger([b]);
    await settle();
    expect(calls.map(({ name }) => name)).toEqual(["b"]);
    expect(causesOf(calls[0])).toEqual(["REQUEUE", "TRIGGER"]);
    calls[0]?.answer();
    await clock.advance(500);
    expect(calls.map(({ name }) => name)).toEqual(["b", "a"]);
  });
});

describe("Reconciler.counts", () => {
  it("counts the runs that ended since run(), and those that failed", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a, b]);
    await settle();
    calls[0]?.fail(new Error("no"));
    await settle();
    calls[1]?.answer();
    await settle();
    expect(reconciler.counts).toEqual({ ended: 2, failed: 1 });
    reconciler.run();
    expect(reconciler.counts).toEqual({ ended: 2, failed: 1 });
    const stopping = reconciler.stop();
    await clock.advance(1);
    await stopping;
    reconciler.run();
    expect(reconciler.counts).toEqual({ ended: 0, failed: 0 });
  });
});
