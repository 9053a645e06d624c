import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { formatIdentifier, type ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { ApiClient } from "../../../lib/protocol/api_client.ts";
import { Random } from "../../fixtures/random.ts";
import { app, configMap, configMaps, type Hook, hookWith, type RunOptions } from "./harness.ts";

const SEEDS = 10;
const RUNS = 8;
const NAMES = ["one", "two", "three", "four"];
/** Watchers, and what they depend on from their setup; each reconcile makes it depend on one more. */
const WATCHERS: Readonly<Record<string, readonly ObjectIdentifier[]>> = {
  a: [configMap("one")],
  b: [configMap("one"), configMap("two")],
  all: [configMaps()],
  labelled: [configMaps("app=web"), configMap("four")],
};

/** Runs of a hook whose reconciles, store and cluster do what they like; what each watcher last saw is its state. */
class Story {
  readonly #hook: Hook;
  readonly #random: () => number;
  readonly #seen = new Map<string, { state: string; turn: number }>();
  #turns = 0;
  /** Whether the next run can start from the checkpoint. */
  #isKept = false;

  constructor(hook: Hook, seed: number) {
    this.#hook = hook;
    this.#random = new Random(seed).next;
  }

  chance(probability: number): boolean {
    return this.#random() < probability;
  }

  async changeSomething(): Promise<void> {
    const id = configMap(NAMES[Math.floor(this.#random() * NAMES.length)] ?? "one");
    const exists = (await this.#client().get(id)) !== undefined;
    const labels = { app: this.chance(0.5) ? "web" : "db" };
    if (!exists) {
      const metadata = { name: id.name, namespace: "ns", labels };
      await this.#hook.server.create({ apiVersion: "v1", kind: "ConfigMap", metadata });
    } else if (this.chance(0.3)) await this.#hook.delete(id);
    else
      await this.#hook.server.patch(
        id,
        { metadata: { labels }, data: { a: String(this.#random()) } },
        { type: "merge" },
      );
    if (this.chance(0.1)) this.#hook.server.compact();
  }

  /** One call of the hook, or two at once. */
  async run({ calm }: { calm: boolean }): Promise<number> {
    const { store } = this.#hook;
    // A cold start hears of what there is, and cannot know what has gone.
    if (!this.#isKept) this.#seen.clear();
    this.#hook.keptIn = {
      get: async (key: string) => store.get(key),
      set: async (key: string, value: string) => {
        // A crash just before it was written, or in the middle of that.
        if (!calm && this.chance(0.2)) throw new Error("crashed");
        this.#isKept = calm || !this.chance(0.05);
        store.set(key, this.#isKept ? value : value.slice(0, 50));
      },
      delete: async (key: string) => store.delete(key),
    };
    const failing = new Set(Object.keys(WATCHERS).filter(() => !calm && this.chance(0.4)));
    const options: RunOptions = {
      logger: false,
      timeoutMs: calm || this.chance(0.3) ? 5_000 : 1 + this.#random() * 600,
      graceMs: 0,
      setup: (dynamicWatcher) => this.#setUp(dynamicWatcher),
      reconcile: async (watcher) => {
        const name = watcher.name ?? "";
        if (failing.has(name)) throw new Error("not today");
        this.#turns += 1;
        const turn = this.#turns;
        const state = await this.stateOf(name);
        if (!calm && this.chance(0.2)) await this.changeSomething();
        // Of two runs at once the one that looked later may be done sooner.
        if (turn > (this.#seen.get(name)?.turn ?? 0)) this.#seen.set(name, { state, turn });
      },
    };
    const runs = [this.#hook.run(options)];
    if (!calm && this.chance(0.3)) runs.push(this.#hook.run(options));
    const results = await Promise.allSettled(runs);
    if (calm) for (const result of results) if (result.status === "rejected") throw result.reason;
    return results.reduce(
      (sum, result) => sum + (result.status === "fulfilled" ? result.value.causes.length : 0),
      0,
    );
  }

  /** What a watcher depends on, as the cluster has it now. */
  async stateOf(name: string): Promise<string> {
    const states = (WATCHERS[name] ?? []).map(async (id) => {
      const objects = id.name === undefined ? await this.#client().list(id) : [await this.#client().get(id)];
      const versions = objects.map(
        (object) => `${object?.metadata?.uid} ${object?.metadata?.resourceVersion}`,
      );
      return `${formatIdentifier(id)}: ${versions.join()}`;
    });
    return (await Promise.all(states)).join("\n");
  }

  async expectAllSeen(): Promise<void> {
    for (const name of Object.keys(WATCHERS)) {
      const state = await this.stateOf(name);
      const isEmpty = !state.includes("-");
      // What never existed was no reason to reconcile anybody.
      if (!isEmpty || this.#seen.has(name))
        expect([name, this.#seen.get(name)?.state]).toEqual([name, state]);
    }
  }

  async #setUp(dynamicWatcher: DynamicWatcher): Promise<void> {
    for (const [name, watched] of Object.entries(WATCHERS)) {
      for (const id of watched) await dynamicWatcher.addWatcher(app(name), id);
    }
  }

  #client(): ApiClient {
    return new ApiClient(this.#hook.server.transport(), { clock: this.#hook.clock });
  }
}

describe("over any runs, failures, crashes and changes", () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    it(`every watcher has seen the last state of what it depends on, and then rests (seed ${seed})`, async () => {
      const hook = await hookWith("one", "two");
      const story = new Story(hook, seed);
      for (let run = 0; run < RUNS; run += 1) {
        while (story.chance(0.6)) await story.changeSomething();
        await story.run({ calm: false });
        hook.sleptMs += 10_000;
      }
      hook.sleptMs += 3_600_000;
      await story.run({ calm: true });
      await story.expectAllSeen();
      expect(await story.run({ calm: true })).toBe(0);
    });
  }
});
