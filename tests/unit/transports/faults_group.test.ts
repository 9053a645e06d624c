import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Transport, TransportHeaders } from "../../../lib/protocol/transport.ts";
import { faults, withFaults } from "../../../transports/faults.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { readAll } from "../../fixtures/transport_contract/observe.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json";

describe("faults.groupUnavailable", () => {
  const memory = memoryApiServer().transport();
  const transport = withFaults(memory, { any: () => faults.groupUnavailable("apps") });

  async function ask(
    path: string,
    { via = transport, headers = {} }: { via?: Transport; headers?: TransportHeaders } = {},
  ) {
    const response = await via.request({ method: "GET", path, headers });
    return { response, text: await readAll(response.body) };
  }

  it("makes the versions of the group stale and empty in aggregated discovery", async () => {
    const headers = { accept: AGGREGATED };
    const before = await ask("/apis", { via: memory, headers });
    const etag = before.response.headers.get("etag") ?? "";
    expect(etag).not.toBe("");
    // Who knows what there was is told what has become of it.
    const { response, text } = await ask("/apis", { headers: { ...headers, "If-None-Match": etag } });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe(before.response.headers.get("content-type"));
    expect(response.headers.get("etag")).toBe(null);
    const items = JSON.parse(before.text).items.map((item: { metadata: { name: string } }) =>
      item.metadata.name === "apps" ? { ...item, versions: [{ version: "v1", freshness: "Stale" }] } : item,
    );
    expect(JSON.parse(text).items).toEqual(items);
    expect(text).toContain('{"metadata":{"name":"apps"},"versions":[{"version":"v1","freshness":"Stale"}]}');
  });

  it("of the core group makes /api stale", async () => {
    const via = withFaults(memory, { discovery: () => faults.groupUnavailable("") });
    const { text } = await ask("/api", { via, headers: { accept: AGGREGATED } });
    expect(JSON.parse(text).items).toEqual([
      { metadata: {}, versions: [{ version: "v1", freshness: "Stale" }] },
    ]);
  });

  for (const path of [
    "/apis/apps/v1",
    "/apis/apps/v1/deployments",
    "/apis/apps/v1/namespaces/t/deployments/a",
  ]) {
    it(`answers for the backend: ${path}`, async () => {
      const { response, text } = await ask(path);
      expect([response.status, text]).toEqual([503, "service unavailable\n"]);
    });
  }

  for (const path of ["/api", "/apis", "/apis/apps", "/apis/batch/v1", "/api/v1/pods", "/version"]) {
    it(`leaves alone ${path}`, async () => {
      const { response, text } = await ask(path);
      expect(response.status).toBe(200);
      expect(text).toBe((await ask(path, { via: memory })).text);
    });
  }
});
