import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Key } from "../../../lib/kubernetes/identifier.ts";
import { ItemExponentialFailureRateLimiter } from "../../../lib/reconcile/rate_limiter.ts";
import { RateLimitingQueue } from "../../../lib/reconcile/rate_limiting_queue.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

const a = "a" as Key;

describe("RateLimitingQueue", () => {
  it("adds a key when its rate limiter says, and forgets its backoff", async () => {
    const clock = new FakeClock();
    const rateLimiter = new ItemExponentialFailureRateLimiter();
    const queue = new RateLimitingQueue(() => {}, { clock, rateLimiter });
    for (const delayMs of [5, 10]) {
      queue.addRateLimited(a);
      expect(clock.delays).toEqual([delayMs]);
      await clock.advance(delayMs);
      expect(queue.take()).toBe(a);
      queue.done(a);
    }
    queue.forget(a);
    queue.addRateLimited(a);
    expect(clock.delays).toEqual([5]);
  });

  it("adds at once what a limiter lets through", () => {
    const rateLimiter = { when: () => 0, forget() {}, retries: () => 0 };
    const queue = new RateLimitingQueue(() => {}, { clock: new FakeClock(), rateLimiter });
    queue.addRateLimited(a);
    expect(queue.take()).toBe(a);
  });

  for (const delayMs of [Number.NaN, -1, Number.POSITIVE_INFINITY, undefined, "5"]) {
    it(`refuses a limiter that says ${delayMs}`, () => {
      const rateLimiter = { when: () => delayMs as number, forget() {}, retries: () => 0 };
      const queue = new RateLimitingQueue(() => {}, { clock: new FakeClock(), rateLimiter });
      expect(() => queue.addRateLimited(a)).toThrow("it must give milliseconds, 0 or more");
      expect(queue.size).toBe(0);
    });
  }
});
