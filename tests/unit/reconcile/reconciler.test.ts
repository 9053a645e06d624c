import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Cause } from "../../../lib/kubernetes/cause.ts";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { canonicalizeWatcher, type ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { ReconcileFunction } from "../../../lib/reconcile/reconcile_function.ts";
import { Reconciler } from "../../../lib/reconcile/reconciler.ts";
import { TriggerEvent } from "../../../lib/reconcile/reconciler_events.ts";
import type { ReconcilerOptions } from "../../../lib/reconcile/reconciler_options.ts";
import { caught } from "../../fixtures/caught.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { causesOf, startReconciler, watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const boom = new Error("boom");

describe("Reconciler.trigger", () => {
  it("runs each watcher, in a microtask, with a frozen canonical copy and its cause", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 2 });
    const given = { group: "", ...a };
    reconciler.trigger([given, b]);
    expect(calls.length).toBe(0);
    await settle();
    expect(calls.map((call) => call.watcher)).toEqual([a, b]);
    expect(Object.isFrozen(calls[0]?.watcher)).toBe(true);
    expect(calls[0]?.watcher).not.toBe(given);
    expect(calls[0]?.context.causes).toEqual([{ type: "TRIGGER" }]);
    expect(calls[0]?.context.attempt).toBe(0);
    expect(calls[0]?.context.causesDropped).toBe(false);
  });

  it("is what dispatching a TriggerEvent is, and its listeners hear of both", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 2 });
    const heard: (string | undefined)[] = [];
    reconciler.addEventListener("trigger", ({ watchers }) => heard.push(watchers[0]?.name));
    const cause: Cause = { type: "INITIAL", watched: b };
    reconciler.dispatchEvent(new TriggerEvent([a], cause));
    reconciler.trigger([b], cause);
    await settle();
    expect(calls.map((call) => call.context.causes)).toEqual([[cause], [cause]]);
    expect(heard).toEqual(["a", "b"]);
  });

  it("takes watchers that are the same identifier for one", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 2 });
    reconciler.trigger([a, { ...a }, { ...a, group: undefined }]);
    reconciler.enqueue(canonicalizeWatcher(a), { type: "TRIGGER" });
    await settle();
    expect(calls.length).toBe(1);
  });

  it("queues none when one is invalid", async () => {
    const { reconciler, calls } = startReconciler();
    expect(() => reconciler.trigger([a, { version: "v1", kind: "" }])).toThrow(InvalidInputError);
    await settle();
    expect(calls.length).toBe(0);
  });

  it("refuses what is no list of watchers", () => {
    const { reconciler } = startReconciler();
    for (const watchers of [a, undefined, null]) {
      const error = caught(() => reconciler.trigger(watchers as unknown as ObjectIdentifier[]));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "watchers" });
      expect(error.message).toContain("must be an array of identifiers");
    }
  });

  it("waits for run() before the first one", async () => {
    const names: (string | undefined)[] = [];
    const reconciler = new Reconciler(({ name }) => void names.push(name));
    reconciler.trigger([a]);
    await settle();
    expect(names).toEqual([]);
    reconciler.run();
    await settle();
    expect(names).toEqual(["a"]);
    await reconciler.stop();
  });

  it("tells at most 100 causes, and that there were more", async () => {
    const { reconciler, calls } = startReconciler();
    const causes = (count: number) =>
      Array.from({ length: count }, (_, n): Cause => ({ type: "INITIAL", watched: watcher(`${n}`) }));
    for (const cause of causes(100)) reconciler.trigger([a], cause);
    for (const cause of causes(101)) reconciler.trigger([b], cause);
    await settle();
    calls[0]?.answer();
    await settle();
    expect(calls.map(({ context }) => [context.causes.length, context.causesDropped])).toEqual([
      [100, false],
      [100, true],
    ]);
  });
});

