import type { Random } from "../../fixtures/random.ts";
import type { World } from "../world.ts";
import { canonicalJson } from "./canonical_json.ts";

/** Lets a watcher read all that it depends on once more, and looks whether it is answered what the server has. */
export async function checkAnswers(world: World, random: Random): Promise<void> {
  const { answers, calls, cluster, dependencies, schedule } = world;
  const watchers = dependencies.watchers.filter((watcher) => dependencies.expected(watcher).size > 0);
  if (!schedule.settings.cache || watchers.length === 0) return;
  const watcher = random.pick(watchers);
  const expected = [...dependencies.expected(watcher).keys()];
  answers.clear();
  const watched = expected.map(({ text }) => text);
  void calls.perform({ do: "query", watcher, watched, fails: false, holdMs: 0 });
  await world.advance(0);
  for (const one of expected) {
    const should = canonicalJson(await cluster.objectsOf(one));
    world.check("queries are answered what the server has", () => {
      const answer = answers.get(one);
      const has = answer === undefined ? "no answer" : canonicalJson(answer);
      return has === should ? undefined : `${watcher} reads ${one.text}: ${has}; the server has ${should}`;
    });
  }
}
