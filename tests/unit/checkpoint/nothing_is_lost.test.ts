import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { formatIdentifier, type ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { ApiClient } from "../../../lib/protocol/api_client.ts";
import { faults } from "../../../transports/faults.ts";
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
  /** Whether the checkpoint has all that the reconciles have seen. */
  #hasAll = false;
  /** Whether the server has forgotten what came before, so that watches have to list: in a run without trouble. */
  #hasForgotten = false;

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
    } else if (this.chance(0.3)) await this.#hook.delete(id).catch(ignoreGone);
    else {
      const changed = { metadata: { labels }, data: { a: String(this.#random()) } };
      await this.#hook.server.patch(id, changed, { type: "merge" }).catch(ignoreGone);
    }
    // What an older checkpoint has not heard of, and what has gone since, nobody can tell without the history.
    if (this.chance(0.1) && this.#hasAll) {
      this.#hook.server.compact();
      this.#hasForgotten = true;
    }
  }

  /** One call of the hook, or two at once. */
  async run(options: { calm: boolean }): Promise<number> {
    const calm = options.calm || this.#hasForgotten;
    const { store } = this.#hook;
    this.#hasAll = false;
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
    this.#hook.faults = calm ? {} : { get: this.#overload, list: this.#overload, watch: this.#overload };
    const failing = new Set(Object.keys(WATCHERS).filter(() => !calm && this.chance(0.4)));
    const call: RunOptions = {
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
    const runs = [this.#hook.run(call)];
    if (!calm && this.chance(0.3)) runs.push(this.#hook.run(call));
    const results = await Promise.allSettled(runs);
    this.#hasForgotten = false;
    const [result, twin] = results;
    this.#hasAll = twin === undefined && result?.status === "fulfilled" && result.value.summary.idle;
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

  /** An API server that has too much to do refuses now a question of the start, now a watch. */
  readonly #overload = () => (this.chance(0.4) ? faults.answer("tooManyRequests") : undefined);

  #client(): ApiClient {
    return new ApiClient(this.#hook.server.transport(), { clock: this.#hook.clock });
  }
}

/** Another run was quicker. */
function ignoreGone(error: { readonly status?: number }): void {
  if (error.status !== 404) throw error;
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
