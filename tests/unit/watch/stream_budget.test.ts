import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Transport } from "../../../lib/protocol/transport.ts";
import { delay } from "../../../lib/support/clock.ts";
import { budgetOf, StreamBudget, type Turn } from "../../../lib/watch/stream_budget.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";

/** Streams that give way when they are asked, a moment later; they write down who begins. */
class Street {
  readonly clock = new FakeClock();
  readonly budget: StreamBudget;
  readonly begun: string[] = [];
  readonly asked: string[] = [];
  readonly open = new Map<string, Turn>();

  constructor(limit: number) {
    this.budget = new StreamBudget(limit, this.clock);
  }

  async arrive(name: string, signal: AbortSignal = new AbortController().signal): Promise<void> {
    const turn = this.budget.take() ?? (await this.budget.wait(signal));
    this.begun.push(name);
    this.open.set(name, turn);
  }

  share(...names: string[]): void {
    for (const name of names) this.open.get(name)?.share(() => this.asked.push(name));
  }

  async leave(...names: string[]): Promise<void> {
    for (const name of names) this.open.get(name)?.end();
    for (const name of names) this.open.delete(name);
    await settle();
  }

  /** Arrives with all of these, and lets what can begin. */
  async crowd(...names: string[]): Promise<void> {
    for (const name of names) void this.arrive(name);
    await settle();
  }
}

describe("StreamBudget", () => {
  it("gives turns at once until it is spent, then in the order of coming", async () => {
    const street = new Street(2);
    await street.crowd("a", "b", "c", "d");
    expect(street.begun).toEqual(["a", "b"]);
    expect(street.budget.spent).toBe(true);
    await street.leave("b");
    expect(street.begun).toEqual(["a", "b", "c"]);
    expect(street.budget.spent).toBe(true);
    await street.leave("a", "c");
    expect(street.begun).toEqual(["a", "b", "c", "d"]);
    expect(street.budget.spent).toBe(false);
  });

  it("asks nobody to give way while nobody waits", async () => {
    const street = new Street(2);
    await street.crowd("a", "b");
    street.share("a", "b");
    await street.clock.advance(3_600_000);
    expect(street.asked).toEqual([]);
    expect(street.clock.pending).toBe(0);
  });

  it("asks as many as wait, the oldest first, when their second is over", async () => {
    const street = new Street(3);
    await street.crowd("a", "b", "c");
    street.share("b");
    await street.clock.advance(100);
    street.share("a", "c");
    await street.crowd("d", "e");
    await street.clock.advance(899);
    expect(street.asked).toEqual([]);
    await street.clock.advance(1);
    expect(street.asked).toEqual(["b"]);
    await street.clock.advance(100);
    expect(street.asked).toEqual(["b", "a"]);
    await street.leave("a", "b");
    expect(street.begun.slice(3)).toEqual(["d", "e"]);
    await street.clock.advance(3_600_000);
    expect(street.asked).toEqual(["b", "a"]);
    expect(street.clock.pending).toBe(0);
  });

  it("asks the next one when who was asked has not given way within a second", async () => {
    const street = new Street(3);
    await street.crowd("stuck", "b", "c");
    street.share("stuck", "b", "c");
    await street.crowd("d");
    await street.clock.advance(1999);
    expect(street.asked).toEqual(["stuck"]);
    await street.clock.advance(1);
    expect(street.asked).toEqual(["stuck", "b"]);
    await street.leave("b");
    expect(street.begun.slice(3)).toEqual(["d"]);
    await street.clock.advance(3_600_000);
    expect(street.asked).toEqual(["stuck", "b"]);
  });

  it("asks as many in place of those that are stuck, and each of them once", async () => {
    const street = new Street(4);
    await street.crowd("a", "b", "c", "d");
    street.share("a", "b", "c");
    await street.crowd("e", "f");
    await street.clock.advance(1100);
    expect(street.asked).toEqual(["a", "b"]);
    await street.clock.advance(900);
    expect(street.asked).toEqual(["a", "b", "c"]);
    await street.clock.advance(3_600_000);
    expect(street.asked).toEqual(["a", "b", "c"]);
    expect(street.clock.pending).toBe(0);
    street.share("d");
    await street.clock.advance(1000);
    expect(street.asked).toEqual(["a", "b", "c", "d"]);
  });

  it("relies again on who is asked after a stuck one came to its end", async () => {
    const street = new Street(2);
    await street.crowd("stuck", "b");
    street.share("stuck");
    await street.crowd("c", "d");
    await street.clock.advance(1500);
    await street.leave("stuck");
    street.share("b", "c");
    await street.clock.advance(999);
    expect(street.asked).toEqual(["stuck"]);
    await street.clock.advance(600);
    expect(street.asked).toEqual(["stuck", "b"]);
    await street.leave("b");
    expect(street.begun).toEqual(["stuck", "b", "c", "d"]);
    expect(street.clock.pending).toBe(0);
  });

  it("asks at once who has been there longer than a turn", async () => {
    const street = new Street(1);
    await street.crowd("a");
    street.share("a");
    await street.clock.advance(5000);
    await street.crowd("b");
    expect(street.asked).toEqual(["a"]);
  });

  it("leaves those alone that cannot give way yet", async () => {
    const street = new Street(1);
    await street.crowd("a", "b");
    await street.clock.advance(5000);
    expect(street.asked).toEqual([]);
    street.share("a");
    await street.clock.advance(1000);
    expect(street.asked).toEqual(["a"]);
  });

  it("does not wait for one that has ended by itself", async () => {
    const street = new Street(1);
    await street.crowd("a", "b", "c");
    street.share("a");
    await street.leave("a", "a");
    expect(street.begun).toEqual(["a", "b"]);
    await street.clock.advance(5000);
    expect(street.asked).toEqual([]);
    street.share("b");
    await street.leave("b");
    expect(street.begun).toEqual(["a", "b", "c"]);
    expect(street.clock.pending).toBe(0);
  });

  it("forgets who gave up waiting", async () => {
    const street = new Street(1);
    await street.crowd("a");
    street.share("a");
    const controller = new AbortController();
    const waiting = street.arrive("b", controller.signal).catch((reason) => reason);
    expect(street.clock.pending).toBe(1);
    controller.abort("enough");
    expect(await waiting).toBe("enough");
    expect(street.clock.pending).toBe(0);
    await street.leave("a");
    expect(street.begun).toEqual(["a"]);
    expect(street.budget.spent).toBe(false);
    expect(await street.budget.wait(AbortSignal.abort("before")).catch((reason) => reason)).toBe("before");
  });

  it("asks no more than ten a second, so that a crowd is no storm of requests", async () => {
    const street = new Street(100);
    const names = Array.from({ length: 200 }, (_, index) => `${index}`);
    await street.crowd(...names);
    street.share(...names.slice(0, 100));
    await street.clock.advance(1000);
    expect(street.asked).toEqual(["0"]);
    await street.clock.advance(1000);
    expect(street.asked).toEqual(names.slice(0, 11));
    await street.clock.advance(60_000);
    expect(street.asked).toEqual(names.slice(0, 100));
  });

  it("serves a hundred with three turns, each as often as every other", async () => {
    const street = new Street(3);
    const names = Array.from({ length: 100 }, (_, index) => `${index}`);
    const live = async (name: string): Promise<void> => {
      for (;;) {
        await street.arrive(name);
        expect(street.open.size).toBeLessThanOrEqual(3);
        await new Promise<void>((resolve) => street.open.get(name)?.share(resolve));
        await street.leave(name);
      }
    };
    for (const name of names) void live(name);
    // Each turn lasts a second, three at once.
    await street.clock.advance(100_000);
    const turns = names.map((name) => street.begun.filter((begun) => begun === name).length);
    expect(Math.min(...turns)).toBeGreaterThanOrEqual(2);
    expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
  });

  it("serves the others as often as each other while one takes a minute to give way", async () => {
    const street = new Street(3);
    const live = async (name: string, { takesMs = 0 } = {}): Promise<void> => {
      for (;;) {
        await street.arrive(name);
        const turn = street.open.get(name);
        await new Promise<void>((resolve) => turn?.share(resolve));
        await delay(street.clock, takesMs);
        turn?.end();
      }
    };
    void live("slow", { takesMs: 60_000 });
    for (const name of ["a", "b", "c"]) void live(name);
    await street.clock.advance(600_000);
    const turns = ["a", "b", "c"].map((name) => street.begun.filter((begun) => begun === name).length);
    expect(Math.min(...turns)).toBeGreaterThanOrEqual(300);
    expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1);
    expect(street.begun.filter((begun) => begun === "slow").length).toBeGreaterThanOrEqual(9);
  });

  for (const limit of [0, -1]) {
    it(`lets one stream through where the limit is ${limit}`, async () => {
      const street = new Street(limit);
      await street.crowd("a", "b");
      expect(street.begun).toEqual(["a"]);
    });
  }
});

