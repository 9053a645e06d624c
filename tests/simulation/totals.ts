/** How often each thing happened, by its name: `write put`, `fault cut`. */
export class Totals {
  readonly #counts = new Map<string, number>();

  count(name: string, times = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + times);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  addAll(other: Totals): void {
    for (const [name, times] of other.#counts) this.count(name, times);
  }

  /** Sorted by name. */
  entries(): [name: string, times: number][] {
    return [...this.#counts].sort(([a], [b]) => (a < b ? -1 : 1));
  }
}
