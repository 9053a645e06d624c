import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, NoVersionedResourceError, TransportError } from "../../../../lib/kubernetes/errors.ts";
import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../../transports/memory/mod.ts";
import { FakeClock, settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

const id = { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" };

const widget = { group: "example.com", version: "v1", kind: "Widget", namespace: "t", name: "w" };
const orphan = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };

/** What each verb refuses before anything is asked. */
const refused: [
  what: string,
  call: (server: MemoryApiServer) => Promise<unknown>,
  error: { field: string; message: string },
][] = [
  [
    "a creation without a namespace",
    (server) => server.create(orphan),
    { field: "metadata.namespace", message: "Cannot use metadata: ConfigMap is namespaced" },
  ],
  [
    "an update without a namespace",
    (server) => server.update(orphan),
    { field: "metadata.namespace", message: "Cannot use metadata: ConfigMap is namespaced" },
  ],
  [
    "an application without a namespace",
    (server) => server.apply(orphan),
    { field: "metadata.namespace", message: "Cannot use metadata: ConfigMap is namespaced" },
  ],
  [
    "a creation without a kind",
    (server) => server.create({ apiVersion: "v1", metadata: id }),
    { field: "kind", message: "Cannot identify the object: it has no kind" },
  ],
  [
    "a creation without an apiVersion",
    (server) => server.create({ kind: "ConfigMap", metadata: id }),
    { field: "apiVersion", message: "Cannot identify the object: it has no apiVersion" },
  ],
  [
    "an update without a name",
    (server) => server.update({ ...orphan, metadata: { namespace: "t" } }),
    { field: "metadata.name", message: "Cannot identify the object: it has no metadata.name" },
  ],
  [
    "an application without a name",
    (server) => server.apply({ ...orphan, metadata: { namespace: "t" } }),
    { field: "metadata.name", message: "Cannot identify the object: it has no metadata.name" },
  ],
  [
    "a get without a namespace",
    (server) => server.get({ ...id, namespace: undefined }),
    { field: "namespace", message: 'ConfigMap is namespaced; give the namespace of "a"' },
  ],
  [
    "a deletion by selector",
    (server) => server.delete({ ...id, name: undefined, selector: "x=1" }),
    { field: "selector", message: "a get takes a name" },
  ],
  [
    "a patch without a name",
    (server) => server.patch({ ...id, name: "" }, {}),
    { field: "name", message: "give a name or a selector" },
  ],
  [
    "a list of one name",
    (server) => server.list(id),
    { field: "name", message: "a list takes a selector; use get for a name" },
  ],
];

/** What the server itself refuses: the error names the object. */
const answered: [call: (server: MemoryApiServer) => Promise<unknown>, message: string][] = [
  [
    (server) => server.create(configMap("b")),
    'Cannot create ConfigMap t/b: configmaps "b" already exists (409)',
  ],
  [(server) => server.update(configMap("a")), 'Cannot update ConfigMap t/a: configmaps "a" not found (404)'],
  [(server) => server.patch(id, {}), 'Cannot patch ConfigMap t/a: configmaps "a" not found (404)'],
  [
    (server) => server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name: "t" } }),
    'Cannot create Namespace t: namespaces "t" already exists (409)',
  ],
  [
    (server) => server.create({ ...orphan, metadata: { namespace: "t" } }),
    'Cannot create ConfigMap t/(unnamed): ConfigMap "" is invalid: metadata.name',
  ],
  [
    (server) => server.apply(configMap("b", { data: { k: "mine" } }), { fieldManager: "other" }),
    "Cannot apply ConfigMap t/b: Apply failed with 1 conflict",
  ],
  [
    (server) => server.list({ ...widget, name: undefined }),
    "Cannot find a resource for example.com/v1 Widget",
  ],
  [(server) => server.get(widget), "Cannot find a resource for example.com/v1 Widget"],
];

describe("MemoryApiServer", () => {
  for (const [what, call, { field, message }] of refused) {
    it(`refuses ${what}, as an ApiClient does`, async () => {
      const { server } = await world();
      const error: Error = await call(server).then(
        () => new Error("it was not refused"),
        (why) => why,
      );
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect(error.message).toContain(message);
    });
  }

  for (const [call, message] of answered) {
    it(`says: ${message}`, async () => {
      const { server } = await world();
      await server.create(configMap("b", { data: { k: "v" } }));
      const error: Error = await call(server).then(
        () => new Error("it was not refused"),
        (why) => why,
      );
      expect(error.message).toContain(message);
    });
  }

  it("creates under a generated name", async () => {
    const { server } = await world();
    const metadata = { generateName: "a-", namespace: "t" };
    const created = await server.create<KubernetesObject>({ apiVersion: "v1", kind: "ConfigMap", metadata });
    expect(created.metadata?.name).toMatch(/^a-.{5}$/);
  });

  it("applies, in a name of its own or another's, and takes fields from others by force", async () => {
    const { server } = await world();
    const first = await server.apply(configMap("a", { data: { k: "v" } }));
    expect(first.metadata?.managedFields).toMatchObject([
      { manager: "memory-api-server", operation: "Apply" },
    ]);
    const other = { fieldManager: "other", force: true };
    const second = await server.apply(configMap("a", { data: { k: "w", l: "x" } }), other);
    expect(second.data).toEqual({ k: "w", l: "x" });
    expect((await server.apply(configMap("a"), { fieldManager: "other" })).data).toBeUndefined();
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "t" } };
    await server.create({ ...pod, spec: { containers: [{ name: "main", image: "nginx" }] } });
    await server.apply({ ...pod, status: { phase: "Running" } }, { subresource: "status" });
    const { status } = (await server.get<{ status?: object }>({ ...id, kind: "Pod", name: "p" })) ?? {};
    expect(status).toEqual({ phase: "Running" });
  });

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
