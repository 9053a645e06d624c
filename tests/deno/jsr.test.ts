import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { expect } from "@std/expect";
import { afterAll, beforeAll, it } from "@std/testing/bdd";
import { observeSnippet } from "../packaging/first_snippet.ts";
import { PACKAGE, ROOT, runIn } from "../packaging/packed_package.ts";
import { snippetsOf } from "../unit/docs/snippets.ts";
import { deno, describeDeno } from "./deno.ts";
import { JsrRegistry } from "./jsr_registry.ts";
import { addStd } from "./std_stand_in.ts";

const KDW = [process.execPath, "--import", "./scripts/typescript.mjs", "cli/main.ts"] as const;
/** Also the last line of one that takes several. */
const IMPORT = /^(?:import|export|\}) .*?from "([^"]+)"|\bimport\("([^"]+)"\)/gm;
const NAME = `@kdw/${PACKAGE}`;

describeDeno("Deno and JSR", () => {
  const registry = new JsrRegistry();
  let folder = "";
  let env: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "deno-"));
    addStd(registry);
    // A folder of its own: what comes from the stand-in must not stay among what comes from JSR.
    env = { JSR_URL: await registry.listen(), DENO_DIR: join(folder, "cache"), NO_COLOR: "1" };
    await runIn(ROOT, [deno, "publish", "--allow-dirty", "--no-provenance", "--token", "any"], env);
  }, 180_000);
  afterAll(async () => {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("what is published needs no import map", () => {
    const bare: string[] = [];
    for (const [path, text] of registry.get(NAME)?.files ?? []) {
      if (!path.endsWith(".ts")) continue;
      for (const [, from, lazily] of text.toString().matchAll(IMPORT)) {
        const name = from ?? lazily ?? "";
        if (!/^(\.|node:|npm:|jsr:)/.test(name)) bare.push(`${path}: ${name}`);
      }
    }
    expect(bare).toEqual([]);
  });

  it("the README's first snippet runs in an empty project, and has the types that it says", async () => {
    const project = join(folder, "project");
    await mkdir(project);
    const imports = { [PACKAGE]: `jsr:${NAME}` };
    await writeFile(join(project, "deno.json"), JSON.stringify({ imports }));
    await writeFile(join(project, "first.ts"), snippetsOf("README.md")[0]?.code ?? "");
    await runIn(project, [deno, "check", "first.ts"], env);
    await observeSnippet([deno, "run", "-A", "first.ts"], { project, env, kdw: KDW });
  }, 180_000);

  it("the project's own tests find Deno's std by import_map.json as it stands", async () => {
    // A lock would pin the stand-in's packages.
    const test = [deno, "test", "-A", "--no-check", "--no-lock", "tests/unit/kubernetes"] as const;
    const output = await runIn(ROOT, test, env);
    expect(output).toMatch(/\n?ok \| \d+ passed .*\| 0 failed/);
  }, 180_000);
});
