import type { DynamicWatcher } from "../../lib/dynamic_watcher.ts";
import { delay } from "../../lib/support/clock.ts";
import type { Query, QueryBatch } from "../../lib/watchers/query_batch.ts";
import { type CountedSignal, countedSignal } from "../fixtures/counted_signal.ts";
import type { FakeClock } from "../fixtures/fake_clock.ts";
import { type Watched, watchedNamed, watcherNamed } from "./catalogue.ts";
import type { Dependencies, Entry } from "./dependencies.ts";
import type { CallStep } from "./schedule.ts";

/** What the calls of a simulation are made on, and who hears of them. */
export interface CallsOptions {
  readonly dynamicWatcher: DynamicWatcher;
  readonly dependencies: Dependencies;
  readonly clock: FakeClock;
  /** The next moment of the simulation. */
  tick(): number;
  turn(): number;
  called(step: CallStep): void;
  /** What a call asked for is there now; `isUnsure`: unless another call under way has dropped it already. */
  linked(entry: Entry, edge: LinkedEdge): void;
  /** All that was pending for a watcher was forgotten by a call of this moment; undefined: for every watcher. */
  forgotten(watcher: string | undefined, moment: number): void;
  triggered(watcher: string, moment: number): void;
  /** A read was answered with these objects. */
  answered(watched: Watched, objects: readonly unknown[]): void;
  ended(step: CallStep, error: unknown): void;
}

/** An edge that a call has made, or has found. */
export interface LinkedEdge {
  readonly watched: Watched;
  readonly isNew: boolean;
  readonly isUnsure: boolean;
  readonly calledAt: number;
}

/** A query batch with what was read in it. */
interface Batch {
  readonly batch: QueryBatch;
  readonly keep: Set<Watched>;
  isOpen: boolean;
}

interface Asking {
  readonly watcher: string;
  readonly asks: readonly Watched[];
  readonly keep?: ReadonlySet<Watched>;
  readonly provisional?: boolean;
}

/** Why a call ends whose signal the simulation aborts. */
export class AbortOfCall extends Error {}

/** Why a query fails that is told to. */
class QueryFailure extends Error {}

/** Makes the calls of a schedule, and notes in what order, and with what outcome, for the dependencies to come of them. */
export class Calls {
  readonly #options: CallsOptions;
  readonly #batches = new Map<string, Batch>();
  /** Signals whose calls are under way. */
  readonly #abortable = new Set<CountedSignal>();
  readonly #signals = new Set<CountedSignal>();
  #pending = 0;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  /** How many calls have not settled. */
  get pending(): number {
    return this.#pending;
  }

  /** How many listeners there are on the signals of calls. */
  get listeners(): number {
    return [...this.#signals].reduce((sum, { listeners }) => sum + listeners, 0);
  }

  /** Makes a call; resolves when it has settled in any way. */
  async perform(step: CallStep): Promise<void> {
    const { called, ended } = this.#options;
    called(step);
    this.#pending += 1;
    const counted = "abortable" in step && step.abortable ? this.#newSignal() : undefined;
    let error: unknown;
    try {
      await this.#call(step, counted?.signal);
    } catch (reason) {
      error = reason;
    }
    if (counted) this.#abortable.delete(counted);
    this.#pending -= 1;
    ended(step, error);
  }

  /** Ends every batch that is open. */
  async endBatches(): Promise<void> {
    const open = [...this.#batches].filter(([, { isOpen }]) => isOpen);
    await Promise.all(open.map(([watcher]) => this.perform({ do: "endBatch", watcher })));
  }

  #newSignal(): CountedSignal {
    const counted = countedSignal();
    this.#abortable.add(counted);
    this.#signals.add(counted);
    return counted;
  }

  async #call(step: CallStep, signal: AbortSignal | undefined): Promise<void> {
    const { dynamicWatcher, dependencies, tick, forgotten, triggered } = this.#options;
    const options = signal ? { signal } : undefined;
    switch (step.do) {
      case "add": {
        const watched = watchedNamed(step.watched);
        const add = () => dynamicWatcher.addWatcher(watcherNamed(step.watcher), watched.identifier, options);
        return this.#asking({ watcher: step.watcher, asks: [watched] }, add);
      }
      case "set": {
        const asks = step.watched.map(watchedNamed);
        const identifiers = asks.map(({ identifier }) => identifier);
        const set = () => dynamicWatcher.addOrUpdateWatcher(watcherNamed(step.watcher), identifiers, options);
        return this.#asking({ watcher: step.watcher, asks, keep: new Set(asks) }, set);
      }
      case "remove": {
        const { watcher, endBatch } = step;
        const moment = tick();
        const remove = () => dynamicWatcher.removeWatcher(watcherNamed(watcher), { endBatch });
        await this.#asking({ watcher, asks: [], keep: new Set() }, remove);
        forgotten(watcher, moment);
        return;
      }
      case "openBatch": {
        const batch = dynamicWatcher.startQueryBatch(watcherNamed(step.watcher));
        this.#batches.set(step.watcher, { batch, keep: new Set(), isOpen: true });
        return;
      }
      case "read": {
        const batch = this.#batches.get(step.watcher);
        if (batch) await this.#read(step.watcher, watchedNamed(step.watched), batch.batch, batch);
        return;
      }
      case "endBatch": {
        const known = this.#batches.get(step.watcher);
        if (!known) return;
        const { batch, keep } = known;
        known.isOpen = false;
        return this.#asking({ watcher: step.watcher, asks: [], keep }, () => batch.end());
      }
      case "query":
        return this.#query(step, signal);
      case "trigger":
        if (dynamicWatcher.started) triggered(step.watcher, tick());
        dynamicWatcher.reconciler.trigger([watcherNamed(step.watcher)]);
        return;
      case "abort": {
        const [counted] = this.#abortable;
        counted?.abort(new AbortOfCall("the simulation aborts a call"));
        return;
      }
      case "stop":
        if (dynamicWatcher.started) {
          dependencies.clear();
          forgotten(undefined, tick());
        }
        return dynamicWatcher.stop({ graceMs: step.graceMs });
      case "start":
        return dynamicWatcher.start();
    }
  }

