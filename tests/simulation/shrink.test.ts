import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { shrink } from "./shrink.ts";

const list = Array.from({ length: 50 }, (_, at) => at);

describe("shrink", () => {
  const cases: [name: string, needed: number[]][] = [
    ["nothing, where nothing is needed", []],
    ["one member", [49]],
    ["two that are far apart", [3, 41]],
    ["many", [0, 1, 7, 20, 21, 22, 48]],
  ];
  for (const [name, needed] of cases) {
    it(`leaves ${name}`, async () => {
      const fails = async (left: readonly number[]) => needed.every((one) => left.includes(one));
      expect((await shrink(list, { fails, mostTries: 1_000 })).list).toEqual(needed);
    });
  }

  it("tries no more often than it may", async () => {
    let tries = 0;
    const fails = async (left: readonly number[]) => {
      tries += 1;
      return left.includes(1) && left.includes(40);
    };
    const shrunk = await shrink(list, { fails, mostTries: 5 });
    expect([tries, shrunk.tries]).toEqual([5, 5]);
    expect(shrunk.list).toContain(40);
  });
});
