import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { placeNamed, watchedNamed } from "./catalogue.ts";
import { generate } from "./generate.ts";
import { runSchedule } from "./run.ts";
import type { Step } from "./schedule.ts";

const SEEDS = [1, 2, 3, 12, 345, 6_789];

describe("generate", () => {
  for (const seed of SEEDS) {
    it(`makes the same schedule of seed ${seed} each time, of what the catalogue has`, () => {
      const schedule = generate(seed);
      expect(generate(seed)).toEqual(schedule);
      expect(schedule.watched.map((text) => watchedNamed(text).text)).toEqual(schedule.watched);
      expect(schedule.places.map((text) => placeNamed(text).text)).toEqual(schedule.places);
    });
  }

  it("makes other schedules of other seeds, and data only", () => {
    const texts = SEEDS.map((seed) => JSON.stringify(generate(seed)));
    expect(new Set(texts).size).toBe(SEEDS.length);
    for (const [at, seed] of SEEDS.entries()) {
      const copy: unknown = JSON.parse(texts[at]!);
      expect(JSON.stringify(copy)).toBe(JSON.stringify(generate(seed)));
    }
  });
});

describe("runSchedule", () => {
  for (const seed of SEEDS) {
    it(`sees the same in two runs of seed ${seed}`, async () => {
      const lines: string[][] = [[], []];
      const outcomes = [
        await runSchedule(generate(seed), (line) => lines[0]!.push(line)),
        await runSchedule(generate(seed), (line) => lines[1]!.push(line)),
      ];
      expect(lines[0]).toEqual(lines[1]);
      expect(outcomes[0]!.hash).toBe(outcomes[1]!.hash);
      expect(lines[0]!.length).toBeGreaterThan(50);
    });
  }

  it("does nothing for a step that does not apply", async () => {
    const steps: Step[] = [
      { do: "endBatch", watcher: "w0" },
      { do: "abort" },
      { do: "relabel", place: "ConfigMap a/x", app: "red" },
      { do: "restoreKind", kind: "Widget" },
      { do: "up" },
      { do: "add", watcher: "w0", watched: "ConfigMap a/x" },
    ];
    const schedule = { ...generate(1), watched: ["ConfigMap a/x"], places: ["ConfigMap a/x"], steps };
    expect((await runSchedule(schedule)).violation).toBeUndefined();
  });
});
