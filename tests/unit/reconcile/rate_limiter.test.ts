import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  BucketRateLimiter,
  defaultControllerRateLimiter,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
} from "../../../lib/reconcile/rate_limiter.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

function times<T>(count: number, make: () => T): T[] {
  return Array.from({ length: count }, make);
}

describe("ItemExponentialFailureRateLimiter", () => {
  it("doubles 5 ms for each key up to 1,000 s", () => {
    const limiter = new ItemExponentialFailureRateLimiter();
    expect(times(4, () => limiter.when("a"))).toEqual([5, 10, 20, 40]);
    expect(limiter.when("b")).toBe(5);
    expect(times(30, () => limiter.when("a")).at(-1)).toBe(1_000_000);
  });

  it("never exceeds the longest wait, however many retries", () => {
    const limiter = new ItemExponentialFailureRateLimiter({ baseDelayMs: 1, maxDelayMs: 7 });
    expect(times(2_000, () => limiter.when("a")).slice(-1)).toEqual([7]);
  });

  it("counts retries, and begins again when the key is forgotten", () => {
    const limiter = new ItemExponentialFailureRateLimiter();
    times(3, () => limiter.when("a"));
    expect(limiter.retries("a")).toBe(3);
    expect(limiter.retries("b")).toBe(0);
    limiter.forget("a");
    expect(limiter.retries("a")).toBe(0);
    expect(limiter.when("a")).toBe(5);
  });

  for (const options of [{ baseDelayMs: 0 }, { baseDelayMs: Number.NaN }, { maxDelayMs: -1 }]) {
    it(`refuses ${JSON.stringify(options)}`, () => {
      expect(() => new ItemExponentialFailureRateLimiter(options)).toThrow("it must be a number above 0");
    });
  }
});

describe("BucketRateLimiter", () => {
  it("lets a burst of 100 through, then 10 a second", () => {
    const limiter = new BucketRateLimiter({ clock: new FakeClock() });
    expect(times(100, () => limiter.when("a")).every((delayMs) => delayMs === 0)).toBe(true);
    expect(times(3, () => Math.round(limiter.when("a")))).toEqual([100, 200, 300]);
  });

  it("refills with time, to the burst at most", async () => {
    const clock = new FakeClock();
    const limiter = new BucketRateLimiter({ perSecond: 10, burst: 2, clock });
    times(4, () => limiter.when("a"));
    await clock.advance(300);
    expect([limiter.when("a"), limiter.when("a")].map(Math.round)).toEqual([0, 100]);
    await clock.advance(3_600_000);
    expect(times(3, () => Math.round(limiter.when("a")))).toEqual([0, 0, 100]);
  });

  it("knows no keys", () => {
    const limiter = new BucketRateLimiter({ burst: 1, clock: new FakeClock() });
    limiter.when("a");
    limiter.forget("a");
    expect(limiter.retries("a")).toBe(0);
    expect(Math.round(limiter.when("b"))).toBe(100);
  });
});

describe("MaxOfRateLimiter", () => {
  it("waits and counts as the strictest does, and forgets in all", () => {
    const forgotten: string[] = [];
    const limiters = [1, 3, 2].map((number) => ({
      when: () => number * 10,
      forget: (key: string) => forgotten.push(`${number}${key}`),
      retries: () => number,
    }));
    const limiter = new MaxOfRateLimiter(limiters);
    expect(limiter.when("a")).toBe(30);
    expect(limiter.retries("a")).toBe(3);
    limiter.forget("a");
    expect(forgotten).toEqual(["1a", "3a", "2a"]);
  });
});

describe("defaultControllerRateLimiter", () => {
  it("goes on after the retries of a former run, and takes nothing from the bucket for them", () => {
    const limiter = defaultControllerRateLimiter({ clock: new FakeClock() });
    for (let key = 0; key < 200; key += 1) limiter.resume?.(`key${key}`, 4);
    expect(limiter.retries("key0")).toBe(4);
    expect([limiter.when("key0"), limiter.when("key1"), limiter.when("other")]).toEqual([80, 80, 5]);
  });

  it("is client-go's: the backoff of one key, and the bucket for many", () => {
    const limiter = defaultControllerRateLimiter({ clock: new FakeClock() });
    expect([limiter.when("a"), limiter.when("a")]).toEqual([5, 10]);
    for (let key = 0; key < 98; key += 1) expect(limiter.when(`key${key}`)).toBe(5);
    expect(Math.round(limiter.when("b"))).toBe(100);
    expect(limiter.retries("a")).toBe(2);
  });
});
