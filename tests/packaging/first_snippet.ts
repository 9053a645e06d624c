import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { transform } from "esbuild";
import { itInstalled } from "../fixtures/installed.ts";
import { isInstalled, type Runtime, runtimes } from "../runtimes/runtimes.ts";
import { snippetsOf } from "../unit/docs/snippets.ts";
import { ROOT, runIn } from "./packed_package.ts";
import { Program } from "./program.ts";

const SECRET = { apiVersion: "v1", kind: "Secret", metadata: { namespace: "default", name: "db" } };
const CHANGE = { stringData: { password: "new" } };

/** The package is enough to run kdw, and the README's first snippet, in a project that has nothing else, inside every runtime. */
export function describeFirstSnippet(projectOf: (installer: "npm" | "bun") => string): void {
  it("brings kdw, which tells its version", async () => {
    const project = projectOf("npm");
    const { version } = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    expect(await runIn(project, [join(project, "node_modules/.bin/kdw"), "--version"])).toBe(`${version}\n`);
  });

  describe("the README's first snippet", () => {
    for (const runtime of runtimes) {
      const name = `runs on ${runtime.name}, against kdw serve`;
      itInstalled(name, { installed: isInstalled(runtime), timeoutMs: 120_000 }, () =>
        runOn(runtime, projectOf(runtime.inside === "bun" ? "bun" : "npm")),
      );
    }
  });
}

async function runOn(runtime: Runtime, project: string): Promise<void> {
  const kdw = join(project, "node_modules/.bin/kdw");
  await observeSnippet([...runtime.command, await writeSnippet(runtime, project)], { project, kdw: [kdw] });
}

/** Runs the snippet in a project, against a server that the command of kdw starts. */
export async function observeSnippet(
  snippet: readonly [string, ...string[]],
  { project, kdw, env }: { project: string; kdw: Runtime["command"]; env?: Record<string, string> },
): Promise<void> {
  const kubeconfig = join(project, "kubeconfig");
  const serve = [...kdw, "serve", "--port", "0", "--kubeconfig", kubeconfig] as const;
  const server = new Program(serve, { cwd: ROOT });
  try {
    const url = (await server.line(/^ready: /)).replace("ready: ", "");
    await observe(new Program(snippet, { cwd: project, env: { ...env, KUBECONFIG: kubeconfig } }), url);
  } finally {
    await server.end("SIGTERM");
  }
}

/** Sees the snippet reconcile for the Secret that is there and again for its change, and end by itself. */
async function observe(snippet: Program, url: string): Promise<void> {
  const secrets = `${url}/api/v1/namespaces/default/secrets`;
  try {
    await send(secrets, { method: "POST", type: "application/json", body: SECRET });
    await snippet.line(/^web .*(INITIAL|ADDED)/);
    await send(`${secrets}/db`, { method: "PATCH", type: "application/merge-patch+json", body: CHANGE });
    await snippet.line(/^web .*MODIFIED/);
    expect([await snippet.end("SIGINT"), snippet.printed.split("\n").length]).toEqual([[0, null], 2]);
  } finally {
    await snippet.end("SIGKILL");
  }
}

async function send(
  url: string,
  { method, type, body }: { method: string; type: string; body: unknown },
): Promise<void> {
  const headers = { "content-type": type };
  const { ok } = await fetch(url, { method, headers, body: JSON.stringify(body) });
  expect(ok).toBe(true);
}

/** As TypeScript, except where the runtime knows only JavaScript. */
async function writeSnippet({ inside, command: [binary] }: Runtime, project: string): Promise<string> {
  const [snippet] = snippetsOf("README.md");
  const code = snippet?.code ?? "";
  if (
    inside !== "node" ||
    (await runIn(project, [binary, "-p", "process.features.typescript"])) !== "undefined\n"
  ) {
    await writeFile(join(project, "first.ts"), code);
    return "first.ts";
  }
  await writeFile(join(project, "first.js"), (await transform(code, { loader: "ts" })).code);
  return "first.js";
}
