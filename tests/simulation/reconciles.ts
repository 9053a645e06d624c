import type { Cause } from "../../lib/kubernetes/cause.ts";
import { TimeoutError } from "../../lib/kubernetes/errors.ts";
import type { ObjectIdentifier } from "../../lib/kubernetes/identifier.ts";
import type { ReconcileContext, ReconcileResult } from "../../lib/reconcile/reconcile_function.ts";
import { onAbort } from "../../lib/support/abort.ts";
import { delay } from "../../lib/support/clock.ts";
import type { FakeClock } from "../fixtures/fake_clock.ts";
import type { Behaviour, CallStep } from "./schedule.ts";

/** One call of the reconcile function. */
export interface Run {
  readonly watcher: string;
  readonly startedAt: number;
  readonly causes: readonly Cause[];
  readonly causesDropped: boolean;
  readonly signal: AbortSignal;
  outcome: "under way" | "succeeded" | "failed" | "requeued";
}

/** What reconciles work with, and who hears of them. */
export interface ReconcilesOptions {
  readonly clock: FakeClock;
  tick(): number;
  call(step: CallStep): Promise<void>;
  /** False: it never ends. */
  started(run: Run): boolean;
  ended(run: Run): void;
}

const PLAIN: Behaviour = { calls: [], awaits: false, microtasks: 0, lastsMs: 0, ends: "succeeds" };

/** The reconcile function of a simulation: it does what the schedule says, and remembers what it was told. */
export class Reconciles {
  readonly runs: Run[] = [];
  readonly #options: ReconcilesOptions;
  readonly #behaviours = new Map<string, Behaviour[]>();
  readonly #hung = new Set<() => void>();
  #isHealed = false;

  constructor(options: ReconcilesOptions) {
    this.#options = options;
  }

  /** The runs that have not ended. */
  get underWay(): readonly Run[] {
    return this.runs.filter(({ outcome }) => outcome === "under way");
  }

  /** The last run of a watcher. */
  lastOf(watcher: string): Run | undefined {
    return this.runs.findLast((run) => run.watcher === watcher);
  }

  /** Says how a run of the watcher behaves, after those that have been told already. */
  behave(watcher: string, behaviour: Behaviour): void {
    this.#isHealed = false;
    this.#behaviours.set(watcher, [...(this.#behaviours.get(watcher) ?? []), behaviour]);
  }

  /** From now on all succeed, and those that hang end. */
  heal(): void {
    this.#isHealed = true;
    this.#behaviours.clear();
    for (const end of this.#hung) end();
    this.#hung.clear();
  }

  readonly reconcile = async (
    { name: watcher = "" }: ObjectIdentifier,
    { signal, causes, causesDropped }: ReconcileContext,
  ): Promise<ReconcileResult | undefined> => {
    const { tick, started, ended } = this.#options;
    const run: Run = { watcher, startedAt: tick(), causes, causesDropped, signal, outcome: "under way" };
    const goesOn = started(run);
    this.runs.push(run);
    if (!goesOn) return new Promise(() => {});
    const behaviour = this.#behaviours.get(watcher)?.shift() ?? PLAIN;
    try {
      await this.#behave(behaviour, signal);
      run.outcome = behaviour.ends === "requeues" ? "requeued" : "succeeded";
      return run.outcome === "requeued" ? { requeueAfterMs: 700 } : undefined;
    } catch (error) {
      run.outcome = "failed";
      throw error;
    } finally {
      ended(run);
    }
  };

  async #behave({ calls, awaits, microtasks, lastsMs, ends }: Behaviour, signal: AbortSignal): Promise<void> {
    const { call, clock } = this.#options;
    const made = calls.map(call);
    if (awaits) await Promise.all(made);
    for (let turn = 0; turn < microtasks; turn += 1) await undefined;
    if (lastsMs > 0) await delay(clock, lastsMs);
    if (ends === "hangs") await this.#hang(new AbortController().signal);
    if (ends === "untilAborted") await this.#hang(signal);
    if (ends === "fails") throw new Error("the simulation lets a reconcile fail");
  }

  /** Until the simulation heals, or until the signal aborts: then it rejects with its reason. */
  #hang(signal: AbortSignal): Promise<void> {
    if (this.#isHealed) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const forget = onAbort(signal, () => {
        this.#hung.delete(end);
        reject(signal.reason);
      });
      const end = () => {
        forget();
        resolve();
      };
      if (signal.aborted) reject(signal.reason);
      else this.#hung.add(end);
    });
  }
}

/** Whether the outcome of a run decides nothing: its watcher was removed meanwhile, or everything was stopped. */
export function isIgnored({ signal }: Run): boolean {
  return signal.aborted && !(signal.reason instanceof TimeoutError);
}

/** Whether a run no longer counts against the reconciles at once: it took too long, or is ignored. */
export function isGivenUp({ signal }: Run): boolean {
  return signal.aborted;
}
