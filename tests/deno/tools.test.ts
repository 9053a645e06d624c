import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { memoryApiServer } from "../../transports/memory/mod.ts";
import { certificateAuthority } from "../fixtures/certificates.ts";
import { PACKAGE, ROOT, runIn } from "../packaging/packed_package.ts";
import { deno, describeDeno } from "./deno.ts";

const { exports } = await fromRoot("deno.json");
const modules: readonly string[] = Object.values(exports);
/** Where examples are: in all that is published, but for what connects in Bun, and refuses to elsewhere. */
async function documented(): Promise<string[]> {
  const runtime = (await readdir(join(ROOT, "runtime"))).filter((name) => name !== "bun.ts");
  const paths = ["mod.ts", "lib", "transports", ...runtime.map((name) => `runtime/${name}`)];
  return paths.map((path) => join(ROOT, path));
}

/** As much of deno.json, import_map.json and package.json as is looked at here. */
interface Manifest extends Record<"exports" | "imports" | "dependencies" | "devDependencies", Names> {
  readonly version: string;
}
type Names = Readonly<Record<string, string>>;

/** What the examples in the documentation find around them: a server and a kubeconfig, a token, a CA's certificate. */
async function makeSurroundings(folder: string, url: string): Promise<Record<string, string>> {
  const kubeconfig = {
    ...{ apiVersion: "v1", kind: "Config", "current-context": "staging" },
    contexts: [{ name: "staging", context: { cluster: "staging", user: "staging" } }],
    clusters: [{ name: "staging", cluster: { server: url } }],
    users: [{ name: "staging", user: {} }],
  };
  await writeFile(join(folder, "kubeconfig"), JSON.stringify(kubeconfig));
  await writeFile(join(folder, "ca.crt"), (await certificateAuthority("Examples")).cert);
  return { KUBECONFIG: join(folder, "kubeconfig"), TOKEN: "a-token" };
}

describeDeno("Deno's own tools", () => {
  let folder = "";
  let server: ListeningServer | undefined;
  let surroundings: Record<string, string> = {};

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "deno-tools-"));
    server = await serve(memoryApiServer());
    surroundings = await makeSurroundings(folder, server.url);
  });
  afterAll(async () => {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });

  it("check knows the types of all that is exported, and of the examples", async () => {
    expect(await problemOf(["check", ...modules, "examples"])).toBe("");
  }, 180_000);

  // deno.json excludes what is a matter of taste: an async function without await rejects where a plain one would throw;
  // biome finds unused names, and lets those be that leave a field out; functions may stand in blocks in a module.
  it("lint finds nothing", async () => {
    expect(await problemOf(["lint"])).toBe("");
  }, 180_000);

  it("doc --lint finds nothing: every public symbol is documented, with types that are public", async () => {
    expect(await problemOf(["doc", "--lint", ...modules])).toBe("");
  }, 180_000);

  it("test --doc runs every example, with its types", async () => {
    const config = ["--config", join(ROOT, "deno.json")];
    const output = await runIn(folder, [deno, "test", "--doc", "-A", ...config, ...(await documented())], {
      ...surroundings,
      NO_COLOR: "1",
    });
    const [, passed = "0"] = /^ok \| (\d+) passed \| 0 failed/m.exec(output) ?? [];
    expect(Number(passed)).toBeGreaterThan(20);
  }, 180_000);

  it("publish would take it", async () => {
    expect(await problemOf(["publish", "--dry-run", "--allow-dirty"])).toBe("");
  }, 180_000);
});

describe("deno.json", () => {
  it("has the version of package.json", async () => {
    expect((await fromRoot("deno.json")).version).toBe((await fromRoot("package.json")).version);
  });
});

describe("import_map.json", () => {
  it("leads to all that is exported, by the package's name on npm", async () => {
    const { imports } = await fromRoot("import_map.json");
    const expected = Object.entries(exports).map(([name, path]) => [name.replace(".", PACKAGE), path]);
    const names = Object.entries(imports).filter(
      ([name]) => name === PACKAGE || name.startsWith(`${PACKAGE}/`),
    );
    expect(Object.fromEntries(names)).toEqual(Object.fromEntries(expected));
  });

  it("asks for the same versions of packages as package.json", async () => {
    const { imports } = await fromRoot("import_map.json");
    const { dependencies, devDependencies } = await fromRoot("package.json");
    const wanted = { ...devDependencies, ...dependencies };
    const asked = Object.entries(imports).flatMap(([name, target]) => {
      const [, version] = /^npm:\/?(?:@[^/]+\/)?[^@/]+@([^/]+)/.exec(target) ?? [];
      return version === undefined ? [] : [[name.replace(/\/$/, ""), version] as const];
    });
    for (const [name, version] of asked) expect([name, version]).toEqual([name, wanted[name]]);
    for (const name of Object.keys(dependencies)) expect(asked.map(([asked]) => asked)).toContain(name);
  });
});

/** What a tool complains of; "" where it does not. */
function problemOf(args: readonly string[]): Promise<string> {
  return runIn(ROOT, [deno, ...args], { NO_COLOR: "1" }).then(
    () => "",
    (error: Error) => error.message,
  );
}

/** A file of JSON that stands at the root. */
async function fromRoot(file: string): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, file), "utf8"));
}
