// Runs seeds on a mutated engine until one fails, and prints in JSON what that took: catch_mutation.ts NAME SEEDS
import { applyMutation } from "../fixtures/mutations/apply_mutation.ts";

const [name = "", seeds = ""] = process.argv.slice(2);
applyMutation(name);
const { simulate } = await import("./simulate.ts");
const result = await simulate({ first: 1, seeds: Number(seeds), mostFailures: 1 });
const [failure] = result.failures;
console.log(JSON.stringify({ seeds: result.seeds, invariant: failure?.violation.invariant }));
