import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, definition, JSON_PATCH, MERGE_PATCH, world } from "./exchange.ts";

describe("a patch, as the API server reads it", () => {
  const patches: [what: string, operation: object, data: object | undefined][] = [
    [
      "copies null from a member that is not there",
      { op: "copy", from: "/data/x", path: "/data/b" },
      { a: "1", b: "" },
    ],
    ["finds null where there is nothing", { op: "test", path: "/data/x", value: null }, { a: "1" }],
    ["adds null where no value is given", { op: "add", path: "/data/b" }, { a: "1", b: "" }],
  ];
  for (const [what, operation, data] of patches) {
    it(what, async () => {
      const { send, server } = await world();
      await server.create(configMap("a", { data: { a: "1" } }));
      const { status, json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: JSON_PATCH, body: [operation] });
      expect([status, json.data]).toEqual([200, data]);
    });
  }

  it("takes nulls out of a list, unless that takes the place of an object", async () => {
    const { send, server } = await world();
    await server.create(definition("Widget"));
    const widgets = "/apis/example.com/v1/namespaces/t/widgets";
    const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" }, one: {} };
    await send(`POST ${widgets}`, { body });
    const list = [{ x: null, y: 1 }];
    const { json } = await send(`PATCH ${widgets}/a`, { type: MERGE_PATCH, body: { one: list, two: list } });
    expect([json.one, json.two]).toEqual([list, [{ y: 1 }]]);
  });

  it("that is null, as a list of operations, changes nothing", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const { status, json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: JSON_PATCH, body: "null" });
    expect([status, json.metadata.resourceVersion]).toEqual([200, "6"]);
  });

  it("may not give an object another uid, which is told with all else that is wrong", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const { json } = await send(`PATCH ${CONFIG_MAPS}/a`, {
      type: MERGE_PATCH,
      body: { metadata: { uid: "1" }, data: { "..x": "1" } },
    });
    expect(json.message).toContain('metadata.uid: Invalid value: "1": field is immutable, data[..x]:');
  });
});

describe("a page, as the API server cuts it", () => {
  it("goes on where objects are left, though none of them is selected", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { labels: { x: "1" } }));
    await server.create(configMap("b"));
    const { json } = await send(`GET ${CONFIG_MAPS}?labelSelector=x&limit=1`);
    expect([json.items.length, json.metadata.continue === undefined]).toEqual([1, false]);
  });

  it("of one name is the only one", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    await server.create(configMap("b"));
    const { json } = await send(`GET ${CONFIG_MAPS}?fieldSelector=metadata.name%3Da&limit=1`);
    expect([json.items.length, json.metadata.continue]).toEqual([1, undefined]);
  });

  it("bounds what a DELETE of the collection deletes", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    await server.create(configMap("b"));
    const { json } = await send(`DELETE ${CONFIG_MAPS}?limit=1`);
    expect([json.items.length, json.metadata.remainingItemCount]).toEqual([1, 1]);
    expect((await send(`GET ${CONFIG_MAPS}`)).json.items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
  });
});

describe("an answer, as the API server gives it", () => {
  it("of a taken name tells that none could be generated, where both are given", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    const { json } = await send(`POST ${CONFIG_MAPS}`, {
      body: { metadata: { name: "a", generateName: "g-" } },
    });
    expect(json.message).toBe(
      'configmaps "a" already exists, the server was not able to generate a unique name for the object',
    );
  });

  it("of a deleted Service is the Service", async () => {
    const { send } = await world();
    const services = "/api/v1/namespaces/t/services";
    await send(`POST ${services}`, { body: { metadata: { name: "a" } } });
    expect((await send(`DELETE ${services}/a`)).json.kind).toBe("Service");
  });

  it("to a PUT of a Role that is not there is the Role", async () => {
    const { send } = await world();
    const path = "/apis/rbac.authorization.k8s.io/v1/namespaces/t/roles/a";
    const { status, json } = await send(`PUT ${path}`, { body: { metadata: { name: "a" } } });
    expect([status, json.kind]).toEqual([201, "Role"]);
  });

  it("to a PUT without generateName has none", async () => {
    const { send } = await world();
    const made = await send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: "g-" } } });
    const { name } = made.json.metadata;
    const { json } = await send(`PUT ${CONFIG_MAPS}/${name}`, { body: { metadata: { name } } });
    expect([made.json.metadata.generateName, json.metadata.generateName]).toEqual(["g-", undefined]);
  });

  it("to an applied status of null has none", async () => {
    const { send, server } = await world();
    await server.create(definition("Widget", { status: true }));
    const path = "/apis/example.com/v1/namespaces/t/widgets";
    const body = { apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "a" } };
    await send(`POST ${path}`, { body });
    const type = "application/apply-patch+yaml";
    const applied = { type, body: { ...body, status: null } };
    const { status, json } = await send(`PATCH ${path}/a/status?fieldManager=m`, applied);
    expect([status, "status" in json]).toEqual([200, false]);
  });

  it("keeps the finalizers of a namespace that a PUT leaves out", async () => {
    const { send } = await world();
    await send("PUT /api/v1/namespaces/t", { body: { metadata: { name: "t" } } });
    const { json } = await send("GET /api/v1/namespaces/t");
    expect(json.spec).toEqual({ finalizers: ["kubernetes"] });
  });
});
