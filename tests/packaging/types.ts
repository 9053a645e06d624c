import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { snippetsOf } from "../unit/docs/snippets.ts";
import { entryPoints, PACKAGE, ROOT, runIn } from "./packed_package.ts";

const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
const oldestCompiler = join(ROOT, "tests/packaging/node_modules/typescript-oldest/bin/tsc");
const RESOLUTIONS = [
  { by: "node16", module: "node16", compiler },
  { by: "nodenext", module: "nodenext", compiler },
  { by: "bundler", module: "esnext", compiler },
  { by: "nodenext and TypeScript 5.6", module: "nodenext", compiler: oldestCompiler },
] as const;
const STRICT = { noEmit: true, strict: true, exactOptionalPropertyTypes: true, skipLibCheck: false };
/** What is there besides the package, by the words of a test's name. */
const PLACES = [
  ["Node's types", { lib: ["es2023"], types: ["node"], typeRoots: [join(ROOT, "node_modules/@types")] }],
  ["the DOM's types", { lib: ["es2023", "dom", "dom.asynciterable"], types: [] as string[] }],
] as const;
/** Entry points whose types are of undici, which needs Node's. */
const OF_NODE = new Set(["./transports/undici", "./node", "./connect", "./deno", "./bun"]);

/** Every import of the package, and the README's first snippet, has types wherever TypeScript looks for them. */
export function describeTypes(projectOf: () => string): void {
  describe("the types", () => {
    for (const { by, module, compiler } of RESOLUTIONS) {
      const moduleResolution = module === "esnext" ? "bundler" : module;
      for (const [place, given] of PLACES) {
        it(`are known by ${by}, with ${place}`, async () => {
          const project = projectOf();
          await writeImports(project);
          const files = place === "Node's types" ? ["all.ts", "first_snippet.ts"] : ["web.ts"];
          const compilerOptions = { ...STRICT, ...given, target: "es2023", module, moduleResolution };
          await writeFile(join(project, "tsconfig.json"), JSON.stringify({ compilerOptions, files }));
          await runIn(project, [process.execPath, compiler]);
        }, 120_000);
      }
    }

    it("are wrong where they are used wrongly", async () => {
      const project = projectOf();
      const wrong = `import { DynamicWatcher } from "${PACKAGE}";\nnew DynamicWatcher({ transport: 1 });\n`;
      await writeFile(join(project, "wrong.ts"), wrong);
      const compilerOptions = { ...STRICT, module: "nodenext", lib: ["es2023", "dom"], types: [] };
      await writeFile(
        join(project, "tsconfig.json"),
        JSON.stringify({ compilerOptions, files: ["wrong.ts"] }),
      );
      const problem = await runIn(project, [process.execPath, compiler]).catch(String);
      expect(problem).toContain("wrong.ts(2,22)");
    }, 120_000);
  });
}

async function writeImports(project: string): Promise<void> {
  const names = await entryPoints();
  const lines = (from: readonly string[]) =>
    from.map((name, index) => `export * as e${index} from "${name.replace(".", PACKAGE)}";\n`).join("");
  const [snippet] = snippetsOf("README.md");
  await writeFile(join(project, "all.ts"), lines(names));
  await writeFile(join(project, "web.ts"), lines(names.filter((name) => !OF_NODE.has(name))));
  await writeFile(join(project, "first_snippet.ts"), snippet?.code ?? "");
}
