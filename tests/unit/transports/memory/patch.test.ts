import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, definition, JSON_PATCH, JSON_TYPE, MERGE_PATCH, world } from "./exchange.ts";

describe("patchObject", () => {
  it("applies a merge patch", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { labels: { x: "1" }, data: { a: "1", b: "2" } }));
    const body = { metadata: { labels: null, creationTimestamp: null }, data: { b: null, c: "3" } };
    const { status, json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: MERGE_PATCH, body });
    expect([status, json.data, json.metadata.labels]).toEqual([200, { a: "1", c: "3" }, undefined]);
    expect([json.metadata.resourceVersion, json.metadata.creationTimestamp]).toEqual([
      "7",
      "2026-11-22T14:05:15Z",
    ]);
  });

  it("applies a JSON Patch", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { data: { a: "1" } }));
    const { json } = await send(`PATCH ${CONFIG_MAPS}/a`, {
      type: `${JSON_PATCH}; charset=utf-8`,
      body: [
        { op: "test", path: "/data/a", value: "1" },
        { op: "add", path: "/metadata/labels", value: { x: "1" } },
        { op: "move", from: "/data/a", path: "/data/b" },
      ],
    });
    expect([json.data, json.metadata.labels]).toEqual([{ b: "1" }, { x: "1" }]);
  });

  it("gives no new version for a patch that changes nothing", async () => {
    const { send, server } = await world();
    await server.create(configMap("a", { data: { a: "1" } }));
    const { json } = await send(`PATCH ${CONFIG_MAPS}/a`, { type: MERGE_PATCH, body: { data: { a: "1" } } });
    expect(json.metadata.resourceVersion).toBe("6");
  });

  const rejected = "the server rejected our request due to an error in our request";
  const refusals: [type: string, body: unknown, status: number, reason: string, message: string][] = [
    [JSON_PATCH, [{ op: "test", path: "/data/a", value: "2" }], 422, "Invalid", rejected],
    [JSON_PATCH, [{ op: "remove", path: "/data/zz" }], 422, "Invalid", rejected],
    [JSON_PATCH, [{ op: "bad", path: "/data/a" }], 422, "Invalid", rejected],
    [
      JSON_PATCH,
      {},
      400,
      "BadRequest",
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    ],
    [
      MERGE_PATCH,
      [],
      400,
      "BadRequest",
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
    [MERGE_PATCH, "{bad", 400, "BadRequest", "error decoding patch: the body is no JSON"],
    [
      MERGE_PATCH,
      { metadata: { resourceVersion: "1" } },
      409,
      "Conflict",
      'Operation cannot be fulfilled on configmaps "a": the object has been modified; please apply your changes to the latest version and try again',
    ],
    [
      MERGE_PATCH,
      { metadata: { name: "b" } },
      400,
      "BadRequest",
      "the name of the object (b) does not match the name on the URL (a)",
    ],
    [
      MERGE_PATCH,
      { metadata: { namespace: "b" } },
      400,
      "BadRequest",
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [
      MERGE_PATCH,
      { metadata: { uid: "b" } },
      422,
      "Invalid",
      'ConfigMap "a" is invalid: metadata.uid: Invalid value: "b": field is immutable',
    ],
    [JSON_TYPE, {}, 415, "UnsupportedMediaType", "415: Unsupported Media Type"],
    [
      "application/strategic-merge-patch+json",
      {},
      415,
      "UnsupportedMediaType",
      "the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml",
    ],
  ];
  for (const [type, body, status, reason, message] of refusals) {
    it(`answers ${status} to ${type} ${JSON.stringify(body)}, and changes nothing`, async () => {
      const { send, server } = await world();
      await server.create(configMap("a", { data: { a: "1" } }));
      const { json, ...answer } = await send(`PATCH ${CONFIG_MAPS}/a`, { type, body });
      expect([answer.status, json.reason, json.message]).toEqual([status, reason, message]);
      expect((await send(`GET ${CONFIG_MAPS}/a`)).json.metadata.resourceVersion).toBe("6");
    });
  }

  it("answers 404 where there is no object", async () => {
    const { send } = await world();
    const { status, json } = await send(`PATCH ${CONFIG_MAPS}/zz`, { type: MERGE_PATCH, body: {} });
    expect([status, json.message]).toEqual([404, 'configmaps "zz" not found']);
  });

  it("keeps the version and the generation of a custom object that is patched in another served version", async () => {
    const { server } = await world();
    await server.create(definition("Widget", { versions: ["v1", "v1beta1"] }));
    const id = { group: "example.com", kind: "Widget", namespace: "t", name: "w" };
    await server.create({
      ...{ apiVersion: "example.com/v1", kind: "Widget", metadata: { name: "w", namespace: "t" } },
      spec: { x: 1 },
    });
    const before = await server.get({ ...id, version: "v1" });
    const patched = await server.patch({ ...id, version: "v1beta1" }, { spec: { x: 1 } });
    expect(patched).toEqual({ ...before, apiVersion: "example.com/v1beta1" });
  });
});
