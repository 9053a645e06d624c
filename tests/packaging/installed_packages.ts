import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** The packages that were installed into a folder for one package, those of its dependencies included, itself not. */
export async function packagesBeside(name: string, folder: string): Promise<string[]> {
  const lock = await readFile(join(folder, "node_modules/.package-lock.json"), "utf8");
  const { packages } = JSON.parse(lock) as { packages: Record<string, { version: string }> };
  return Object.entries(packages)
    .map(([path, { version }]) => `${path.slice(path.lastIndexOf("node_modules/") + 13)} ${version}`)
    .filter((installed) => !installed.startsWith(`${name} `));
}
