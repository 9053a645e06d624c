import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { settle } from "../../fixtures/fake_clock.ts";
import { causesOf, startReconciler, watcher } from "./harness.ts";

const a = watcher("a");
const b = watcher("b");
const boom = new Error("boom");

describe("Reconciler admit", () => {
  it("holds what is refused until readmit(), with all that comes meanwhile", async () => {
    let leader = false;
    const asked: (string | undefined)[] = [];
    const { reconciler, calls } = startReconciler({
      admit: ({ name }) => {
        asked.push(name);
        return leader || name === "b";
      },
    });
    reconciler.trigger([a, b]);
    await settle();
    expect(calls.map((call) => call.name)).toEqual(["b"]);
    calls[0]?.answer();
    reconciler.trigger([a], { type: "INITIAL", watched: b });
    await settle();
    expect(asked).toEqual(["a", "b"]);
    leader = true;
    reconciler.readmit();
    await settle();
    expect(asked).toEqual(["a", "b", "a"]);
    expect(causesOf(calls[1])).toEqual(["INITIAL", "TRIGGER"]);
  });

  it("does not run a watcher twice at once after a second readmit()", async () => {
    let admitted = false;
    const { reconciler, calls } = startReconciler({ maxConcurrentReconciles: 2, admit: () => admitted });
    reconciler.trigger([a]);
    await settle();
    admitted = true;
    reconciler.readmit();
    await settle();
    reconciler.readmit();
    reconciler.trigger([a]);
    await settle();
    expect(calls.length).toBe(1);
  });

  it("holds it again when readmit() finds it refused again", async () => {
    let asked = 0;
    const { reconciler, calls } = startReconciler({
      admit: () => {
        asked += 1;
        return asked === 3;
      },
    });
    reconciler.trigger([a]);
    for (let round = 1; round <= 3; round += 1) {
      await settle();
      expect(asked).toBe(round);
      reconciler.readmit();
    }
    expect(calls.length).toBe(1);
  });

  it("is asked before a retry and a requeue too", async () => {
    let asked = 0;
    const { reconciler, clock, calls } = startReconciler({ admit: () => ++asked > 0 });
    reconciler.trigger([a]);
    await settle();
    calls[0]?.fail(boom);
    await clock.advance(5);
    calls[1]?.answer({ requeueAfterMs: 10 });
    await clock.advance(10);
    expect([asked, calls.length]).toEqual([3, 3]);
  });

  for (const answer of [Promise.resolve(true), 1, undefined]) {
    it(`refuses when it answers ${String(answer)}, which is not true`, async () => {
      const { reconciler, calls } = startReconciler({ admit: () => answer as unknown as boolean });
      reconciler.trigger([a]);
      await settle();
      expect(calls.length).toBe(0);
    });
  }

  it("logs one that throws, and holds the watcher", async () => {
    let broken = true;
    const { reconciler, calls, logged } = startReconciler({
      admit: () => {
        if (broken) throw boom;
        return true;
      },
    });
    reconciler.trigger([a]);
    await settle();
    expect(calls.length).toBe(0);
    expect(logged.map((line) => line[1])).toEqual([boom]);
    broken = false;
    reconciler.readmit();
    await settle();
    expect(calls.length).toBe(1);
  });

  for (const answer of [true, false]) {
    it(`may forget the watcher it is asked for and say ${answer}`, async () => {
      let forgets = true;
      const { reconciler, calls } = startReconciler({
        admit: (id) => {
          if (!forgets) return true;
          reconciler.forget(id);
          return answer;
        },
      });
      reconciler.trigger([a]);
      await settle();
      reconciler.readmit();
      await settle();
      expect(calls.length).toBe(0);
      forgets = false;
      reconciler.trigger([a]);
      await settle();
      expect(calls.length).toBe(1);
    });
  }

  it("forgets what is held", async () => {
    let admitted = false;
    const { reconciler, calls } = startReconciler({ admit: () => admitted });
    reconciler.trigger([a]);
    await settle();
    reconciler.forget(a);
    admitted = true;
    reconciler.readmit();
    await settle();
    expect(calls.length).toBe(0);
  });

  it("is asked anew for a watcher that was held, forgotten and triggered again", async () => {
    let admitted = false;
    const { reconciler, calls } = startReconciler({ admit: () => admitted });
    reconciler.trigger([a]);
    await settle();
    reconciler.forget(a);
    admitted = true;
    reconciler.trigger([a], { type: "INITIAL", watched: b });
    await settle();
    expect(causesOf(calls[0])).toEqual(["INITIAL"]);
  });
});
