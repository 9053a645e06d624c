import type { Clock } from "../../../lib/support/clock.ts";

const REQUESTS = 60;
const REQUESTS_FOR_A_CALL = 15;
const RECONCILES = 30;
const RECONCILES_FOR_A_CALL = 6;

/** Counts what is done in each second, to tell a hot loop from much to do. */
export class Pace {
  readonly #clock: Clock;
  #second = 0;
  #activity = 0;
  #activityBefore = 0;
  #requests = 0;
  readonly #reconciles = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Something was done that may lead to as much as `weight` calls do. */
  allow(weight: number): void {
    this.#turn();
    this.#activity += weight;
  }

  /** How many requests there were in this second, where they are too many. */
  request(): number | undefined {
    this.#turn();
    this.#requests += 1;
    return this.#requests > REQUESTS + REQUESTS_FOR_A_CALL * this.#recent ? this.#requests : undefined;
  }

  /** How many reconciles of this watcher there were in this second, where they are too many. */
  reconcile(watcher: string): number | undefined {
    this.#turn();
    const count = (this.#reconciles.get(watcher) ?? 0) + 1;
    this.#reconciles.set(watcher, count);
    return count > RECONCILES + RECONCILES_FOR_A_CALL * this.#recent ? count : undefined;
  }

  get #recent(): number {
    return this.#activity + this.#activityBefore;
  }

  #turn(): void {
    const second = Math.floor(this.#clock.now() / 1000);
    if (second === this.#second) return;
    this.#activityBefore = second === this.#second + 1 ? this.#activity : 0;
    this.#second = second;
    this.#activity = this.#requests = 0;
    this.#reconciles.clear();
  }
}
