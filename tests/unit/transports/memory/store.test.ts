import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Clock } from "../../../../lib/support/clock.ts";
import { Store } from "../../../../transports/memory/store.ts";
import { countedSignal } from "../../../fixtures/counted_signal.ts";
import { FakeClock } from "../../../fixtures/fake_clock.ts";

const timeoutMs = 3000;

/** A clock that counts how often a timer is cancelled. */
function cancelCountingClock(clock: FakeClock): Clock & { cancelled: number } {
  const counting = {
    cancelled: 0,
    now: () => clock.now(),
    setTimeout(callback: () => void, delayMs: number) {
      const cancel = clock.setTimeout(callback, delayMs);
      return () => {
        counting.cancelled += 1;
        cancel();
      };
    },
  };
  return counting;
}

describe("Store.reaches", () => {
  it("says whether a revision came in time, and then leaves nothing behind", async () => {
    const fake = new FakeClock();
    for (const comes of [true, false]) {
      const store = new Store({ historyLimit: 1 });
      const clock = cancelCountingClock(fake);
      const counted = countedSignal();
      const reached = store.reaches(2, { clock, timeoutMs, signal: counted.signal });
      store.advance();
      if (comes) store.advance();
      await fake.advance(timeoutMs);
      expect(await reached).toBe(comes);
      for (let write = 0; write < 3; write += 1) store.advance();
      expect([counted.listeners, clock.cancelled, fake.pending]).toEqual([0, 1, 0]);
    }
  });

  it("rejects with the reason of the signal", async () => {
    const clock = new FakeClock();
    const counted = countedSignal();
    const reached = new Store({ historyLimit: 1 }).reaches(2, { clock, timeoutMs, signal: counted.signal });
    const reason = new Error("enough");
    counted.abort(reason);
    await expect(reached).rejects.toBe(reason);
    expect([counted.listeners, clock.pending]).toEqual([0, 0]);
  });
});
