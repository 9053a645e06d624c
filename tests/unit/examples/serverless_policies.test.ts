import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { runPolicies } from "../../../examples/serverless_hook/policies.ts";
import type { RunSummary } from "../../../mod.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";

const place = { namespace: "default" };

describe("the policy engine as a hook", () => {
  let server: MemoryApiServer;
  let store: Map<string, string>;

  beforeEach(async () => {
    server = memoryApiServer();
    store = new Map();
    await createPolicy("owned-web", "app=web");
    await createPod("web-1", { app: "web" });
  });

  /** One call: what it reported, and what it came to. */
  async function call(): Promise<{ reports: string[]; summary: RunSummary }> {
    const reports = new Set<string>();
    const summary = await runPolicies({
      transport: server.transport(),
      store,
      report: (policy, offenders) => reports.add(`${policy}: ${offenders}`),
    });
    return { reports: [...reports].sort(), summary };
  }

  it("begins by itself, and does nothing in a warm call where nothing has changed", async () => {
    const cold = await call();
    expect(cold.summary).toMatchObject({ idle: true, start: "cold", failed: 0, remaining: 0 });
    expect(cold.reports).toEqual(["owned-web: web-1"]);
    const warm = await call();
    expect(warm.summary).toMatchObject({ idle: true, start: "warm", reconciles: 0, remaining: 0 });
    expect(warm.reports).toEqual([]);
  });

  it("begins by itself where there is no policy yet", async () => {
    await removePolicy("owned-web");
    await call();
    await createPolicy("owned-db", "app=db");
    expect((await call()).reports).toEqual(["owned-db: "]);
  });

  it("judges by the policy whose pods have changed", async () => {
    await createPolicy("owned-db", "app=db");
    await call();
    await createPod("db-1", { app: "db" });
    expect(await call()).toMatchObject({ reports: ["owned-db: db-1"], summary: { reconciles: 1 } });
  });

  it("judges by a policy that was added, and by no other", async () => {
    await call();
    await createPolicy("owned-all", "");
    await createPod("db-1", { app: "db" });
    expect((await call()).reports).toEqual(["owned-all: db-1,web-1"]);
    expect((await call()).summary.reconciles).toBe(0);
  });

  for (const [what, change] of [
    ["was deleted", () => removePolicy("owned-web")],
    [
      "has lost its label",
      () => server.patch(policy("owned-web"), { metadata: { labels: null } }, { type: "merge" }),
    ],
  ] as const) {
    it(`judges no more by a policy that ${what}, and depends on nothing of it`, async () => {
      await call();
      await change();
      expect(await call()).toMatchObject({ reports: [], summary: { failed: 0, remaining: 0 } });
      await createPod("web-2", { app: "web" });
      expect(await call()).toMatchObject({ reports: [], summary: { start: "warm", reconciles: 0 } });
    });
  }

  function policy(name: string) {
    return { version: "v1", kind: "ConfigMap", ...place, name };
  }

  async function createPolicy(name: string, selector: string): Promise<void> {
    const metadata = { ...place, name, labels: { "example.com/policy": "" } };
    await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata, data: { selector } });
  }

  async function removePolicy(name: string): Promise<void> {
    await server.delete(policy(name));
  }

  async function createPod(name: string, labels: Record<string, string>): Promise<void> {
    const spec = { containers: [{ name: "main", image: "web:1" }] };
    await server.create({ apiVersion: "v1", kind: "Pod", metadata: { ...place, name, labels }, spec });
  }
});
