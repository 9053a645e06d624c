import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, DEPLOYMENTS, definition, world } from "./exchange.ts";

const LEASES = "/apis/coordination.k8s.io/v1/namespaces/t/leases";

describe("updateObject", () => {
  it("replaces the object, keeps what only the server sets, and gives it the next version", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { labels: { x: "1" }, data: { k: "v" } }));
    const before = (await send(`GET ${CONFIG_MAPS}/a`)).json;
    const metadata = {
      name: "a",
      uid: before.metadata.uid,
      creationTimestamp: null,
      annotations: { n: "1" },
    };
    const { status, json } = await send(`PUT ${CONFIG_MAPS}/a`, { body: { metadata, data: { k: "w" } } });
    expect(status).toBe(200);
    const { labels: _, managedFields: _before, ...kept } = before.metadata;
    const { managedFields: _after, ...after } = json.metadata;
    expect(after).toEqual({ ...kept, resourceVersion: "7", annotations: { n: "1" } });
    expect(json.data).toEqual({ k: "w" });
  });

  it("takes a PUT that changes nothing without a new version, whatever the order of its keys", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { data: { a: "1", b: "2" } }));
    const { json } = await send(`PUT ${CONFIG_MAPS}/a`, {
      body: { data: { b: "2", a: "1" }, metadata: { labels: {}, name: "a" } },
    });
    expect(json.metadata.resourceVersion).toBe("6");
    expect((await send(`GET ${CONFIG_MAPS}`)).json.metadata.resourceVersion).toBe("6");
  });

  const refusals: [path: string, metadata: object, status: number, message: string | RegExp][] = [
    [
      `${CONFIG_MAPS}/a`,
      { name: "b" },
      400,
      "the name of the object (b) does not match the name on the URL (a)",
    ],
    [
      `${CONFIG_MAPS}/a`,
      {},
      400,
      "the name of the object (a based on URL) was undeterminable: name must be provided",
    ],
    [
      `${CONFIG_MAPS}/a`,
      { name: "a", namespace: "u" },
      400,
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      `${CONFIG_MAPS}/a`,
      { name: "a", resourceVersion: "1" },
      409,
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      `${CONFIG_MAPS}/a`,
      { name: "a", resourceVersion: "x" },
      500,
      'strconv.ParseUint: parsing "x": invalid syntax',
    ],
    [
      `${CONFIG_MAPS}/a`,
      { name: "a", uid: "x" },
      409,
      /^Operation cannot be fulfilled on configmaps "a": StorageError: invalid object, Code: 4, Key: \/registry\/configmaps\/t\/a, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: x, UID in object meta: [-0-9a-f]{36}$/,
    ],
    ["/api/v1/nodes/n", { name: "n", uid: "x" }, 409, /, Key: \/registry\/minions\/n, /],
    [`${CONFIG_MAPS}/zz`, { name: "zz" }, 404, 'configmaps "zz" not found'],
    [CONFIG_MAPS, { name: "a" }, 405, "the server does not allow this method on the requested resource"],
    [
      `${LEASES}/l`,
      { name: "l" },
      422,
      'leases.coordination.k8s.io "l" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    ],
  ];
  for (const [path, metadata, status, message] of refusals) {
    it(`answers ${status} to ${path} with ${JSON.stringify(metadata)}`, async () => {
      const { send, server } = await world();
      await server.create(configMap("a"));
      await server.create({ apiVersion: "v1", kind: "Node", metadata: { name: "n" } });
      await server.create({
        ...{ apiVersion: "coordination.k8s.io/v1", kind: "Lease" },
        metadata: { name: "l", namespace: "t" },
      });
      const answer = await send(`PUT ${path}`, { body: { metadata } });
      expect(answer.status).toBe(status);
      if (typeof message === "string") expect(answer.json.message).toBe(message);
      else expect(answer.json.message).toMatch(message);
    });
  }

  it("makes a Lease that is not there, and nothing else", async () => {
    const { send } = await world();
    const body = { metadata: { name: "l", resourceVersion: "77" }, spec: { holderIdentity: "x" } };
    const { status, json } = await send(`PUT ${LEASES}/l`, { body });
    expect([status, json.spec]).toEqual([201, { holderIdentity: "x" }]);
  });

  it("wants a resource version for a custom object", async () => {
    const { send, server } = await world();
    await server.create(definition("Widget"));
    const widget = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "t" } };
    await server.create(widget);
    const { status, json } = await send("PUT /apis/example.com/v1/namespaces/t/widgets/w", { body: widget });
    expect([status, json.details.group]).toEqual([422, "example.com"]);
  });

  it("counts a Deployment's generation by spec and annotations", async () => {
    const { server } = await world();
    const id = { group: "apps", version: "v1", kind: "Deployment", namespace: "t", name: "d" };
    await server.create({
      ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d", namespace: "t" } },
      spec: { replicas: 1 },
    });
    const generations: unknown[] = [];
    for (const patch of [
      { metadata: { labels: { a: "1" } } },
      { spec: { replicas: 2 } },
      { metadata: { annotations: { a: "1" } } },
      { status: { replicas: 2 } },
    ]) {
      generations.push((await server.patch(id, patch)).metadata?.generation);
    }
    expect(generations).toEqual([1, 2, 3, 3]);
    expect((await server.get(id))?.status).toEqual({});
  });

  it("takes status only on a Deployment's status path, and annotations with it", async () => {
    const { send, server } = await world();
    const metadata = { name: "d", namespace: "t", labels: { a: "1" } };
    await server.create({ apiVersion: "apps/v1", kind: "Deployment", metadata, spec: { replicas: 1 } });
    const body = {
      ...{ metadata: { name: "d", labels: { a: "2" }, annotations: { n: "1" } } },
      ...{ spec: { replicas: 9 }, status: { replicas: 1 } },
    };
    const { json } = await send(`PUT ${DEPLOYMENTS}/d/status`, { body });
    expect([json.spec, json.status, json.metadata.generation]).toEqual([{ replicas: 1 }, { replicas: 1 }, 1]);
    expect([json.metadata.labels, json.metadata.annotations]).toEqual([{ a: "1" }, { n: "1" }]);
    expect((await send(`GET ${DEPLOYMENTS}/d/status`)).json.status).toEqual({ replicas: 1 });
    expect((await send(`GET ${CONFIG_MAPS}/d/status`)).status).toBe(404);
  });

  it("takes nothing but status on a custom object's status path", async () => {
    const { server } = await world();
    await server.create(definition("Widget", { status: true }));
    const id = { group: "example.com", version: "v1", kind: "Widget", namespace: "t", name: "w" };
    await server.create({
      ...{ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "t" } },
      ...{ spec: { x: 1 }, status: { ignored: true } },
    });
    expect((await server.get(id))?.status).toBeUndefined();
    const patch = { status: { x: 2 }, spec: { x: 3 }, metadata: { annotations: { a: "1" } } };
    const { metadata, spec, status } = await server.patch(id, patch, { subresource: "status" });
    expect([metadata?.generation, metadata?.annotations, spec, status]).toEqual([
      1,
      undefined,
      { x: 1 },
      { x: 2 },
    ]);
  });

  it("changes nothing on a dry run", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const body = { metadata: { name: "a" }, data: { k: "v" } };
    const { json } = await send(`PUT ${CONFIG_MAPS}/a?dryRun=All`, { body });
    expect([json.data, json.metadata.resourceVersion]).toEqual([{ k: "v" }, "6"]);
    expect((await send(`GET ${CONFIG_MAPS}/a`)).json.data).toBeUndefined();
  });
});
