import type { Answer } from "./player.ts";
import type { Step } from "./step.ts";
import { targetOf } from "./target.ts";

/** How much was compared: an empty run is told from a clean one by these. */
export class Totals {
  #sequences = 0;
  #requests = 0;
  readonly #passing: string[] = [];
  readonly #counts = {
    verb: new Map<string, number>(),
    kind: new Map<string, number>(),
    status: new Map<string, number>(),
  };

  get sequences(): number {
    return this.#sequences;
  }

  get requests(): number {
    return this.#requests;
  }

  /** The requests at which a difference was seen that did not come again. */
  get passing(): readonly string[] {
    return this.#passing;
  }

  /** Takes in a difference that did not come again. */
  addPassing(request: string): void {
    this.#passing.push(request);
  }

  /** How often a verb, a kind or a status was met. */
  count(of: "verb" | "kind" | "status", name: string): number {
    return this.#counts[of].get(name) ?? 0;
  }

  /** Takes in a sequence and what the real server said to it. */
  add(steps: readonly Step[], answers: readonly Answer[]): void {
    this.#sequences += 1;
    for (const [index, step] of steps.entries()) {
      const { kind, verb } = targetOf(step);
      this.#requests += 1;
      increment(this.#counts.verb, verb);
      increment(this.#counts.kind, kind?.kind ?? "none");
      increment(this.#counts.status, String(answers[index]?.status));
    }
  }

  /** One line each: the sums, and the counts by verb, kind and status, the most frequent first. */
  lines(): string[] {
    const { verb, kind, status } = this.#counts;
    return [
      `${this.#sequences} sequences, ${this.#requests} requests to each server`,
      `by verb: ${told(verb)}`,
      `by kind: ${told(kind)}`,
      `by status of the real server: ${told(status)}`,
      `differences that did not come again in two more plays of their sequence: ${this.#passing.length}`,
    ];
  }
}

function increment(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

function told(counts: ReadonlyMap<string, number>): string {
  return [...counts]
    .sort(([, a], [, b]) => b - a)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
