import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, DEPLOYMENTS, MERGE_PATCH, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

describe("deleteObject", () => {
  it("answers a Status that names what is gone", async () => {
    const { send, server } = await world();
    await server.create({
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { name: "d", namespace: "t" },
    });
    const { uid } = (await send(`GET ${DEPLOYMENTS}/d`)).json.metadata;
    const { status, text } = await send(`DELETE ${DEPLOYMENTS}/d`);
    expect(status).toBe(200);
    expect(text).toBe(
      `{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":{"name":"d","group":"apps","kind":"deployments","uid":"${uid}"}}\n`,
    );
    expect((await send(`GET ${DEPLOYMENTS}/d`)).status).toBe(404);
    expect((await send(`DELETE ${DEPLOYMENTS}/d`)).json.message).toBe('deployments.apps "d" not found');
  });

  it("marks an object that finalizers hold, once, and lets it go with the last of them", async () => {
    const { send, server, transport } = await world();
    await server.create(configMap("a", { data: { z: "1" } }));
    await send(`PATCH ${CONFIG_MAPS}/a`, {
      type: MERGE_PATCH,
      body: { metadata: { finalizers: ["x.io/f"] } },
    });
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=7`);

    const marked = (await send(`DELETE ${CONFIG_MAPS}/a`)).json;
    expect(marked.kind).toBe("ConfigMap");
    const { resourceVersion, deletionTimestamp, deletionGracePeriodSeconds } = marked.metadata;
    expect([resourceVersion, deletionTimestamp, deletionGracePeriodSeconds]).toEqual([
      "8",
      "2026-11-22T14:05:15Z",
      0,
    ]);
    expect((await send(`DELETE ${CONFIG_MAPS}/a`)).json).toEqual(marked);

    const more = { metadata: { finalizers: ["x.io/f", "x.io/g"] } };
    const refused = await send(`PATCH ${CONFIG_MAPS}/a`, { type: MERGE_PATCH, body: more });
    expect([refused.status, refused.json.message]).toEqual([
      422,
      'ConfigMap "a" is invalid: metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"x.io/g"}',
    ]);

    const last = await send(`PATCH ${CONFIG_MAPS}/a`, {
      type: MERGE_PATCH,
      body: { metadata: { finalizers: [] } },
    });
    expect([last.json.metadata.resourceVersion, last.json.metadata.finalizers]).toEqual(["8", undefined]);
    expect((await send(`GET ${CONFIG_MAPS}/a`)).status).toBe(404);
    // The frame still shows the finalizer, at the revision of the removal.
    const told = watch.frames.map(({ type, object: { metadata } }) => [
      type,
      metadata.resourceVersion,
      metadata.finalizers,
    ]);
    expect(told).toEqual([
      ["MODIFIED", "8", ["x.io/f"]],
      ["DELETED", "9", ["x.io/f"]],
    ]);
    watch.abort();
  });

  it("shows a Pod as deleting before it goes", async () => {
    const { send, server, transport } = await world();
    await server.create({ apiVersion: "v1", kind: "Pod", metadata: { name: "p", namespace: "t" } });
    const watch = await OpenWatch.open(transport, "/api/v1/pods?watch=1&resourceVersion=6");
    const { json } = await send("DELETE /api/v1/namespaces/t/pods/p");
    expect([json.kind, json.metadata.generation, json.metadata.resourceVersion]).toEqual(["Pod", 2, "8"]);
    expect(watch.told).toEqual(["MODIFIED p", "DELETED p"]);
    expect((await send("GET /api/v1/namespaces/t/pods/p")).status).toBe(404);
    watch.abort();
  });

  it("keeps a namespace Terminating until its finalizers are taken away", async () => {
    const { send } = await world();
    const { json } = await send("DELETE /api/v1/namespaces/t");
    expect([json.status, json.metadata.deletionGracePeriodSeconds]).toEqual([
      { phase: "Terminating" },
      undefined,
    ]);
    const body = { metadata: { name: "t" }, spec: { finalizers: [] } };
    expect((await send("PUT /api/v1/namespaces/t/finalize", { body })).json.spec).toEqual({});
    expect((await send("GET /api/v1/namespaces/t")).status).toBe(404);
  });

  const preconditions: [given: object, message: RegExp][] = [
    [
      { uid: "x" },
      /^Operation cannot be fulfilled on ConfigMap "a": the UID in the precondition \(x\) does not match the UID in record \([-0-9a-f]{36}\)\. The object might have been deleted and then recreated$/,
    ],
    [
      { resourceVersion: "1" },
      /^Operation cannot be fulfilled on ConfigMap "a": the ResourceVersion in the precondition \(1\) does not match the ResourceVersion in record \(6\)\. The object might have been modified$/,
    ],
  ];
  for (const [given, message] of preconditions) {
    it(`answers 409 where ${JSON.stringify(given)} does not hold`, async () => {
      const { send, server } = await world();
      await server.create(configMap("a"));
      const { status, json } = await send(`DELETE ${CONFIG_MAPS}/a`, { body: { preconditions: given } });
      expect(status).toBe(409);
      expect(json.message).toMatch(message);
      expect(json.details).toEqual({ name: "a", kind: "ConfigMap" });
      expect((await send(`GET ${CONFIG_MAPS}/a`)).status).toBe(200);
    });
  }

  it("deletes nothing on a dry run", async () => {
    const { send, server } = await world();
    await server.create(configMap("a"));
    expect((await send(`DELETE ${CONFIG_MAPS}/a?dryRun=All`)).json.status).toBe("Success");
    expect((await send(`GET ${CONFIG_MAPS}/a`)).status).toBe(200);
  });
});

describe("deleteCollection", () => {
  it("deletes what is selected, and answers with it as it was", async () => {
    const { send, server } = await world();
    for (const name of ["a", "b", "c"]) {
      await server.create(configMap(name, { labels: { x: name === "c" ? "2" : "1" } }));
    }
    const { json } = await send(`DELETE ${CONFIG_MAPS}?labelSelector=x%3D1`);
    expect(json.kind).toBe("ConfigMapList");
    expect(json.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
    const left = (await send(`GET ${CONFIG_MAPS}`)).json.items;
    expect(left.map(({ metadata }) => metadata.name)).toEqual(["c"]);
  });
});
