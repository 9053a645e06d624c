import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { linkedController, onAbort, untilAborted } from "../../../lib/support/abort.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";

describe("onAbort", () => {
  it("calls all who wait, once, by one listener", () => {
    const counted = countedSignal();
    const calls: string[] = [];
    onAbort(counted.signal, () => calls.push("a"));
    onAbort(counted.signal, () => calls.push("b"));
    expect(counted.listeners).toBe(1);
    counted.abort("enough");
    expect(calls).toEqual(["a", "b"]);
    expect(counted.listeners).toBe(0);
  });

  it("takes one back and leaves the others, and no listener after the last", () => {
    const counted = countedSignal();
    const calls: string[] = [];
    const forgetA = onAbort(counted.signal, () => calls.push("a"));
    const forgetB = onAbort(counted.signal, () => calls.push("b"));
    forgetA();
    forgetA();
    expect(counted.listeners).toBe(1);
    forgetB();
    expect(counted.listeners).toBe(0);
    onAbort(counted.signal, () => calls.push("c"));
    forgetB();
    counted.abort("enough");
    expect(calls).toEqual(["c"]);
  });

  it("takes a callback that is given twice for two", () => {
    const counted = countedSignal();
    let calls = 0;
    const callback = () => {
      calls += 1;
    };
    const forget = onAbort(counted.signal, callback);
    onAbort(counted.signal, callback);
    forget();
    counted.abort("enough");
    expect(calls).toBe(1);
  });

  it("calls nothing where the signal has aborted already", () => {
    let calls = 0;
    onAbort(AbortSignal.abort("before"), () => {
      calls += 1;
    })();
    expect(calls).toBe(0);
  });
});

describe("untilAborted", () => {
  it("is the promise where nothing aborts", async () => {
    const counted = countedSignal();
    expect(await untilAborted(Promise.resolve(7), counted.signal)).toBe(7);
    await settle();
    expect(counted.listeners).toBe(0);
  });

  it("rejects as the promise does", async () => {
    const counted = countedSignal();
    const outcome = untilAborted(Promise.reject(new Error("boom")), counted.signal).catch(
      (error) => error.message,
    );
    expect(await outcome).toBe("boom");
    await settle();
    expect(counted.listeners).toBe(0);
  });

  it("rejects with the reason when the signal aborts first", async () => {
    const counted = countedSignal();
    const { promise, resolve } = withResolvers();
    const outcome = untilAborted(promise, counted.signal).catch((reason) => reason);
    counted.abort("enough");
    expect(await outcome).toBe("enough");
    resolve();
    await settle();
    expect(counted.listeners).toBe(0);
  });

  it("rejects with the reason when the signal has aborted, and takes care of the promise", async () => {
    const touched: unknown[] = [];
    const promise = new Proxy(Promise.resolve(), {
      get(target, property) {
        touched.push(property);
        return Reflect.get(target, property).bind(target);
      },
    });
    const outcome = untilAborted(promise, AbortSignal.abort("before")).catch((reason) => reason);
    expect(await outcome).toBe("before");
    expect(touched).toEqual(["then"]);
  });
});

describe("linkedController", () => {
  it("aborts with its parent, for the same reason", () => {
    const parent = countedSignal();
    const linked = linkedController(parent.signal);
    expect(linked.signal.aborted).toBe(false);
    parent.abort("enough");
    expect(linked.signal.reason).toBe("enough");
  });

  it("aborts with the first of several parents, and leaves no listener on any when it is unlinked", () => {
    const parents = [countedSignal(), countedSignal()] as const;
    const linked = linkedController(parents[0].signal, undefined, parents[1].signal);
    parents[1].abort("second");
    parents[0].abort("first");
    expect(linked.signal.reason).toBe("second");
    const others = [countedSignal(), countedSignal()] as const;
    linkedController(others[0].signal, others[1].signal).unlink();
    expect(others.map(({ listeners }) => listeners)).toEqual([0, 0]);
  });

  it("is aborted where its parent is already", () => {
    const parent = countedSignal();
    parent.abort("before");
    expect(linkedController(parent.signal).signal.reason).toBe("before");
    expect(parent.listeners).toBe(0);
  });

  it("aborts alone, and leaves its parent be", () => {
    const parent = countedSignal();
    const linked = linkedController(parent.signal);
    linked.abort("own");
    expect(linked.signal.reason).toBe("own");
    expect(parent.signal.aborted).toBe(false);
  });

  it("leaves no listener on its parent when it is unlinked, and follows it no longer", () => {
    const parent = countedSignal();
    const linked = linkedController(parent.signal);
    linked.unlink();
    expect(parent.listeners).toBe(0);
    parent.abort("late");
    expect(linked.signal.aborted).toBe(false);
  });

  it("needs no parent", () => {
    const linked = linkedController();
    linked.unlink();
    linked.abort("own");
    expect(linked.signal.reason).toBe("own");
  });
});

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((settlePromise) => {
    resolve = settlePromise;
  });
  return { promise, resolve };
}
