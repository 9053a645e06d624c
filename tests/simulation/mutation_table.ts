import { execFile } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Mutation } from "../fixtures/mutations/mutation.ts";
import { MUTATIONS } from "../fixtures/mutations/mutations.ts";

/** What it took to notice a mutation. */
export interface Caught {
  readonly mutation: Mutation;
  readonly seeds: number;
  /** Undefined: nothing has noticed it. */
  readonly invariant: string | undefined;
}

/** A mutation that so many seeds do not notice survives. */
const MOST_SEEDS = 1_000;
const LONGEST_MS = 900_000;

/** Tries each mutation in a process of its own, since modules are loaded once. */
export async function tryMutations(onCaught: (caught: Caught) => void): Promise<Caught[]> {
  const left = [...MUTATIONS];
  const all: Caught[] = [];
  async function work(): Promise<void> {
    for (let mutation = left.shift(); mutation; mutation = left.shift()) {
      const caught = { mutation, ...(await tryMutation(mutation)) };
      onCaught(caught);
      all.push(caught);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  return MUTATIONS.flatMap((mutation) => all.filter((caught) => caught.mutation === mutation));
}

async function tryMutation({ name }: Mutation): Promise<Omit<Caught, "mutation">> {
  const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
  const programArguments = [path("./catch_mutation.ts"), name, String(MOST_SEEDS)];
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ["--import", new URL("../../scripts/typescript.mjs", import.meta.url).href, ...programArguments],
    { timeout: LONGEST_MS },
  );
  return JSON.parse(stdout.trim().split("\n").at(-1) ?? "");
}
