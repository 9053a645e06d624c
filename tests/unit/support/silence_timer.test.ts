import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { SilenceTimer } from "../../../lib/support/silence_timer.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

describe("SilenceTimer", () => {
  let clock: FakeClock;
  let timer: SilenceTimer;
  let calls: number;

  beforeEach(() => {
    clock = new FakeClock();
    calls = 0;
    timer = new SilenceTimer(clock, 100, () => {
      calls += 1;
    });
  });

  it("calls once when the limit has gone by in silence", async () => {
    await clock.advance(99);
    expect(calls).toBe(0);
    await clock.advance(1);
    expect(calls).toBe(1);
    await clock.advance(1_000);
    expect(calls).toBe(1);
    expect(clock.pending).toBe(0);
  });

  it("counts anew from each touch", async () => {
    await clock.advance(60);
    timer.touch();
    await clock.advance(99);
    expect(calls).toBe(0);
    await clock.advance(1);
    expect(calls).toBe(1);
  });

  it("has one timer however often it is touched", async () => {
    for (let touch = 0; touch < 50; touch += 1) {
      timer.touch();
      await clock.advance(10);
    }
    expect(clock.pending).toBe(1);
    expect(calls).toBe(0);
  });

  it("says nothing after stop(), and leaves no timer", async () => {
    await clock.advance(60);
    timer.touch();
    await clock.advance(60);
    timer.stop();
    expect(clock.pending).toBe(0);
    await clock.advance(1_000);
    expect(calls).toBe(0);
  });
});
