import { cp, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { isInstalled, type Runtime, runtimes } from "../runtimes/runtimes.ts";
import { entryPoints, PACKAGE, runIn } from "./packed_package.ts";

/** Packages that the core and the transports of the web do without. */
const OPTIONAL = ["undici", "yaml", "@cfworker/json-schema"] as const;

/** The entry points that need a package as soon as they are imported. */
const NEEDED_BY: Readonly<Record<(typeof OPTIONAL)[number], readonly string[]>> = {
  undici: ["./transports/undici", "./node"],
  yaml: ["./transports/memory", "./node", "./deno", "./bun"],
  "@cfworker/json-schema": ["./transports/memory"],
};

/** Reaches the API server through a proxy, which only undici can where `fetch` cannot. */
const BEYOND_FETCH = `await connect({ kubeconfigText: JSON.stringify({
  apiVersion: "v1", kind: "Config", "current-context": "c",
  contexts: [{ name: "c", context: { cluster: "c", user: "u" } }],
  clusters: [{ name: "c", cluster: { server: "https://127.0.0.1:1", "proxy-url": "socks5://127.0.0.1:1" } }],
  users: [{ name: "u", user: {} }],
}) }).catch((error) => console.log(error.message));`;

/** A part of the package loads what it needs and no more, and says what it misses. */
export function describeMissingPackages(projectOf: () => string): void {
  // One Node is as good as another here.
  const judged = runtimes.filter((runtime) => isInstalled(runtime) && !/^node./.test(runtime.name));
  describe("where a package is missing", () => {
    for (const { name, inside, command } of judged) {
      for (const missing of OPTIONAL) {
        it(`only what needs ${missing} fails, and names it, on ${name}`, async () => {
          const failed = await failures(await projectWithout(projectOf(), missing), command);
          // Each runtime has a connect() of its own behind that name.
          const needing = NEEDED_BY[missing].flatMap((entry) =>
            entry === `./${inside}` ? [entry, "./connect"] : entry,
          );
          expect(Object.keys(failed).sort()).toEqual(needing.sort());
          for (const problem of Object.values(failed)) expect(problem).toContain(missing);
        }, 60_000);
      }

      if (inside === "node") continue;
      it(`connect() names undici when only that can reach the server, on ${name}`, async () => {
        const folder = await projectWithout(projectOf(), "undici");
        const code = `import { connect } from "${PACKAGE}/connect";\n${BEYOND_FETCH}`;
        expect(await run(folder, { command, code })).toMatch(/not find .*undici/);
      }, 60_000);
    }
  });
}

/** Imports each entry point; gives what was thrown by those that failed. */
async function failures(folder: string, command: Runtime["command"]): Promise<Record<string, string>> {
  const names = await entryPoints();
  const code = `
    const failed = {};
    for (const name of ${JSON.stringify(names)}) {
      await import(name.replace(".", "${PACKAGE}")).catch((error) => { failed[name] = error.message; });
    }
    console.log(JSON.stringify(failed));`;
  return JSON.parse(await run(folder, { command, code }));
}

/** Runs a module; gives what it printed. */
async function run(
  folder: string,
  { command, code }: { command: Runtime["command"]; code: string },
): Promise<string> {
  const file = join(folder, `${crypto.randomUUID()}.mjs`);
  await writeFile(file, code);
  return runIn(folder, [...command, file]);
}

/** A copy of a project that lacks one package. */
async function projectWithout(project: string, missing: string): Promise<string> {
  const folder = `${project}-without-${missing.replace("/", "-")}`;
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, "node_modules/@cfworker"), { recursive: true });
  const own = join("node_modules", PACKAGE);
  // A link would find what is missing beside the package that it leads to.
  await cp(join(project, own), join(folder, own), { recursive: true });
  const names = (await readdir(join(project, "node_modules"))).filter((name) => !/^[.@]/.test(name));
  for (const name of [...names, "@cfworker/json-schema"]) {
    if (name === PACKAGE || name === missing) continue;
    await symlink(join(project, "node_modules", name), join(folder, "node_modules", name));
  }
  await writeFile(join(folder, "package.json"), JSON.stringify({ type: "module" }));
  return folder;
}
