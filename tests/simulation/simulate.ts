import { forbidAmbient } from "./ambient.ts";
import { generate } from "./generate.ts";
import { type Outcome, runSchedule } from "./run.ts";
import { formatStep, type Schedule, type Step } from "./schedule.ts";
import { shrink } from "./shrink.ts";
import { Totals } from "./totals.ts";
import type { Violation } from "./world.ts";

/** A seed that breaks an invariant. */
export interface Failure {
  readonly schedule: Schedule;
  readonly violation: Violation;
}

/** What came of many seeds. */
export interface Simulation {
  readonly totals: Totals;
  readonly seeds: number;
  readonly failures: readonly Failure[];
}

const MOST_TRIES = 400;

/** Runs seeds one after the other, until so many have failed. */
export async function simulate({
  first,
  seeds,
  mostFailures,
}: {
  first: number;
  seeds: number;
  mostFailures: number;
}): Promise<Simulation> {
  forbidAmbient();
  const totals = new Totals();
  const failures: Failure[] = [];
  let count = 0;
  while (count < seeds && failures.length < mostFailures) {
    const schedule = generate(first + count);
    count += 1;
    const outcome = await runSchedule(schedule);
    totals.addAll(outcome.totals);
    if (outcome.violation) failures.push({ schedule, violation: outcome.violation });
  }
  return { totals, seeds: count, failures };
}

/** Runs one seed, all its steps or only those of these numbers, and tells all that is seen. */
export function replay(
  seed: number,
  { numbers, onLine }: { numbers: readonly number[] | undefined; onLine: (line: string) => void },
): Promise<Outcome> {
  forbidAmbient();
  const schedule = generate(seed);
  const steps = numbers ? schedule.steps.filter((_, number) => numbers.includes(number)) : schedule.steps;
  return runSchedule({ ...schedule, steps }, onLine);
}

/** The shortest schedule that breaks the same invariant, as lines, and the command that runs it. */
export async function explain(
  { schedule, violation }: Failure,
  { mutation }: { mutation: string | undefined },
): Promise<string[]> {
  const numbered = [...schedule.steps.entries()];
  const run = (steps: readonly (readonly [number, Step])[]) =>
    runSchedule({ ...schedule, steps: steps.map(([, step]) => step) });
  const { list, tries } = await shrink(numbered, {
    fails: async (steps) => (await run(steps)).violation?.invariant === violation.invariant,
    mostTries: MOST_TRIES,
  });
  const last = (await run(list)).violation ?? violation;
  const numbers = list.map(([number]) => number).join(",");
  const mutate = mutation === undefined ? "" : ` --mutate ${mutation}`;
  return [
    `seed ${schedule.seed} breaks "${violation.invariant}": ${last.message}`,
    `with ${JSON.stringify(schedule.settings)}`,
    `${list.length} of its ${numbered.length} steps are enough (${tries} tries):`,
    ...list.map(([number, step]) => `  ${String(number).padStart(3)}  ${formatStep(step)}`),
    `To see it: npm run simulate -- --seed ${schedule.seed} --steps ${numbers || "none"}${mutate}`,
  ];
}
