import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, NoVersionedResourceError, TransportError } from "../../../../lib/kubernetes/errors.ts";
import { memoryApiServer } from "../../../../transports/memory/mod.ts";
import { FakeClock, settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

const id = { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" };

describe("MemoryApiServer", () => {
  it("begins with the namespaces that every cluster has, and no timer", async () => {
    const clock = new FakeClock();
    const namespaces = await memoryApiServer({ clock }).list({ version: "v1", kind: "Namespace" });
    expect(namespaces.map(({ metadata }) => metadata?.name)).toEqual([
      ...["default", "kube-node-lease", "kube-public", "kube-system"],
    ]);
    expect(clock.pending).toBe(0);
  });

  it("creates, reads, updates, patches, lists and deletes", async () => {
    const { server } = await world();
    const created = await server.create(configMap("a", { labels: { x: "1" } }));
    await server.update({ ...created, data: { k: "v" } });
    await server.patch(id, { data: { l: "w" } });
    const patched = await server.patch(id, [{ op: "remove", path: "/data/k" }]);
    expect(patched.data).toEqual({ l: "w" });
    expect(await server.get(id)).toEqual(patched);
    expect(await server.list({ ...id, name: undefined, selector: "x=1" })).toEqual([patched]);
    expect(await server.list({ ...id, name: undefined, selector: "x=2" })).toEqual([]);
    expect([await server.delete(id), await server.delete(id), await server.get(id)]).toEqual([
      true,
      false,
      undefined,
    ]);
  });

  it("does not freeze what it is given, and hands out copies", async () => {
    const { server } = await world();
    const object = configMap("a", { data: { k: "v" } });
    const created = await server.create(object);
    object.data = { k: "mine" };
    Object.assign(created, { data: { k: "yours" } });
    expect((await server.get(id))?.data).toEqual({ k: "v" });
  });

  it("rejects with an ApiError, and for a kind that it does not serve with a NoVersionedResourceError", async () => {
    const { server } = await world();
    await server.create(configMap("a"));
    const error = await server.create(configMap("a")).catch((error) => error);
    expect(error).toBeInstanceOf(ApiError);
    expect([error.status, error.reason]).toEqual([409, "AlreadyExists"]);
    const gone = server.get({ group: "example.com", version: "v1", kind: "Widget", name: "w" });
    await expect(gone).rejects.toBeInstanceOf(NoVersionedResourceError);
  });

  it("remembers what came by transports, refused requests too, and not its own", async () => {
    const { server } = await world();
    const transport = server.transport("alice");
    await transport.request({ method: "GET", path: "/version?x=1" });
    server.down = true;
    await transport.request({ method: "GET", path: "/api" }).catch(() => {});
    expect(server.requests).toEqual([
      { method: "GET", path: "/version?x=1", user: "alice" },
      { method: "GET", path: "/api", user: "alice" },
    ]);
  });

  it("refuses connections while it is down; open watches and its own verbs go on", async () => {
    const { server, transport } = await world();
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1`);
    server.down = true;
    const error = await transport.request({ method: "GET", path: "/version" }).catch((error) => error);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.cause).toBeInstanceOf(Error);
    await server.create(configMap("a"));
    expect(watch.told).toEqual(["ADDED a"]);
    server.down = false;
    expect((await transport.request({ method: "GET", path: "/version" })).status).toBe(200);
    watch.abort();
  });

  it("ends watches cleanly, and counts those that are open", async () => {
    const { server, transport } = await world();
    const watches = [
      await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1`),
      await OpenWatch.open(server.transport("alice"), "/api/v1/pods?watch=1"),
    ];
    expect(server.openWatches).toBe(2);
    server.endWatches();
    await settle();
    expect(watches.map(({ end }) => end)).toEqual([{}, {}]);
    expect(server.openWatches).toBe(0);
  });

  it("breaks every connection like a crash, also of requests that wait", async () => {
    const clock = new FakeClock();
    const { server, transport } = await world({ clock });
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1`);
    const waiting = transport.request({ method: "GET", path: `${CONFIG_MAPS}?resourceVersion=99` });
    await settle();
    server.dropConnections();
    await expect(waiting).rejects.toBeInstanceOf(TransportError);
    await settle();
    expect(watch.end?.error).toBeInstanceOf(TransportError);
    expect([server.openWatches, clock.pending]).toEqual([0, 0]);
  });

  it("makes every version from before stale by a restart, the last one too", async () => {
    const { server, transport } = await world();
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=5`);
    server.restart();
    await settle();
    expect(watch.end?.error).toBeInstanceOf(TransportError);
    const again = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=5`);
    expect(again.frames[0]?.object.message).toBe("too old resource version: 5 (6)");
    const fresh = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=6`);
    expect(fresh.end).toBeUndefined();
    fresh.abort();
  });
});