describe("Reconciler concurrency", () => {
  it("never runs one watcher twice at once; what arrives meanwhile runs it again, once", async () => {
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 5 });
    reconciler.trigger([a]);
    await settle();
    for (let n = 0; n < 3; n += 1) reconciler.trigger([a], { type: "INITIAL", watched: watcher(`${n}`) });
    await settle();
    expect(calls.length).toBe(1);
    calls[0]?.answer();
    await settle();
    expect(calls.length).toBe(2);
    expect(calls[1]?.context.causes.length).toBe(3);
    calls[1]?.answer();
    await settle();
    expect(calls.length).toBe(2);
  });

  for (const maxConcurrentReconciles of [undefined, 1, 3]) {
    const limit = maxConcurrentReconciles ?? 1;
    it(`runs ${limit} at once with maxConcurrentReconciles ${maxConcurrentReconciles}, in order`, async () => {
      const { reconciler, calls } = startReconciler({ maxConcurrentReconciles });
      reconciler.trigger(["a", "b", "c", "d", "e"].map(watcher));
      await settle();
      expect(calls.length).toBe(limit);
      for (let call = 0; call < 5; call += 1) {
        calls[call]?.answer();
        await settle();
        expect(calls.length).toBe(Math.min(5, limit + call + 1));
      }
      expect(calls.map((call) => call.name)).toEqual(["a", "b", "c", "d", "e"]);
    });
  }

  for (const [option, value] of [
    ["maxConcurrentReconciles", 0],
    ["maxConcurrentReconciles", 1.5],
    ["maxConcurrentReconciles", Number.POSITIVE_INFINITY],
    ["maxConcurrentReconciles", Number.NaN],
    ["reconcileTimeoutMs", 0],
    ["reconcileTimeoutMs", "5"],
    ["reconcileTimeoutMs", -1],
  ] as const) {
    it(`refuses ${option} ${value}`, () => {
      expect(() => new Reconciler(() => {}, { [option]: value })).toThrow(
        `Cannot construct a Reconciler: ${option}: it must be`,
      );
    });
  }

  it("refuses an option that there is not, and names those that there are", () => {
    const error = caught(() => new Reconciler(() => {}, { maxConcurrent: 2 } as ReconcilerOptions));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "maxConcurrent" });
    expect(error.message).toContain(
      "maxConcurrentReconciles, reconcileTimeoutMs, rateLimiter, admit, clock, logger",
    );
  });

  it("refuses options that are no object", () => {
    const error = caught(() => new Reconciler(() => {}, null as unknown as ReconcilerOptions));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "options" });
  });

  it("refuses to be made without a function", () => {
    for (const reconcile of [undefined, null, {}]) {
      const error = caught(() => new Reconciler(reconcile as unknown as ReconcileFunction));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "reconcile" });
      expect(error.message).toContain("must be a function");
    }
  });
});

describe("Reconciler results", () => {
  it("runs again after requeueAfterMs, with a REQUEUE cause", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer({ requeueAfterMs: 60_000 });
    await clock.advance(59_999);
    expect(calls.length).toBe(1);
    await clock.advance(1);
    expect(causesOf(calls[1])).toEqual(["REQUEUE"]);
    expect(calls[1]?.context.attempt).toBe(0);
  });

  it("takes a delayed requeue with it when something else comes first", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer({ requeueAfterMs: 60_000 });
    await settle();
    reconciler.trigger([a]);
    await settle();
    expect(causesOf(calls[1])).toEqual(["REQUEUE", "TRIGGER"]);
    calls[1]?.answer();
    await clock.advance(1_000_000);
    expect(calls.length).toBe(2);
  });

  for (const result of [undefined, {}, { requeueAfterMs: 0 }, { requeueAfterMs: undefined }]) {
    it(`does nothing more for ${JSON.stringify(result)}`, async () => {
      const { reconciler, clock, calls, ends } = startReconciler();
      reconciler.trigger([a]);
      await settle();
      calls[0]?.answer(result);
      await clock.advance(1_000_000);
      expect(calls.length).toBe(1);
      expect(ends[0]?.result).toBe(result);
      expect(clock.pending).toBe(0);
    });
  }

  for (const requeueAfterMs of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    it(`takes requeueAfterMs ${requeueAfterMs} for a failure`, async () => {
      const { reconciler, clock, calls, ends } = startReconciler();
      reconciler.trigger([a]);
      await settle();
      calls[0]?.answer({ requeueAfterMs });
      await clock.advance(5);
      expect(ends[0]?.error).toBeInstanceOf(InvalidInputError);
      expect(causesOf(calls[1])).toEqual(["TRIGGER", "RETRY"]);
      expect(calls[1]?.context.attempt).toBe(1);
    });
  }

  it("takes a result that is no promise", async () => {
    const { reconciler, clock, calls } = startReconciler({}, (_id, { causes }) =>
      causes[0]?.type === "REQUEUE" ? undefined : { requeueAfterMs: 10 },
    );
    reconciler.trigger([a]);
    await clock.advance(1_000_000);
    expect(calls.length).toBe(2);
  });
});