describe("budgetOf", () => {
  const transport = (limits?: Transport["limits"]): Transport => ({
    request: () => Promise.reject(new Error("not asked")),
    close: async () => {},
    ...(limits && { limits }),
  });

  it("is one for all who use a transport", () => {
    const clock = new FakeClock();
    const limited = transport({ streams: 1 });
    const budget = budgetOf(limited, clock);
    budget.take();
    expect(budget.spent).toBe(true);
    expect(budgetOf(limited, new FakeClock())).toBe(budget);
    expect(budgetOf(transport({ streams: 1 }), clock).spent).toBe(false);
  });

  it("is one for all transports with one and the same limits", () => {
    const limits = { streams: 2 };
    const [one, other] = [transport(limits), transport(limits)].map((each) =>
      budgetOf(each, new FakeClock()),
    );
    expect(other).toBe(one);
    expect(budgetOf(transport({ ...limits }), new FakeClock())).not.toBe(one);
  });

  it("is one for a transport that makes its limits anew whenever it is asked for them", () => {
    const limited: Transport = {
      ...transport(),
      get limits() {
        return { streams: 1 };
      },
    };
    budgetOf(limited, new FakeClock()).take();
    expect(budgetOf(limited, new FakeClock()).spent).toBe(true);
  });

  for (const limits of [undefined, {}]) {
    it(`is never spent with limits ${JSON.stringify(limits)}`, () => {
      const budget = budgetOf(transport(limits), new FakeClock());
      for (let stream = 0; stream < 10_000; stream++) budget.take();
      expect(budget.spent).toBe(false);
    });
  }
});
