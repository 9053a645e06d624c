import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError, TimeoutError } from "../../../lib/kubernetes/errors.ts";
import { Reconciler } from "../../../lib/reconcile/reconciler.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { causesOf, startReconciler, watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const boom = new Error("boom");

/** Whether a promise has resolved; a rejection fails the test. */
function watch(promise: Promise<void>): { done: boolean } {
  const state = { done: false };
  promise.then(() => {
    state.done = true;
  });
  return state;
}

describe("Reconciler.stop", () => {
  it("hands out nothing more, and forgets what is queued, delayed, in backoff and held", async () => {
    let admitted = false;
    const { reconciler, clock, calls } = startReconciler({
      maxConcurrentReconciles: 2,
      admit: ({ name }) => admitted || name !== "held",
    });
    reconciler.trigger(["held", "delayed", "failed"].map(watcher));
    await settle();
    calls[0]?.answer({ requeueAfterMs: 1_000 });
    calls[1]?.fail(boom);
    await settle();
    reconciler.trigger([watcher("queued")]);
    const stopped = watch(reconciler.stop());
    await settle();
    expect(stopped.done).toBe(true);
    expect(clock.pending).toBe(0);
    admitted = true;
    reconciler.run();
    reconciler.readmit();
    await clock.advance(100_000);
    expect(calls.length).toBe(2);
    reconciler.trigger(["held", "failed"].map(watcher));
    await settle();
    expect(calls.slice(2).map(({ name, context }) => [name, context.attempt])).toEqual([
      ["held", 0],
      ["failed", 0],
    ]);
    calls[3]?.fail(boom);
    await settle();
    expect(clock.delays).toContain(5);
  });

  it("forgets the backoff of a run under way", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.fail(boom);
    await clock.advance(5);
    const stopped = reconciler.stop();
    calls[1]?.answer();
    await stopped;
    reconciler.run();
    reconciler.trigger([a]);
    await settle();
    expect(calls[2]?.context.attempt).toBe(0);
    calls[2]?.fail(boom);
    await settle();
    expect(clock.delays).toContain(5);
  });

  it("aborts the runs under way at once, waits for them and ignores their results", async () => {
    const { reconciler, clock, calls, ends } = startReconciler({ maxConcurrentReconciles: 2 });
    reconciler.trigger([a, b]);
    await settle();
    reconciler.trigger([a]);
    const stopped = watch(reconciler.stop());
    expect(calls.map(({ context }) => context.signal.aborted)).toEqual([true, true]);
    calls[0]?.answer({ requeueAfterMs: 10 });
    await clock.advance(29_999);
    expect(stopped.done).toBe(false);
    calls[1]?.fail(boom);
    await settle();
    expect(stopped.done).toBe(true);
    expect(ends.map(({ error }) => error)).toEqual([undefined, boom]);
    expect(clock.pending).toBe(0);
    reconciler.run();
    await clock.advance(100_000);
    expect(calls.length).toBe(2);
  });

  for (const graceMs of [undefined, 200, 0]) {
    const waited = graceMs ?? 30_000;
    it(`abandons a run after ${waited} ms with graceMs ${graceMs}, with a TimeoutError`, async () => {
      const { reconciler, clock, calls, ends } = startReconciler();
      reconciler.trigger([a]);
      await settle();
      const stopped = watch(reconciler.stop({ graceMs }));
      await clock.advance(waited);
      expect(stopped.done).toBe(true);
      expect(ends.map(({ error }) => (error as TimeoutError).afterMs)).toEqual([waited]);
      expect(ends[0]?.error).toBeInstanceOf(TimeoutError);
      expect(clock.pending).toBe(0);
      calls[0]?.fail(boom);
      await settle();
      expect(ends.length).toBe(1);
    });
  }

  it("waits until the grace is over, and not shorter", async () => {
    const { reconciler, clock } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    const stopped = watch(reconciler.stop({ graceMs: 200 }));
    await clock.advance(199);
    expect(stopped.done).toBe(false);
  });

  it("ends with the grace for a run that awaits it itself", async () => {
    const { reconciler, clock, ends } = startReconciler({}, () => reconciler.stop());
    reconciler.trigger([a]);
    await clock.advance(29_999);
    expect(ends.length).toBe(0);
    await clock.advance(1);
    expect(ends.map(({ error }) => (error as TimeoutError).code)).toEqual(["TIMEOUT"]);
    expect(clock.pending).toBe(0);
    const stopped = watch(reconciler.stop());
    await settle();
    expect(stopped.done).toBe(true);
  });

  it("ends at once for a run that calls it and does not wait", async () => {
    const { reconciler, clock, calls } = startReconciler({}, () => void reconciler.stop());
    reconciler.trigger([a, b]);
    await settle();
    expect(calls.length).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("drops what is triggered and retried before it resolves, and keeps what comes then for run()", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    const stopped = reconciler.stop();
    reconciler.trigger([a, b]);
    reconciler.retry(b, boom);
    calls[0]?.answer();
    await stopped;
    expect(clock.pending).toBe(0);
    reconciler.run();
    await clock.advance(1_000);
    expect(calls.length).toBe(1);
    await reconciler.stop();
    reconciler.trigger([b], { type: "INITIAL", watched: a });
    await clock.advance(1_000);
    expect(calls.length).toBe(1);
    reconciler.run();
    await settle();
    expect(causesOf(calls[1])).toEqual(["INITIAL"]);
  });

  it("lets run() start again before it has resolved; a run that goes on is not doubled", async () => {
    const { reconciler, clock, calls } = startReconciler({ maxConcurrentReconciles: 2 });
    reconciler.trigger([a]);
    await settle();
    const stopped = watch(reconciler.stop());
    reconciler.run();
    reconciler.trigger([a, b]);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
    calls[0]?.answer();
    await settle();
    expect(stopped.done).toBe(true);
    expect(calls.map((call) => call.name)).toEqual(["a", "b", "a"]);
    expect(calls[2]?.context.signal.aborted).toBe(false);
    calls[1]?.answer();
    calls[2]?.answer();
    await clock.advance(100_000);
    expect(calls.length).toBe(3);
  });

  it("does not double a run that it has abandoned, nor wait for it again", async () => {
    const { reconciler, clock, calls } = startReconciler({ maxConcurrentReconciles: 2 });
    reconciler.trigger([a]);
    await settle();
    reconciler.stop({ graceMs: 10 });
    await clock.advance(10);
    reconciler.run();
    reconciler.trigger([a, b]);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
    calls[1]?.answer();
    await settle();
    const stopped = watch(reconciler.stop());
    await settle();
    expect(stopped.done).toBe(true);
  });

  it("gives back the workers of the runs that it has abandoned", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    reconciler.stop({ graceMs: 10 });
    await clock.advance(10);
    reconciler.run();
    reconciler.trigger([b]);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
  });

  it("waits for a timed-out and for a forgotten run too; each has one end", async () => {
    const { reconciler, clock, calls, ends } = startReconciler({ reconcileTimeoutMs: 10 });
    reconciler.trigger([a]);
    await clock.advance(10);
    reconciler.trigger([b]);
    await settle();
    reconciler.forget(b);
    const stopped = watch(reconciler.stop({ graceMs: 5 }));
    await clock.advance(4);
    expect(stopped.done).toBe(false);
    await clock.advance(1);
    expect(stopped.done).toBe(true);
    expect(ends.map(({ watcher: { name }, error }) => [name, (error as TimeoutError).afterMs])).toEqual([
      ["a", 10],
      ["b", 5],
    ]);
    for (const call of calls) call.answer();
    await settle();
    expect(ends.length).toBe(2);
  });

  it("may be called twice, and before run()", async () => {
    const { reconciler, calls, clock } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    const [first, second] = [watch(reconciler.stop()), watch(reconciler.stop())];
    calls[0]?.answer();
    await settle();
    expect([first.done, second.done]).toEqual([true, true]);
    expect(clock.pending).toBe(0);
    const idle = new Reconciler(() => {
      throw boom;
    });
    idle.trigger([a]);
    await idle.stop();
    idle.run();
    await idle.stop();
  });

  for (const graceMs of [-1, Number.NaN]) {
    it(`refuses graceMs ${graceMs} and changes nothing`, async () => {
      const { reconciler, calls } = startReconciler();
      const refused = await reconciler.stop({ graceMs }).catch((error: unknown) => error);
      expect(refused).toBeInstanceOf(InvalidInputError);
      reconciler.trigger([a]);
      await settle();
      expect(calls.length).toBe(1);
    });
  }

  it("leaves nothing behind in 100 rounds", async () => {
    const { reconciler, clock, calls } = startReconciler(
      { reconcileTimeoutMs: 60_000 },
      (_id, { attempt }) => {
        if (attempt === 0) throw boom;
        return { requeueAfterMs: 10 };
      },
    );
    for (let round = 0; round < 100; round += 1) {
      reconciler.run();
      reconciler.trigger([a, b]);
      await clock.advance(round % 20);
      await reconciler.stop();
      expect(clock.pending).toBe(0);
    }
    expect(calls.length).toBeGreaterThan(200);
  });
});
