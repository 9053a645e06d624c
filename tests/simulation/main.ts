import { parseArgs } from "node:util";
import { writeSection } from "../fixtures/document_section.ts";
import { applyMutation } from "../fixtures/mutations/apply_mutation.ts";
import { mutationLines, totalLines } from "./report.ts";

const HELP = `Usage: npm run simulate -- [options]
  --seeds N       how many seeds to run (default 1000)
  --first S       the first of them (default 1)
  --seed S        one seed only; tells all that is seen
  --steps 1,4,9   with --seed: only its steps of these numbers
  --mutate NAME   with a deliberate defect in the engine
  --mutations     tries every mutation until it is noticed
  --write FILE    puts the tables of this run into a page
Ends with 1 where an invariant is broken, where something that must happen never did, or where a mutation survives.`;

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    seed: { type: "string" },
    steps: { type: "string" },
    mutate: { type: "string" },
    mutations: { type: "boolean", default: false },
    write: { type: "string" },
    help: { type: "boolean", default: false },
  },
});

if (values.help) console.log(HELP);
else if (values.mutations) process.exitCode = await tryAllMutations(values.write);
else {
  // Before the engine is loaded.
  if (values.mutate !== undefined) applyMutation(values.mutate);
  process.exitCode = await (values.seed === undefined
    ? runSeeds()
    : runSeed(wholeNumber("seed", values.seed)));
}

async function runSeeds(): Promise<number> {
  const { simulate, explain } = await import("./simulate.ts");
  const { missing } = await import("./must_happen.ts");
  const started = process.hrtime.bigint();
  const mutation = values.mutate;
  const { totals, seeds, failures } = await simulate({
    first: wholeNumber("first", values.first),
    seeds: wholeNumber("seeds", values.seeds),
    mostFailures: mutation === undefined ? 20 : 1,
  });
  const lines = totalLines(totals, seeds);
  console.log(lines.join("\n"));
  const seconds = Number(process.hrtime.bigint() - started) / 1e9;
  console.log(`\n${seeds} seeds in ${seconds.toFixed(1)} s`);
  const [first] = failures;
  if (first) console.error(`\n${(await explain(first, { mutation })).join("\n")}`);
  for (const { schedule, violation } of failures.slice(1)) {
    console.error(`seed ${schedule.seed} breaks "${violation.invariant}": ${violation.message}`);
  }
  const never = first ? [] : missing(totals, seeds);
  for (const name of never) console.error(`Never happened, and must: ${name}`);
  const failed = failures.length > 0 || never.length > 0;
  if (values.write !== undefined && !failed) await writeSection(values.write, { name: "totals", lines });
  return failed ? 1 : 0;
}

async function runSeed(seed: number): Promise<number> {
  const { replay } = await import("./simulate.ts");
  const numbers = values.steps?.split(",").map(Number);
  const { violation, hash } = await replay(seed, { numbers, onLine: (line) => console.log(line) });
  console.log(`trace ${hash.toString(16)}`);
  if (violation) console.error(`broken: "${violation.invariant}": ${violation.message}`);
  return violation ? 1 : 0;
}

async function tryAllMutations(page: string | undefined): Promise<number> {
  const { tryMutations } = await import("./mutation_table.ts");
  const all = await tryMutations(({ mutation, seeds, invariant }) => {
    console.log(
      invariant
        ? `${mutation.name}: seed ${seeds}, "${invariant}"`
        : `${mutation.name}: SURVIVES ${seeds} seeds`,
    );
  });
  const survivors = all.filter(({ invariant }) => invariant === undefined);
  console.log(`${all.length - survivors.length} of ${all.length} mutations are noticed`);
  if (page !== undefined && survivors.length === 0) {
    await writeSection(page, { name: "mutations", lines: mutationLines(all) });
  }
  return survivors.length > 0 ? 1 : 0;
}

function wholeNumber(name: string, text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new RangeError(`Cannot read --${name}: "${text}" is no whole number`);
}
