// npm run build [-- --out FOLDER]
//
// Builds dist/: one module for each thing that can be imported or run, what they share in chunks beside them, and the types.
// To import one module for each source file would take three times as long.
import { execFile } from "node:child_process";
import { readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { parseArgs, promisify } from "node:util";
import { build } from "esbuild";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
const { values } = parseArgs({ options: { out: { type: "string", default: join(ROOT, "dist") } } });
await rm(values.out, { recursive: true, force: true });
await Promise.all([
  writeTypes(values.out),
  writeModules(values.out, await published()),
  writeModules(values.out, await programs()),
]);

async function writeTypes(out: string): Promise<void> {
  const compiler = join(ROOT, "node_modules/typescript/bin/tsc");
  const args = ["-p", "tsconfig.build.json", "--emitDeclarationOnly", "--outDir", out];
  const run = promisify(execFile)(process.execPath, [compiler, ...args], { cwd: ROOT });
  await run.catch(({ stdout }) => {
    throw new Error(`Cannot build the types:\n${stdout}`);
  });
}

async function writeModules(out: string, sources: readonly string[]): Promise<void> {
  await build({
    entryPoints: [...sources],
    ...{ absWorkingDir: ROOT, outbase: ROOT, outdir: out, chunkNames: "lib/chunks/[name]-[hash]" },
    ...{ bundle: true, splitting: true, format: "esm", packages: "external" },
    ...{ platform: "neutral", target: "es2023", logLevel: "warning" },
  });
}

/** The sources of all that package.json gives to others. */
async function published(): Promise<string[]> {
  const { exports, bin } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
  const targets = JSON.stringify([exports, bin]).match(/(?<="\.\/dist\/)[^"]+(?=\.js")/g) ?? [];
  return [...new Set(targets)].map((target) => `${target}.ts`);
}

/** What is run from dist/ and not published; each has all of the library that it needs. */
async function programs(): Promise<string[]> {
  return [...(await modulesIn("bench")), "examples/rollout_controller/main.ts"];
}

async function modulesIn(folder: string): Promise<string[]> {
  const names = await readdir(join(ROOT, folder));
  return names.filter((name) => name.endsWith(".ts")).map((name) => `${folder}/${name}`);
}
