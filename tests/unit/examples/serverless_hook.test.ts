import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { fileStore } from "../../../examples/serverless_hook/file_store.ts";
import { answerTo, handle } from "../../../examples/serverless_hook/hook.ts";
import { hookServer } from "../../../examples/serverless_hook/node.ts";
import worker from "../../../examples/serverless_hook/worker.ts";
import { type Transport, TransportError } from "../../../mod.ts";
import { HookCluster } from "../../fixtures/serverless_hook.ts";

describe("the serverless example", () => {
  let cluster: HookCluster;

  beforeEach(async () => {
    cluster = await HookCluster.open();
  });

  it("rolls out as a handler of the web, and only when something has changed", async () => {
    const options = { transport: cluster.server.transport(), store: new Map<string, string>() };
    const call = async () => {
      const response = await handle(new Request("https://hook.invalid/", { method: "POST" }), options);
      return { status: response.status, summary: await response.json() };
    };
    expect(await call()).toMatchObject({ status: 200, summary: { start: "cold", reconciles: 1 } });
    expect(await call()).toMatchObject({ status: 200, summary: { start: "warm", reconciles: 0 } });
    const version = await cluster.changeSettings();
    expect(await call()).toMatchObject({ status: 200, summary: { start: "warm", reconciles: 1 } });
    expect(await cluster.rolledOut()).toBe(version);
    expect(cluster.server.openWatches).toBe(0);
  });

  it("says what it takes, and what went wrong", async () => {
    const inner = cluster.server.transport();
    const request: Transport["request"] = (asked) =>
      asked.path.includes("kube-system") ? inner.request(asked) : Promise.reject(new Error("no route"));
    const options = { transport: { request, close: () => inner.close() }, store: new Map<string, string>() };
    expect((await handle(new Request("https://hook.invalid/"), options)).status).toBe(405);
    const failed = await handle(new Request("https://hook.invalid/", { method: "POST" }), options);
    expect([failed.status, await failed.text()]).toEqual([500, expect.stringContaining("no route")]);
  });

  const done = { idle: true, start: "warm", reconciles: 1, failed: 0, remaining: 0 } as const;
  const error = new TransportError("Cannot watch it: no route");
  for (const [what, summary, status] of [
    ["all is done", done, 200],
    ["a reconcile is due later", { ...done, remaining: 1, nextDueMs: 60_000 }, 202],
    ["a reconcile was under way", { ...done, idle: false, remaining: 1, nextDueMs: 0 }, 202],
    ["a watch could not go on", { ...done, idle: false, error }, 503],
    ["a watch could not go on, and more", { ...done, idle: false, error, remaining: 1, nextDueMs: 0 }, 503],
    ["a watch was silent", { ...done, idle: false }, 503],
  ] as const) {
    it(`answers ${status} when ${what}`, () => {
      const answer = answerTo(summary);
      expect(answer.status).toBe(status);
      const told = JSON.parse(answer.body);
      expect(told).toEqual("error" in summary ? { ...summary, error: String(error) } : summary);
    });
  }

  it("rolls out as a cron handler of Workers", async () => {
    const kept = new Map<string, string>();
    const CHECKPOINTS = {
      get: async (key: string) => kept.get(key) ?? null,
      put: async (key: string, value: string) => void kept.set(key, value),
      delete: async (key: string) => void kept.delete(key),
    };
    const environment = { KUBERNETES_URL: "http://embedded.invalid", CHECKPOINTS };
    const { fetch } = globalThis;
    globalThis.fetch = cluster.server.fetch as typeof fetch;
    try {
      await worker.scheduled({}, environment);
      const version = await cluster.changeSettings();
      await worker.scheduled({}, environment);
      expect(await cluster.rolledOut()).toBe(version);
      expect(kept.size).toBe(1);
    } finally {
      globalThis.fetch = fetch;
    }
  });

  describe("on node:http", () => {
    let folder: string;
    let hook: ReturnType<typeof hookServer>;

    beforeEach(async () => {
      folder = await mkdtemp(join(tmpdir(), "hook-"));
      hook = hookServer({ transport: cluster.server.transport(), store: fileStore(folder) });
      await once(hook.listen(0, "127.0.0.1"), "listening");
    });
    afterEach(async () => {
      hook.closeAllConnections();
      hook.close();
      await rm(folder, { recursive: true });
    });

    const call = (method: string) =>
      fetch(`http://127.0.0.1:${(hook.address() as AddressInfo).port}/`, { method });

    it("rolls out, and keeps its checkpoint in a file that is whole", async () => {
      expect(await (await call("POST")).json()).toMatchObject({ start: "cold", reconciles: 1 });
      const version = await cluster.changeSettings();
      expect(await (await call("POST")).json()).toMatchObject({ start: "warm", reconciles: 1 });
      expect(await cluster.rolledOut()).toBe(version);
      expect(await readdir(folder)).toEqual(["kubernetes-dependency-watches.json"]);
      expect((await call("GET")).status).toBe(405);
    });

    it("forgets what it keeps when nothing depends on anything", async () => {
      const store = fileStore(folder);
      await store.set("a/b", "1");
      expect(await store.get("a/b")).toBe("1");
      await store.delete("a/b");
      await store.delete("a/b");
      expect(await store.get("a/b")).toBe(undefined);
      expect(await readdir(folder)).toEqual([]);
    });
  });
});
