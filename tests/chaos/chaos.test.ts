import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { describeReal } from "../fixtures/describe_real.ts";
import { chaosCases } from "./cases.ts";
import type { ChaosResult } from "./run_case.ts";
import { runAtOnce, runInTurn } from "./run_cases.ts";

describeReal("a DynamicWatcher on a server on which all goes wrong", () => {
  const alone = chaosCases.filter(({ wantsServerAlone }) => wantsServerAlone);
  const together = chaosCases.filter(({ wantsServerAlone }) => !wantsServerAlone);
  const inTurn = runInTurn(alone);
  const results = new Map<string, Promise<ChaosResult>>();

  // All of them take minutes one after another, most of which they wait.
  beforeAll(() => {
    const atOnce = runAtOnce(together);
    for (const [index, { name }] of together.entries()) {
      results.set(
        name,
        atOnce.then((all) => all[index] as ChaosResult),
      );
    }
    for (const { name } of alone)
      results.set(
        name,
        inTurn.next().then(({ value }) => value),
      );
  });

  afterAll(() => inTurn.return(undefined));

  for (const { name, done } of [...alone, ...together]) {
    it(`loses nothing: ${done}`, async () => {
      const { lost, problems } = (await results.get(name)) as ChaosResult;
      expect([...problems, ...lost]).toEqual([]);
    });
  }
});
