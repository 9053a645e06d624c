import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Transport } from "../../../../lib/protocol/transport.ts";
import { settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, definition, world } from "./exchange.ts";

const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";
const METADATA = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1";

/** The frames that a watch has told by now. */
async function watched(transport: Transport, path: string, accept: string) {
  const controller = new AbortController();
  const { signal } = controller;
  const response = await transport.request({
    method: "GET",
    path,
    headers: { accept },
    stream: true,
    signal,
  });
  const chunks: Uint8Array[] = [];
  (async () => {
    for await (const chunk of response.body) chunks.push(chunk);
  })().catch(() => {});
  return {
    chunks,
    frames: () => {
      const decoder = new TextDecoder();
      const text = chunks.map((chunk) => decoder.decode(chunk, { stream: true })).join("");
      return text
        .split("\n")
        .slice(0, -1)
        .map((line) => JSON.parse(line));
    },
    stop: () => controller.abort(),
  };
}

describe("inForm", () => {
  it("tells ages by the server's own calendar", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { server, send } = await world({ wallClock: () => new Date(now) });
    await server.create(configMap("a"));
    now += 3 * 3_600_000;
    const { json } = await send(`GET ${CONFIG_MAPS}`, { headers: { accept: TABLE } });
    expect((json.rows as { cells: unknown[] }[])[0]?.cells).toEqual(["a", 0, "3h"]);
  });

  it("shows a kind without columns of its own by name and age", async () => {
    const { server, send } = await world();
    await server.create(definition("Widget", { scope: "Cluster" }));
    const metadata = { name: "w" };
    await server.create({ apiVersion: "example.com/v1", kind: "Widget", metadata });
    for (const path of ["/apis/example.com/v1/widgets", "/api/v1/namespaces/t/serviceaccounts"]) {
      const { json } = await send(`GET ${path}`, { headers: { accept: TABLE } });
      expect((json.columnDefinitions as { name: string }[]).map(({ name }) => name)).toEqual(["Name", "Age"]);
    }
  });

  it("leaves errors and the Status of a deletion as they are", async () => {
    const { server, send } = await world();
    await server.create(configMap("a"));
    const headers = { accept: TABLE };
    expect((await send(`DELETE ${CONFIG_MAPS}/a`, { headers })).json.kind).toBe("Status");
    expect((await send(`DELETE ${CONFIG_MAPS}/a`, { headers })).json.reason).toBe("NotFound");
  });
});

describe("eventForm", () => {
  it("makes a frame of metadata once for all watches, and no table twice", async () => {
    const { server, transport } = await world();
    const path = `${CONFIG_MAPS}?watch=1&resourceVersion=5`;
    const metadata = [await watched(transport, path, METADATA), await watched(transport, path, METADATA)];
    const tables = [await watched(transport, path, TABLE), await watched(transport, path, TABLE)];
    const plain = await watched(transport, path, "application/json");
    await server.create(configMap("a", { data: { k: "v" } }));
    await settle();
    expect(metadata[0]?.chunks[0]).toBe(metadata[1]?.chunks[0]);
    expect(plain.frames()[0].object.data).toEqual({ k: "v" });
    for (const table of tables) {
      expect(table.frames()[0].object.columnDefinitions).toHaveLength(3);
      expect(table.frames()[0].object.rows[0].cells).toEqual(["a", 1, "0s"]);
    }
    for (const watch of [...metadata, ...tables, plain]) watch.stop();
    expect(server.openWatches).toBe(0);
  });

  it("shows what leaves a selector as it was", async () => {
    const { server, transport } = await world();
    await server.create(configMap("a", { labels: { x: "1" } }));
    const watch = await watched(transport, `${CONFIG_MAPS}?watch=1&labelSelector=x%3D1`, METADATA);
    await server.patch(
      { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" },
      { metadata: { labels: { x: "2" } } },
    );
    await settle();
    const [, left] = watch.frames();
    expect([left.type, left.object.metadata.labels, left.object.metadata.resourceVersion]).toEqual([
      ...["DELETED", { x: "1" }, "7"],
    ]);
    watch.stop();
  });
});
