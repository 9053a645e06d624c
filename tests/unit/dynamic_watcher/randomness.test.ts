import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { secret, startedWorld, watcher } from "./harness.ts";

describe("the randomness of a DynamicWatcher", () => {
  const cases: [random: number, timeoutSeconds: string][] = [
    [0, "300"],
    [0.5, "450"],
  ];
  for (const [random, timeoutSeconds] of cases) {
    it(`comes from its option: ${random} makes watches of ${timeoutSeconds} s`, async () => {
      const world = await startedWorld({ random: () => random });
      await world.dynamicWatcher.addWatcher(watcher("web"), secret("db"));
      const { path } = world.api.asked(secret("db")).at(-1)!.request;
      expect(new URL(path, "http://server").searchParams.get("timeoutSeconds")).toBe(timeoutSeconds);
    });
  }
});
