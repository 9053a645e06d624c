import { execFile } from "node:child_process";
import { cp, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

export const ROOT = fileURLToPath(new URL("../../", import.meta.url));
/** The name that users import. */
export const PACKAGE = "kubernetes-dependency-watches";

const runFile = promisify(execFile);

/** Builds the package beside the repository's own dist/, and packs it as npm publishes it; gives the archive's path. */
export async function packPackage(folder: string): Promise<string> {
  const stage = join(folder, "package");
  await mkdir(stage, { recursive: true });
  for (const part of ["package.json", "README.md", "LICENSE", "docs", "examples"])
    await cp(join(ROOT, part), join(stage, part), { recursive: true });
  const build = ["--import", "./scripts/typescript.mjs", "scripts/build.ts", "--out", join(stage, "dist")];
  await runIn(ROOT, [process.execPath, ...build]);
  // What `prepare` would build is there already.
  const packed = await runIn(stage, ["npm", "pack", "--ignore-scripts", "--json"]);
  const [{ filename }] = JSON.parse(packed);
  return join(stage, filename);
}

/** Installs a packed package into an empty project. */
export async function installInto(
  project: string,
  { command, archive }: { command: readonly [string, ...string[]]; archive: string },
): Promise<void> {
  await mkdir(project, { recursive: true });
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  await runIn(project, [...command, archive]);
}

export const NPM_INSTALL = ["npm", "install", "--no-audit", "--no-fund"] as const;

/** All that a user can import, from JSR as from npm. */
export async function entryPoints(): Promise<string[]> {
  const { exports } = JSON.parse(await readFile(join(ROOT, "deno.json"), "utf8"));
  return Object.keys(exports);
}

/** Runs a program to its end, and gives what it printed. */
export async function runIn(
  cwd: string,
  [file, ...args]: readonly [string, ...string[]],
  env: Record<string, string> = {},
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 1 << 26 };
  const { stdout } = await runFile(file, args, options).catch((error) => {
    throw new Error(`Cannot run ${[file, ...args].join(" ")}:\n${error.stdout}${error.stderr}`, {
      cause: error,
    });
  });
  return stdout;
}
