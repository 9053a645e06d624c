import type { Random } from "../../fixtures/random.ts";
import { type Place, placeNamed, type Watched } from "../catalogue.ts";
import type { WriteStep } from "../schedule.ts";
import { isObjectCause } from "../told.ts";
import type { World } from "../world.ts";

/** Changes one object after the other, with nothing wrong, and looks who is woken, at once and why. */
export async function probe(world: World, random: Random): Promise<void> {
  for (const text of random.sample(world.schedule.places, 4)) {
    const app = random.pick(["red", "blue", ""] as const);
    const steps: WriteStep[] = [
      { do: "put", place: text, app },
      { do: "letGo", place: text },
      { do: "delete", place: text },
    ];
    for (const step of random.chance(0.5) ? steps : steps.slice(0, 1)) {
      await probeWrite(world, placeNamed(text), step);
      if (world.violation) return;
    }
  }
}

async function probeWrite(world: World, place: Place, step: WriteStep): Promise<void> {
  const { cluster, reconciles, dependencies } = world;
  const before = included(world, place);
  const moment = world.tick();
  world.isActive(3);
  world.trace.add(JSON.stringify(step));
  await cluster.write(step);
  await world.advance(5);
  const after = included(world, place);
  const concerned = new Set(world.watched.filter((one) => cluster.changedAt(one) > moment));
  world.check("a change wakes whom it concerns", () => {
    const runs = reconciles.runs.filter(({ startedAt }) => startedAt > moment);
    for (const watcher of dependencies.watchers) {
      const expected = [...dependencies.expected(watcher).keys()].filter((one) => concerned.has(one));
      const told = runs.filter((run) => run.watcher === watcher);
      const possible = [...dependencies.possible(watcher)].some((one) => concerned.has(one));
      if (!possible && told.length > 0) {
        return `${watcher} is woken by a change of ${place.text}, which it does not watch`;
      }
      const causes = told.flatMap((run) => run.causes).filter(isObjectCause);
      for (const watched of expected) {
        const type = before.has(watched) ? (after.has(watched) ? "MODIFIED" : "DELETED") : "ADDED";
        if (causes.some((one) => one.type === type && world.watchedOf(one.watched) === watched)) continue;
        const heard = causes.map((one) => `${one.type} ${world.watchedOf(one.watched)?.text}`).join(", ");
        return `${watcher} is not told ${type} of ${watched.text}, but: ${heard || "nothing"}`;
      }
    }
    return undefined;
  });
}

function included({ watched, cluster }: World, place: Place): Set<Watched> {
  return new Set(watched.filter((one) => cluster.isIncluded(place, one)));
}
