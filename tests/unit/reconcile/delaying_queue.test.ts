import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import type { Key } from "../../../lib/kubernetes/identifier.ts";
import { DelayingQueue } from "../../../lib/reconcile/delaying_queue.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

const a = "a" as Key;
const b = "b" as Key;

describe("DelayingQueue", () => {
  let clock = new FakeClock();
  let queue = new DelayingQueue(() => {}, clock);
  beforeEach(() => {
    clock = new FakeClock();
    queue = new DelayingQueue(() => {}, clock);
  });

  it("adds a key when its delay is over, and says so", async () => {
    let ready = 0;
    queue = new DelayingQueue(() => {
      ready += 1;
    }, clock);
    queue.addAfter(b, 20);
    queue.addAfter(a, 10);
    await clock.advance(9);
    expect([queue.size, ready]).toEqual([0, 0]);
    await clock.advance(1);
    expect([queue.size, ready]).toEqual([1, 1]);
    await clock.advance(10);
    expect([queue.take(), queue.take()]).toEqual([a, b]);
  });

  it("adds at once for 0", () => {
    queue.addAfter(a, 0);
    expect(queue.take()).toBe(a);
    expect(clock.pending).toBe(0);
  });

  for (const [first, second] of [
    [10, 30],
    [30, 10],
  ] as const) {
    it(`keeps the delay that ends first: ${first} ms, then ${second} ms`, async () => {
      queue.addAfter(a, first);
      queue.addAfter(a, second);
      expect(clock.delays).toEqual([10]);
      await clock.advance(10);
      expect(queue.take()).toBe(a);
      queue.done(a);
      await clock.advance(100);
      expect(queue.size).toBe(0);
    });
  }

  it("compares moments, not lengths", async () => {
    queue.addAfter(a, 30);
    await clock.advance(25);
    queue.addAfter(a, 10);
    expect(clock.delays).toEqual([5]);
  });

  it("ends the delay of a key that is taken", async () => {
    queue.addAfter(a, 10);
    queue.add(a);
    expect(queue.take()).toBe(a);
    expect(clock.pending).toBe(0);
    queue.done(a);
    await clock.advance(100);
    expect(queue.size).toBe(0);
  });

  it("delays a key while it is taken", async () => {
    queue.add(a);
    queue.take();
    queue.addAfter(a, 10);
    await clock.advance(10);
    expect(queue.size).toBe(0);
    queue.done(a);
    expect(queue.take()).toBe(a);
  });

  it("ends the delay of a key that is removed", async () => {
    queue.addAfter(a, 10);
    queue.remove(a);
    expect(clock.pending).toBe(0);
    queue.addAfter(a, 20);
    await clock.advance(10);
    expect(queue.size).toBe(0);
    await clock.advance(10);
    expect(queue.size).toBe(1);
  });
});
