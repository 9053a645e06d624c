import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { build } from "esbuild";
import { type ListeningServer, serve } from "../../runtime/serve.ts";
import { describeInstalled } from "../fixtures/installed.ts";
import { HookCluster } from "../fixtures/serverless_hook.ts";
import { isInstalled, runtimes, workerd } from "../runtimes/runtimes.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const deno = runtimes.find(({ name }) => name === "deno");

/** The cron handler twice, with a change of the settings in between, inside workerd. */
const CRON_TEST = `
import worker from "${root}examples/serverless_hook/worker.ts";

const kept = new Map();
const CHECKPOINTS = {
  get: async (key) => kept.get(key) ?? null,
  put: async (key, value) => void kept.set(key, value),
  delete: async (key) => void kept.delete(key),
};

export default {
  async test(_controller, { KUBERNETES_URL }) {
    const environment = { KUBERNETES_URL, CHECKPOINTS };
    await worker.scheduled({}, environment);
    const path = "/api/v1/namespaces/default/configmaps/web-settings";
    const headers = { "content-type": "application/merge-patch+json" };
    const body = JSON.stringify({ data: { changed: "yes" } });
    await (await fetch(KUBERNETES_URL + path, { method: "PATCH", headers, body })).text();
    await worker.scheduled({}, environment);
  },
};
`;

/** No compatibility flag: a module of Node's would fail to load. */
function workerdConfig(kubernetesUrl: string): string {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [ (name = "hook", worker = .hook), (name = "internet", network = (allow = ["local"])) ],
);
const hook :Workerd.Worker = (
  modules = [ (name = "worker.js", esModule = embed "worker.js") ],
  compatibilityDate = "2025-01-01",
  bindings = [ (name = "KUBERNETES_URL", text = "${kubernetesUrl}") ],
);
`;
}

describe("the serverless example", () => {
  let cluster: HookCluster;
  let api: ListeningServer;
  let folder: string;

  beforeEach(async () => {
    cluster = await HookCluster.open();
    api = await serve(cluster.server);
    folder = await mkdtemp(join(tmpdir(), "serverless-"));
  });
  afterEach(async () => {
    await api.close();
    await rm(folder, { recursive: true });
  });

  describeInstalled("in workerd", existsSync(workerd), () => {
    it("rolls out as a cron handler, with nothing but the web's globals", async () => {
      await build({
        stdin: { contents: CRON_TEST, resolveDir: root },
        outfile: join(folder, "worker.js"),
        bundle: true,
        format: "esm",
        platform: "neutral",
        mainFields: ["module", "main"],
      });
      await writeFile(join(folder, "test.capnp"), workerdConfig(api.url));
      const { stdout } = await promisify(execFile)(workerd, ["test", join(folder, "test.capnp")]);
      expect(
        stdout
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line)),
      ).toMatchObject([
        { idle: true, start: "cold", reconciles: 1 },
        { idle: true, start: "warm", reconciles: 1 },
      ]);
      expect(await cluster.rolledOut()).toBeDefined();
      expect(cluster.server.openWatches).toBe(0);
    });
  });

  describeInstalled("in Deno", deno !== undefined && isInstalled(deno), () => {
    it("rolls out as the handler of Deno.serve", async () => {
      const program = ["run", "--no-lock", "--allow-net", "--allow-env", "--location", "http://hook.invalid"];
      const hook = spawn(deno?.command[0] ?? "", [...program, "examples/serverless_hook/deno.ts"], {
        cwd: root,
        env: {
          ...process.env,
          KUBERNETES_URL: api.url,
          DENO_SERVE_ADDRESS: "tcp:127.0.0.1:0",
          DENO_DIR: join(folder, "deno"),
        },
        stdio: ["ignore", "pipe", "pipe"],
      });
      const over = once(hook, "exit");
      try {
        const url = await listeningUrl(hook);
        const call = async () => (await fetch(url, { method: "POST" })).json();
        expect(await call()).toMatchObject({ start: "cold", reconciles: 1 });
        expect(await call()).toMatchObject({ start: "warm", reconciles: 0 });
        const version = await cluster.changeSettings();
        expect(await call()).toMatchObject({ start: "warm", reconciles: 1, remaining: 0 });
        expect(await cluster.rolledOut()).toBe(version);
      } finally {
        hook.kill();
        await over;
      }
    });
  });
});

/** Where a program of Deno listens, once it says so. */
function listeningUrl(program: ChildProcess): Promise<string> {
  let said = "";
  return new Promise((resolve, reject) => {
    for (const stream of [program.stdout, program.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        said += text;
        const [url] = /http:\/\/127\.0\.0\.1:\d+/.exec(said) ?? [];
        if (url !== undefined) resolve(url);
      });
    }
    program.once("exit", () => reject(new Error(`It ended before it listened: ${said}`)));
  });
}
