import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError, TimeoutError, WatcherRemovedError } from "../../../lib/kubernetes/errors.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { causesOf, startReconciler, watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const boom = new Error("boom");

describe("Reconciler timeout", () => {
  it("ends the run, aborts it, gives back its worker and retries once it has settled", async () => {
    const { reconciler, clock, calls, ends } = startReconciler({ reconcileTimeoutMs: 1_000 });
    reconciler.trigger([a, b]);
    await clock.advance(999);
    expect(calls.length).toBe(1);
    expect(calls[0]?.context.signal.aborted).toBe(false);
    await clock.advance(1);
    const error = ends[0]?.error;
    expect(error).toBeInstanceOf(TimeoutError);
    expect((error as TimeoutError).afterMs).toBe(1_000);
    expect(ends[0]?.durationMs).toBe(1_000);
    expect(calls[0]?.context.signal.reason).toBe(error);
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
    calls[1]?.answer();
    await clock.advance(500);
    expect(calls.length).toBe(2);
    calls[0]?.answer({ requeueAfterMs: 1 });
    await settle();
    expect(calls.length).toBe(3);
    expect(calls[2]?.context.causes).toEqual([{ type: "TRIGGER" }, { type: "RETRY", error }]);
    expect(calls[2]?.context.attempt).toBe(1);
    calls[2]?.answer();
    await clock.advance(100_000);
    expect(calls.length).toBe(3);
    expect(ends.map(({ watcher: { name } }) => name)).toEqual(["a", "b", "a"]);
    expect(clock.pending).toBe(0);
  });

  it("does not run a watcher again before its old run has settled, whatever comes", async () => {
    const { reconciler, clock, calls } = startReconciler({ reconcileTimeoutMs: 10 });
    reconciler.trigger([a]);
    await clock.advance(100);
    reconciler.trigger([a]);
    await clock.advance(100);
    expect(calls.length).toBe(1);
    calls[0]?.fail(boom);
    await settle();
    expect(calls.length).toBe(2);
  });

  it("says that the retry comes once the run has settled, and how it failed then", async () => {
    const { reconciler, clock, calls, logged } = startReconciler({ reconcileTimeoutMs: 10 });
    const name = "The reconcile of GroupVersion=v1, Kind=ConfigMap, Namespace=test, Name=a";
    reconciler.trigger([a]);
    await clock.advance(10);
    expect(logged.length).toBe(1);
    expect(String(logged[0]?.[0]).startsWith(`${name} failed and is retried once it has settled: `)).toBe(
      true,
    );
    calls[0]?.fail(boom);
    await settle();
    expect(logged.slice(1)).toEqual([[`${name} failed after its outcome was decided`, boom]]);
  });

  it("says nothing more of a run that settles with its abort", async () => {
    const { reconciler, clock, calls, logged } = startReconciler({ reconcileTimeoutMs: 10 });
    reconciler.trigger([a]);
    await clock.advance(10);
    calls[0]?.fail(calls[0].context.signal.reason);
    await settle();
    expect(logged.length).toBe(1);
  });

  it("leaves no timer for a run that is in time, and does not abort its signal", async () => {
    const { reconciler, clock, calls } = startReconciler({ reconcileTimeoutMs: 10 });
    reconciler.trigger([a]);
    await clock.advance(9);
    calls[0]?.answer();
    await settle();
    expect(clock.pending).toBe(0);
    expect(calls[0]?.context.signal.aborted).toBe(false);
  });
});

describe("Reconciler.forget", () => {
  it("drops what is queued, delayed and in backoff", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a, b]);
    reconciler.forget(a);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["b"]);
    calls[0]?.fail(boom);
    await settle();
    reconciler.forget(b);
    await clock.advance(100_000);
    expect(calls.length).toBe(1);
    reconciler.trigger([b]);
    await settle();
    expect(causesOf(calls[1])).toEqual(["TRIGGER"]);
    expect(calls[1]?.context.attempt).toBe(0);
    calls[1]?.fail(boom);
    await clock.advance(5);
    calls[2]?.answer({ requeueAfterMs: 1_000 });
    await settle();
    reconciler.forget(b);
    expect(clock.delays.filter((delayMs) => delayMs > 0)).toEqual([]);
    expect(() => reconciler.forget({ version: "v1", kind: "" })).toThrow(InvalidInputError);
  });

  it("aborts a run, gives back its worker at once and ignores what it answers", async () => {
    const { reconciler, clock, calls, ends } = startReconciler();
    reconciler.trigger([a, b]);
    await settle();
    reconciler.trigger([a]);
    reconciler.forget(a);
    expect(calls[0]?.context.signal.reason).toBeInstanceOf(WatcherRemovedError);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
    calls[0]?.fail(boom);
    calls[1]?.answer();
    await clock.advance(100_000);
    expect(calls.length).toBe(2);
    expect(ends.map(({ watcher: { name }, error }) => [name, error])).toEqual([
      ["a", boom],
      ["b", undefined],
    ]);
  });

  it("does not abort a run that has settled", async () => {
    const { reconciler, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer();
    await settle();
    reconciler.forget(a);
    await reconciler.stop();
    expect(calls[0]?.context.signal.aborted).toBe(false);
  });

  it("lets a watcher that comes again wait for its old run", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 3 });
    reconciler.trigger([a]);
    await settle();
    reconciler.forget(a);
    reconciler.trigger([a]);
    await settle();
    expect(calls.length).toBe(1);
    calls[0]?.answer({ requeueAfterMs: 1 });
    await settle();
    expect(calls.length).toBe(2);
    expect(calls[1]?.context.signal.aborted).toBe(false);
    expect(causesOf(calls[1])).toEqual(["TRIGGER"]);
  });

  it("gives a worker back once only, also when the run was forgotten and then settles or times out", async () => {
    const { reconciler, clock, calls } = startReconciler({ reconcileTimeoutMs: 10 });
    reconciler.trigger([a]);
    await settle();
    reconciler.forget(a);
    reconciler.forget(a);
    await clock.advance(10);
    calls[0]?.answer();
    await settle();
    reconciler.trigger(["b", "c"].map(watcher));
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
  });

  it("may be called by the run itself, also in its synchronous part", async () => {
    const { reconciler, clock, calls } = startReconciler({}, (id) => {
      reconciler.forget(id);
      throw boom;
    });
    reconciler.trigger([a, b]);
    await clock.advance(100_000);
    expect(calls.map((call) => call.name)).toEqual(["a", "b"]);
  });
});
