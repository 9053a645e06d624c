import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { delay, systemClock } from "../../../lib/support/clock.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

const LONGEST_MS = 2 ** 31 - 1;

describe("systemClock", () => {
  const { setTimeout: realSetTimeout, clearTimeout: realClearTimeout } = globalThis;
  /** The timers that the runtime was asked for. */
  let timers: { callback: () => void; delayMs: number; cleared: boolean }[];

  beforeEach(() => {
    timers = [];
    globalThis.setTimeout = ((callback: () => void, delayMs: number) => {
      timers.push({ callback, delayMs, cleared: false });
      return timers.length;
    }) as typeof globalThis.setTimeout;
    globalThis.clearTimeout = ((handle: number) => {
      timers[handle - 1]!.cleared = true;
    }) as typeof globalThis.clearTimeout;
  });

  afterEach(() => {
    globalThis.setTimeout = realSetTimeout;
    globalThis.clearTimeout = realClearTimeout;
  });

  const cases: [delayMs: number, asked: number[]][] = [
    [0, [0]],
    [-5, [0]],
    [1_000, [1_000]],
    [LONGEST_MS, [LONGEST_MS]],
    [LONGEST_MS + 1, [LONGEST_MS, 1]],
    [2 * LONGEST_MS + 7, [LONGEST_MS, LONGEST_MS, 7]],
  ];
  for (const [delayMs, asked] of cases) {
    it(`waits ${delayMs} ms with timers of ${asked.join(" and ")} ms`, () => {
      let calls = 0;
      systemClock.setTimeout(() => {
        calls += 1;
      }, delayMs);
      for (const index of asked.keys()) {
        expect(calls).toBe(0);
        timers[index]!.callback();
      }
      expect(timers.map((timer) => timer.delayMs)).toEqual(asked);
      expect(calls).toBe(1);
    });
  }

  it("never fires for ever", () => {
    systemClock.setTimeout(() => {}, Number.POSITIVE_INFINITY);
    timers[0]!.callback();
    timers[1]!.callback();
    expect(timers.map((timer) => timer.delayMs)).toEqual([LONGEST_MS, LONGEST_MS, LONGEST_MS]);
  });

  it("cancels the timer that is armed now", () => {
    const cancel = systemClock.setTimeout(() => {}, 2 * LONGEST_MS);
    timers[0]!.callback();
    cancel();
    expect(timers.map((timer) => timer.cleared)).toEqual([false, true]);
  });

  it("does not go back", () => {
    const before = systemClock.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });
});

describe("delay", () => {
  it("resolves when the time has come", async () => {
    const clock = new FakeClock();
    let resolved = false;
    delay(clock, 100).then(() => {
      resolved = true;
    });
    await clock.advance(99);
    expect(resolved).toBe(false);
    await clock.advance(1);
    expect(resolved).toBe(true);
  });

  it("rejects with the reason when the signal aborts, and leaves no timer", async () => {
    const clock = new FakeClock();
    const controller = new AbortController();
    const outcome = delay(clock, 100, { signal: controller.signal }).catch((reason) => reason);
    controller.abort("enough");
    expect(await outcome).toBe("enough");
    expect(clock.pending).toBe(0);
  });

  it("rejects at once when the signal has aborted, and sets no timer", async () => {
    const clock = new FakeClock();
    const outcome = delay(clock, 100, { signal: AbortSignal.abort("before") }).catch((reason) => reason);
    expect(clock.pending).toBe(0);
    expect(await outcome).toBe("before");
  });

  it("leaves no listener on the signal when the time has come", async () => {
    const clock = new FakeClock();
    const counted = countedSignal();
    const done = delay(clock, 100, { signal: counted.signal });
    expect(counted.listeners).toBe(1);
    await clock.advance(100);
    await done;
    expect(counted.listeners).toBe(0);
  });
});
