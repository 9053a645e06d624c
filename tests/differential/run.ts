import fc from "fast-check";
import { type Difference, firstDifference } from "./comparison.ts";
import { sequence } from "./generate/sequence.ts";
import { play } from "./player.ts";
import type { Subject } from "./servers.ts";
import type { Step } from "./step.ts";
import { Totals } from "./totals.ts";

/** Two servers that should say the same. */
export interface Pair {
  readonly embedded: Subject;
  readonly real: Subject;
}

/** What came of a run. */
export interface Outcome {
  readonly totals: Totals;
  readonly failure: Failure | undefined;
}

/** The shortest sequence that was found to which the two servers do not say the same. */
export interface Failure {
  readonly seed: number;
  /** Leads to this very sequence. */
  readonly path: string;
  readonly steps: readonly Step[];
  readonly difference: Difference;
}

export interface RunOptions {
  readonly runs: number;
  readonly seed: number;
  /** Plays only the sequence of that path, as a failure told it. */
  readonly path?: string | undefined;
}

/** How many sequences are played at a time, each in a namespace of its own. */
const AT_A_TIME = 24;
const PLAYS_AGAIN = 2;

/** How many differences that do not come again a run may have: 2 per 1000 sequences. More are no accident. */
export function mostPassing(runs: number): number {
  return 2 * Math.ceil(runs / 1000);
}

/** Makes names of one length, so that nothing but the name differs. */
let namespaces = 0;

/** Plays random sequences on both servers. The first that differs is shrunk; then the run ends. */
export async function run(pair: Pair, { runs, seed, path }: RunOptions): Promise<Outcome> {
  const totals = new Totals();
  const compared = (steps: readonly Step[]) => compare(pair, { steps, totals });
  const first = path === undefined ? await firstFailure(compared, { runs, seed }) : await at(path);
  if (!first || path !== undefined) return { totals, failure: first };

  let shortest = first;
  const property = fc.asyncProperty(sequence(), async (steps) => {
    const difference = await compared(steps);
    if (!difference) return;
    shortest = { ...shortest, steps, difference };
    throw new Error("the servers differ");
  });
  const { counterexamplePath } = await fc.check(property, { seed, path: first.path, numRuns: 1 });
  // A difference that does not come again is one all the same, as it was.
  return { totals, failure: { ...shortest, path: counterexamplePath ?? first.path } };

  async function at(only: string): Promise<Failure | undefined> {
    const [steps = []] = fc.sample(sequence(), { seed, path: only, numRuns: 1 });
    const difference = await compared(steps);
    return difference && { seed, path: only, steps, difference };
  }
}

/** The first sequence, of those that were played, to which the servers do not say the same. */
async function firstFailure(
  compared: (steps: readonly Step[]) => Promise<Difference | undefined>,
  { runs, seed }: RunOptions,
): Promise<Failure | undefined> {
  const sequences = fc.sample(sequence(), { seed, numRuns: runs });
  const failures: Failure[] = [];
  let next = 0;
  async function work(): Promise<void> {
    while (failures.length === 0) {
      const index = next;
      next += 1;
      const steps = sequences[index];
      if (steps === undefined) return;
      const difference = await compared(steps);
      if (difference) failures.push({ seed, path: String(index), steps, difference });
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, work));
  return failures.toSorted((a, b) => Number(a.path) - Number(b.path))[0];
}

/**
 * Where the servers differ. The real one is not the same each time: it goes through its maps in random order, and what a
 * write stores may depend on the second. So a difference has to come again in one of two more plays; else it is counted.
 */
async function compare(
  pair: Pair,
  { steps, totals }: { steps: readonly Step[]; totals: Totals },
): Promise<Difference | undefined> {
  const difference = await playedDifference(pair, { steps, totals });
  if (difference === undefined) return undefined;
  for (let play = 0; play < PLAYS_AGAIN; play += 1) {
    const again = await playedDifference(pair, { steps, totals });
    if (again) return again;
  }
  const { method = "", path = "" } = steps[difference.index] ?? {};
  totals.addPassing(`${method} ${path}`);
  return undefined;
}

async function playedDifference(
  { embedded, real }: Pair,
  { steps, totals }: { steps: readonly Step[]; totals: Totals },
): Promise<Difference | undefined> {
  namespaces += 1;
  const namespace = `d${String(namespaces).padStart(6, "0")}`;
  const [ours, theirs] = await Promise.all([play(embedded, steps, namespace), play(real, steps, namespace)]);
  totals.add(steps, theirs);
  return firstDifference(steps, { embedded: ours, real: theirs });
}
