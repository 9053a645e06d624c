import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { TimeSlice } from "../../../lib/reconcile/time_slice.ts";
import type { Clock } from "../../../lib/support/clock.ts";

describe("TimeSlice", () => {
  let now = 0;
  let turns: (() => void)[] = [];
  let next = 0;
  let slice: TimeSlice;
  // Time that passes without the event loop turning, which FakeClock does not have.
  const busyClock: Clock = {
    now: () => now,
    setTimeout(callback) {
      turns.push(callback);
      return () => {
        turns = turns.filter((turn) => turn !== callback);
      };
    },
  };

  beforeEach(() => {
    now = 1_000_000;
    turns = [];
    next = 0;
    slice = new TimeSlice(busyClock, () => {
      next += 1;
    });
  });

  function turnLoop(): void {
    for (const turn of turns.splice(0)) turn();
  }

  it("lets work begin for 10 ms, then not before the event loop has turned", () => {
    expect(slice.enter()).toBe(true);
    now += 9;
    expect(slice.enter()).toBe(true);
    now += 1;
    expect(slice.enter()).toBe(false);
    expect(slice.enter()).toBe(false);
    turnLoop();
    expect(next).toBe(1);
    expect(slice.enter()).toBe(true);
  });

  it("begins afresh whenever the event loop has turned, and arms one timer at a time", () => {
    slice.enter();
    slice.enter();
    expect(turns.length).toBe(1);
    turnLoop();
    now += 3_600_000;
    expect(slice.enter()).toBe(true);
    now += 9;
    expect(slice.enter()).toBe(true);
  });

  it("leaves no timer when it is closed, and opens again", () => {
    slice.enter();
    slice.close();
    expect(turns.length).toBe(0);
    now += 50;
    expect(slice.enter()).toBe(true);
    expect(next).toBe(0);
  });
});
