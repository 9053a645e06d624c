import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { manualClock } from "../../../../transports/memory/mod.ts";

describe("manualClock", () => {
  it("begins at 0, and stands still until it is moved", async () => {
    const clock = manualClock();
    let fired = false;
    clock.setTimeout(() => {
      fired = true;
    }, 10);
    await clock.advance(9.5);
    expect([clock.now(), fired]).toEqual([9.5, false]);
    await clock.advance(0.5);
    expect([clock.now(), fired]).toEqual([10, true]);
  });

  it("runs timers each at its time, in order, those of one time as they were set", async () => {
    const clock = manualClock();
    const told: string[] = [];
    for (const [name, delayMs] of Object.entries({ c: 20, a: 10, b: 10, now: 0, past: -5 })) {
      clock.setTimeout(() => told.push(`${name} at ${clock.now()}`), delayMs);
    }
    await clock.advance(100);
    expect(told).toEqual(["now at 0", "past at 0", "a at 10", "b at 10", "c at 20"]);
    expect(clock.now()).toBe(100);
  });

  it("lets what waits go on between timers, and runs what that sets", async () => {
    const clock = manualClock();
    const told: number[] = [];
    const wait = (delayMs: number) => new Promise<void>((resolve) => clock.setTimeout(resolve, delayMs));
    const loop = async () => {
      for (;;) {
        await wait(1000);
        for (let turn = 0; turn < 500; turn += 1) await Promise.resolve();
        told.push(clock.now());
      }
    };
    void loop();
    await clock.advance(3500);
    expect(told).toEqual([1000, 2000, 3000]);
  });

  it("does not run what is cancelled, even by a timer of the same time", async () => {
    const clock = manualClock();
    let fired = 0;
    const cancels = [1, 2].map(() =>
      clock.setTimeout(() => {
        fired += 1;
        for (const cancel of cancels) cancel();
      }, 5),
    );
    await clock.advance(5);
    expect(fired).toBe(1);
  });

  for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    it(`does not go ${ms} on`, async () => {
      const error = await manualClock()
        .advance(ms)
        .then(
          () => undefined,
          (why) => why,
        );
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "ms" });
      expect(error.message).toContain("Cannot advance the clock: ms: it must be");
    });
  }
});