describe("Reconciler failures", () => {
  it("retries by the rate limiter with all causes of the failed run and one RETRY cause, the newest", async () => {
    const { reconciler, clock, calls, ends, logged } = startReconciler();
    const cause: Cause = { type: "INITIAL", watched: b };
    reconciler.trigger([a], cause);
    for (const [attempt, delayMs] of [5, 10, 20].entries()) {
      await settle();
      expect(calls[attempt]?.context.attempt).toBe(attempt);
      calls[attempt]?.fail(new Error(`failure ${attempt}`));
      await clock.advance(delayMs - 1);
      expect(calls.length).toBe(attempt + 1);
      await clock.advance(1);
      expect(calls.length).toBe(attempt + 2);
      expect(calls[attempt + 1]?.context.causes).toEqual([
        cause,
        { type: "RETRY", error: new Error(`failure ${attempt}`) },
      ]);
    }
    expect(ends.map((event) => (event.error as Error).message)).toEqual([
      "failure 0",
      "failure 1",
      "failure 2",
    ]);
    expect(logged.map((line) => line[0])).toEqual(
      Array(3).fill(
        "The reconcile of GroupVersion=v1, Kind=ConfigMap, Namespace=test, Name=a failed and is retried",
      ),
    );
  });

  it("forgets the backoff, the attempts and the causes with a success", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.trigger([a]);
    await settle();
    calls[0]?.fail(boom);
    await clock.advance(5);
    calls[1]?.answer({ requeueAfterMs: 1_000 });
    await clock.advance(1_000);
    expect(causesOf(calls[2])).toEqual(["REQUEUE"]);
    expect(calls[2]?.context.attempt).toBe(0);
    calls[2]?.fail(boom);
    await clock.advance(5);
    expect(calls[3]?.context.attempt).toBe(1);
  });

  it("takes the retry with it when a trigger comes first, in the order in which causes came", async () => {
    const { reconciler, clock, calls } = startReconciler();
    const [one, two, three] = ["1", "2", "3"].map((n): Cause => ({ type: "INITIAL", watched: watcher(n) }));
    reconciler.trigger([a], one);
    await settle();
    reconciler.trigger([a], two);
    calls[0]?.fail(boom);
    await settle();
    expect(calls[1]?.context.causes).toEqual([one, two, { type: "RETRY", error: boom }]);
    expect(calls[1]?.context.attempt).toBe(1);
    calls[1]?.fail(boom);
    await clock.advance(9);
    reconciler.trigger([a], three);
    await settle();
    expect(calls[2]?.context.causes).toEqual([one, two, three, { type: "RETRY", error: boom }]);
    calls[2]?.answer();
    await clock.advance(1_000_000);
    expect(calls.length).toBe(3);
  });

  for (const [how, fails] of [
    [
      "throws",
      () => {
        throw boom;
      },
    ],
    ["rejects", () => Promise.reject(boom)],
    [
      "throws undefined",
      () => {
        throw undefined;
      },
    ],
  ] as const) {
    it(`retries one that ${how}`, async () => {
      const { reconciler, clock, calls } = startReconciler({}, fails);
      reconciler.trigger([a]);
      await clock.advance(5);
      expect(calls.map(({ context }) => context.attempt)).toEqual([0, 1]);
      await reconciler.stop();
    });
  }

  it("logs only the message of an error that is the library's", async () => {
    const error = new InvalidInputError("field", "Cannot do it: no");
    const { reconciler, logged } = startReconciler({}, () => Promise.reject(error));
    reconciler.trigger([a]);
    await settle();
    expect(logged).toEqual([
      [
        "The reconcile of GroupVersion=v1, Kind=ConfigMap, Namespace=test, Name=a failed and is retried: Cannot do it: no",
      ],
    ]);
    await reconciler.stop();
  });

  it("retry() goes through the rate limiter, with its error", async () => {
    const { reconciler, clock, calls } = startReconciler();
    reconciler.retry(a, boom);
    expect(clock.delays).toEqual([5]);
    await clock.advance(5);
    expect(calls[0]?.context.causes).toEqual([{ type: "RETRY", error: boom }]);
    expect(calls[0]?.context.attempt).toBe(0);
    expect(() => reconciler.retry({ version: "v1", kind: "" }, boom)).toThrow(InvalidInputError);
  });

  for (const [how, when] of [
    [
      "throws",
      () => {
        throw boom;
      },
    ],
    ["says NaN", () => Number.NaN],
  ] as const) {
    it(`retries after 1 s when the rate limiter ${how}`, async () => {
      const rateLimiter = {
        when,
        forget: () => {
          throw boom;
        },
        retries: () => 0,
      };
      const { reconciler, clock, calls, logged } = startReconciler({ rateLimiter });
      reconciler.trigger([a]);
      await settle();
      calls[0]?.fail(boom);
      await clock.advance(999);
      expect(calls.length).toBe(1);
      await clock.advance(1);
      calls[1]?.answer();
      await settle();
      reconciler.forget(a);
      expect(logged.filter((line) => line[0] === "The rate limiter failed").length).toBe(3);
    });
  }
});

describe("Reconciler events", () => {
  it("sends a reconcilestart and a reconcileend for each run", async () => {
    const { reconciler, clock, calls } = startReconciler();
    const heard: unknown[] = [];
    reconciler.addEventListener("reconcilestart", (event) => heard.push(["start", event.watcher]));
    reconciler.addEventListener("reconcileend", ({ watcher: id, durationMs, result, error }) =>
      heard.push(["end", id, durationMs, result, error]),
    );
    reconciler.trigger([a]);
    await clock.advance(3);
    calls[0]?.answer({ requeueAfterMs: 7 });
    await clock.advance(7);
    calls[1]?.fail(boom);
    await settle();
    expect(heard).toEqual([
      ["start", a],
      ["end", a, 3, { requeueAfterMs: 7 }, undefined],
      ["start", a],
      ["end", a, 0, undefined, boom],
    ]);
  });

  it("logs a listener that throws, and goes on", async () => {
    const { reconciler, calls, ends, logged } = startReconciler();
    reconciler.addEventListener("reconcilestart", () => {
      throw boom;
    });
    reconciler.addEventListener("trigger", () => Promise.reject(boom));
    reconciler.trigger([a]);
    await settle();
    calls[0]?.answer();
    await settle();
    expect(ends.length).toBe(1);
    expect(logged.map((line) => line[1])).toEqual([boom, boom]);
  });
});
