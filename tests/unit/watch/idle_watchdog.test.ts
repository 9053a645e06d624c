import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { IdleWatchdog } from "../../../lib/watch/idle_watchdog.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";

function setUp() {
  const clock = new FakeClock();
  const watchdog = new IdleWatchdog(clock);
  const idle: string[] = [];
  return {
    clock,
    idle,
    register: (name: string, ms: number) => watchdog.register(ms, () => idle.push(name)),
  };
}

/** A clock whose timers a test fires by hand, however late. */
class LateClock extends FakeClock {
  lateMs = 0;

  override now(): number {
    return super.now() + this.lateMs;
  }
}

describe("IdleWatchdog", () => {
  it("finds who was silent for its limit, once, and leaves no timer", async () => {
    const { clock, idle, register } = setUp();
    register("a", 10_000);
    await clock.advance(9_999);
    expect(idle).toEqual([]);
    await clock.advance(1);
    expect(idle).toEqual(["a"]);
    expect(clock.pending).toBe(0);
  });

  it("counts from the last touch, which costs no timer", async () => {
    const { clock, idle, register } = setUp();
    const guard = register("a", 10_000);
    for (let turn = 0; turn < 20; turn += 1) {
      await clock.advance(9_000);
      guard.touch();
      expect(clock.pending).toBe(1);
    }
    expect(idle).toEqual([]);
    await clock.advance(10_000);
    expect(idle).toEqual(["a"]);
  });

  it("takes a new limit with a touch, longer or shorter", async () => {
    const { clock, idle, register } = setUp();
    const guard = register("a", 10_000);
    guard.touch(60_000);
    await clock.advance(59_000);
    expect(idle).toEqual([]);
    guard.touch(2_000);
    await clock.advance(2_000);
    expect(idle).toEqual(["a"]);
  });

  it("has one timer for all, and looks no more often than each second", async () => {
    const { clock, idle, register } = setUp();
    for (let index = 0; index < 100; index += 1) register(`s${index}`, 10_000 + index);
    expect(clock.pending).toBe(1);
    await clock.advance(10_000);
    expect(idle).toEqual(["s0"]);
    expect(clock.delays).toEqual([1000]);
    await clock.advance(1000);
    expect(idle.length).toBe(100);
    expect(clock.pending).toBe(0);
  });

  it("fires in time for the shortest limit, whoever came first", async () => {
    const { clock, idle, register } = setUp();
    register("slow", 600_000);
    register("fast", 10_000);
    expect(clock.delays).toEqual([10_000]);
    await clock.advance(10_000);
    expect(idle).toEqual(["fast"]);
    await clock.advance(590_000);
    expect(idle).toEqual(["fast", "slow"]);
  });

  it("forgets who is disposed of, and has no timer for nobody", async () => {
    const { clock, idle, register } = setUp();
    const a = register("a", 10_000);
    const b = register("b", 10_000);
    a.dispose();
    a.dispose();
    a.touch(1);
    await clock.advance(10_000);
    expect(idle).toEqual(["b"]);
    b.dispose();
    const c = register("c", 10_000);
    expect(clock.pending).toBe(1);
    c.dispose();
    expect(clock.pending).toBe(0);
  });

  it("never judges an endless limit, and has no timer for it", async () => {
    const { clock, idle, register } = setUp();
    const guard = register("a", Number.POSITIVE_INFINITY);
    expect(clock.pending).toBe(0);
    guard.touch(5_000);
    await clock.advance(5_000);
    expect(idle).toEqual(["a"]);
  });

  it("lets one be registered by the end of another", async () => {
    const clock = new FakeClock();
    const watchdog = new IdleWatchdog(clock);
    const idle: string[] = [];
    watchdog.register(10_000, () => watchdog.register(5_000, () => idle.push("second")));
    await clock.advance(15_000);
    expect(idle).toEqual(["second"]);
    expect(clock.pending).toBe(0);
  });

  it("grants a turn after the machine slept, and spares who is heard in it", async () => {
    const clock = new LateClock();
    const watchdog = new IdleWatchdog(clock);
    const idle: string[] = [];
    const heard = watchdog.register(10_000, () => idle.push("heard"));
    watchdog.register(10_000, () => idle.push("dead"));
    clock.lateMs = 3_600_000;
    await clock.advance(10_000);
    expect(idle).toEqual([]);
    expect(clock.pending).toBe(1);
    heard.touch();
    await clock.advance(1000);
    expect(idle).toEqual(["dead"]);
  });
});
