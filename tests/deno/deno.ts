import process from "node:process";
import { describe } from "@std/testing/bdd";
import { isInstalled, notInstalled, runtimes } from "../runtimes/runtimes.ts";

const runtime = runtimes.find(({ name }) => name === "deno");

/** Deno's binary. */
export const deno: string = runtime?.command[0] ?? "deno";

/** `describe` for tests that need Deno; they are skipped, with the reason in the name, where it is not installed. */
export function describeDeno(name: string, define: () => void): void {
  if (runtime !== undefined && isInstalled(runtime)) describe(name, define);
  else if (process.env.CI === "true")
    throw new Error(`Cannot run the tests that CI requires: ${notInstalled}`);
  else describe.skip(`${name} (${notInstalled})`, define);
}
