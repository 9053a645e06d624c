import { setTimeout as delay } from "node:timers/promises";
import { DependencyWatchError, type DynamicWatcher, type ObjectIdentifier, type Query } from "../../mod.ts";
import type { Random } from "../fixtures/random.ts";
import { COLOURS, NAMESPACE, SOAK_KINDS, type SoakKind, soakIdentifiers, soakWatcher } from "./world.ts";

const WATCHERS = Array.from({ length: 30 }, (_, index) => soakWatcher(`watcher-${index}`));
const GROUND = SOAK_KINDS.map(groundWatcher);
const LANES = 4;
const PAUSE_MS = 5;
/** What calls may be told that cross each other, that are given up, or whose connection is cut. */
const EXPECTED = ["WATCHER_REMOVED", "QUERY_BATCH_IN_PROGRESS", "QUERY_BATCH_NOT_STARTED", "TRANSPORT_ERROR"];
const GIVEN_UP = new Error("given up");

/** Calls a DynamicWatcher in all ways, many at a time, until it is told to pause. */
export class Churn {
  /** What no call should have been told. */
  readonly problems: unknown[] = [];
  readonly #dynamicWatcher: DynamicWatcher;
  readonly #random: Random;
  #calls = 0;
  #running = false;
  #done: Promise<unknown> = Promise.resolve();

  constructor(dynamicWatcher: DynamicWatcher, random: Random) {
    this.#dynamicWatcher = dynamicWatcher;
    this.#random = random;
  }

  /** How many calls were made. */
  get calls(): number {
    return this.#calls;
  }

  resume(): void {
    this.#running = true;
    this.#done = Promise.all(Array.from({ length: LANES }, () => this.#lane()));
  }

  /** Lets the calls under way end and comes back to the ground state: a few watchers, always the same. */
  async pause(): Promise<void> {
    this.#running = false;
    await this.#done;
    await Promise.all(
      WATCHERS.map((watcher) => this.#dynamicWatcher.removeWatcher(watcher, { endBatch: true })),
    );
    await this.ground();
    // One that has failed may be due in a minute; a run takes with it all that its watcher waits for.
    this.#dynamicWatcher.reconciler.trigger(GROUND);
  }

  /** The watchers of the ground state, which stay all the time: one for each kind, of all its colours. */
  async ground(): Promise<void> {
    await Promise.all(
      SOAK_KINDS.map((kind) =>
        this.#dynamicWatcher.addOrUpdateWatcher(
          groundWatcher(kind),
          COLOURS.map((colour) => ({ ...kind, namespace: NAMESPACE, selector: `colour=${colour}` })),
        ),
      ),
    );
  }

  async #lane(): Promise<void> {
    while (this.#running) {
      this.#calls += 1;
      try {
        await this.#call();
      } catch (error) {
        const expected = error instanceof DependencyWatchError && EXPECTED.includes(error.code);
        if (!expected && error !== GIVEN_UP) this.problems.push(error);
      }
      await delay(PAUSE_MS);
    }
  }

  async #call(): Promise<unknown> {
    const watcher = this.#random.pick(WATCHERS);
    const dynamicWatcher = this.#dynamicWatcher;
    const some = () => this.#random.sample(soakIdentifiers, this.#random.between(1, 4));
    return this.#random.weighted<() => Promise<unknown>>([
      [3, () => dynamicWatcher.addWatcher(watcher, this.#random.pick(soakIdentifiers))],
      [3, () => dynamicWatcher.addOrUpdateWatcher(watcher, some())],
      [3, () => dynamicWatcher.removeWatcher(watcher, { endBatch: true })],
      [2, () => dynamicWatcher.query(watcher, (query) => readAll(query, some()))],
      [2, () => this.#batch(watcher, some())],
      [1, () => this.#giveUp(watcher, some())],
    ])();
  }

  async #batch(watcher: ObjectIdentifier, identifiers: readonly ObjectIdentifier[]): Promise<void> {
    const batch = this.#dynamicWatcher.startQueryBatch(watcher);
    try {
      await readAll(batch, identifiers);
    } finally {
      await batch.end();
    }
  }

  async #giveUp(watcher: ObjectIdentifier, identifiers: readonly ObjectIdentifier[]): Promise<void> {
    const controller = new AbortController();
    const call = this.#dynamicWatcher.addOrUpdateWatcher(watcher, identifiers, controller);
    setImmediate(() => controller.abort(GIVEN_UP));
    await call;
  }
}

function groundWatcher({ kind }: SoakKind): ObjectIdentifier {
  return soakWatcher(`all-${kind}`);
}

async function readAll(query: Query, identifiers: readonly ObjectIdentifier[]): Promise<void> {
  for (const id of identifiers) await (id.name === undefined ? query.list(id) : query.get(id));
}
