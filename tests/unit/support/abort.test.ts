import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { linkedController, untilAborted } from "../../../lib/support/abort.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";

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
