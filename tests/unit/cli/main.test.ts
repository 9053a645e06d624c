import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "@std/expect";
import { afterAll, beforeAll, describe, it } from "@std/testing/bdd";
import { build } from "esbuild";

const root = fileURLToPath(new URL("../../../", import.meta.url));

describe("kdw", () => {
  let folder: string;
  let program: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "kdw-test-"));
    program = join(folder, "kdw.mjs");
    await build({
      ...{ entryPoints: [join(root, "cli/main.ts")], outfile: program, logLevel: "error" },
      ...{ bundle: true, platform: "node", format: "esm" },
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);',
      },
    });
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`ends by itself, with 0 and without a trace, on ${signal}`, async () => {
      const child = spawn(process.execPath, [program, "serve", "--port", "0"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const exited = once(child, "exit");
      const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
      const kubeconfig = String((await lines.next()).value).replace("kubeconfig: ", "");
      const url = String((await lines.next()).value).replace("ready: ", "");
      const watch = await fetch(`${url}/api/v1/pods?watch=1&resourceVersion=4`);
      // Deno takes a signal that child.kill() sent for the way that the child ended.
      process.kill(child.pid ?? 0, signal);
      expect(await watch.text()).toBe("");
      expect(await exited).toEqual([0, null]);
      expect(existsSync(kubeconfig)).toBe(false);
    });
  }

  it("writes errors to stderr and exits with a code", async () => {
    const child = spawn(process.execPath, [program, "nonsense"], { stdio: ["ignore", "ignore", "pipe"] });
    const exited = once(child, "exit");
    let text = "";
    for await (const chunk of child.stderr) text += chunk;
    expect([(await exited)[0], text]).toEqual([
      2,
      "Cannot run nonsense: the only command is serve\nSee kdw --help\n",
    ]);
  });
});
