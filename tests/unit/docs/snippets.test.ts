import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe } from "@std/testing/bdd";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { ROOT, type Snippet, snippetsOf, writeCheckable, writeRunnable } from "./snippets.ts";

/** Pages whose every block is a program. */
const PAGES = ["docs/testing.md", "docs/faults.md"];
const LOADER = join(ROOT, "scripts/typescript.mjs");

const NODE_ONLY = "the pages are run by Node's loader, and use its test runner";
const test = itUnless({ deno: NODE_ONLY, bun: NODE_ONLY });

/** Runs a program of Node's; gives its exit code and what it wrote. */
function run(args: readonly string[]): { code: number | null; output: string } {
  // What has failed may wait for ever.
  const limits = { timeout: 45_000, killSignal: "SIGKILL" } as const;
  const { status, stdout, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: "utf8",
    ...limits,
  });
  return { code: status, output: `${stdout}${stderr}` };
}

for (const page of PAGES) {
  describe(`the TypeScript in ${page}`, () => {
    const snippets: readonly Snippet[] = snippetsOf(page);
    let folder = "";
    let ran = { code: null as number | null, output: "" };

    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "docs-"));
      ran = run(["--import", LOADER, writeRunnable(snippets, join(folder, "run"))]);
    }, 60_000);
    afterAll(() => rmSync(folder, { recursive: true, force: true }));

    test("is there, and comes to its end", () => {
      expect(snippets.length).toBeGreaterThan(0);
      // A failure of Node's own test runner shows here too.
      expect([ran.code, ran.code === 0 ? "" : ran.output]).toEqual([0, ""]);
    });

    test("has the types that it says", () => {
      const project = join(folder, "types");
      writeCheckable(snippets, project);
      const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
      const { output } = run([compiler, "-p", project, "--noEmit"]);
      expect(output.split("\n").filter((line) => line.includes(basename(folder)))).toEqual([]);
    }, 60_000);

    for (const { file, line } of snippets) {
      test(`runs, at line ${line}: ${file}`, () => {
        const told = ran.output
          .split("\n")
          .filter((text) => text.startsWith(JSON.stringify({ file }).slice(0, -1)));
        expect(told).toEqual([JSON.stringify({ file, problem: "" })]);
      });
    }
  });
}