  /** A call that, where it succeeds, changes what its watcher depends on. */
  async #asking<T>({ watcher, ...effect }: Asking, call: () => Promise<T>): Promise<T> {
    const entry = this.#options.dependencies.begin(watcher, effect);
    const calledAt = this.#options.tick();
    try {
      const value = await call();
      this.#done(entry, calledAt);
      return value;
    } catch (error) {
      entry.state = "failed";
      throw error;
    }
  }

  #done(entry: Entry, calledAt: number): void {
    const { dependencies, tick, turn, linked } = this.#options;
    const { watcher, asks } = entry;
    const before = dependencies.expected(watcher);
    const isUnsure = dependencies.mayDrop(watcher, entry);
    dependencies.done(entry, { moment: tick(), turn: turn() });
    const after = dependencies.expected(watcher);
    for (const watched of asks.keys()) {
      if (!after.has(watched)) continue;
      linked(entry, { watched, isNew: !before.has(watched), isUnsure, calledAt });
    }
  }

  async #read(
    watcher: string,
    watched: Watched,
    query: Query,
    { keep, isOpen }: Pick<Batch, "keep" | "isOpen">,
  ): Promise<void> {
    const { identifier } = watched;
    const options = { watcher, asks: [watched], provisional: true };
    const isRead = isOpen && this.#options.dynamicWatcher.started;
    if (isRead) keep.add(watched);
    const answer = await this.#asking<unknown>(options, () =>
      identifier.name === undefined ? query.list(identifier) : query.get(identifier),
    );
    this.#options.answered(
      watched,
      [answer].flat().filter((object) => object !== undefined),
    );
  }

  async #query(step: Extract<CallStep, { do: "query" }>, signal: AbortSignal | undefined): Promise<void> {
    const { dynamicWatcher, dependencies, clock, tick, turn } = this.#options;
    const { watcher, watched, fails, holdMs } = step;
    const keep = new Set<Watched>();
    const calledAt = tick();
    let ending: Entry | undefined;
    let takingBack: Entry | undefined;
    const takeBack = () => {
      takingBack ??= dependencies.begin(watcher, { keep: new Set(keep), takesBack: true });
    };
    const read = async (query: Query) => {
      signal?.addEventListener("abort", takeBack, { once: true });
      try {
        for (const one of watched) {
          if (holdMs > 0) await delay(clock, holdMs);
          await this.#read(watcher, watchedNamed(one), query, { keep, isOpen: takingBack === undefined });
        }
        if (fails) throw new QueryFailure("the simulation lets a query fail");
      } catch (error) {
        takeBack();
        throw error;
      }
      ending = dependencies.begin(watcher, { keep });
    };
    try {
      await dynamicWatcher.query(watcherNamed(watcher), read, signal ? { signal } : undefined);
      if (ending) this.#done(ending, calledAt);
      if (takingBack) takingBack.state = "failed";
    } catch (error) {
      if (ending) ending.state = "failed";
      if (takingBack) dependencies.done(takingBack, { moment: tick(), turn: turn() });
      if (!(error instanceof QueryFailure)) throw error;
    } finally {
      signal?.removeEventListener("abort", takeBack);
    }
  }
}
