import { join } from "node:path";
import process from "node:process";
import { expect } from "@std/expect";
import { it } from "@std/testing/bdd";
import { entryPoints, ROOT, runIn } from "./packed_package.ts";

/** Those who know what goes wrong with packages find nothing. */
export function describeLinters(archiveOf: () => string): void {
  it("has nothing that @arethetypeswrong/core or publint finds", async () => {
    const linters = join(ROOT, "tests/packaging/linters.mjs");
    expect(await runIn(ROOT, [process.execPath, linters, archiveOf(), ...(await entryPoints())])).toBe("");
  }, 60_000);
}
