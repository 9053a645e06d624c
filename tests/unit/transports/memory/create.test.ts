import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, DEPLOYMENTS, exchange, world } from "./exchange.ts";

const UID = "[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}";

describe("createObject", () => {
  it("answers 201 with the object in the order of its type, escaped as Go does", async () => {
    const { send } = await world();
    const { status, headers, text } = await send(`POST ${CONFIG_MAPS}`, {
      body: {
        data: { z: "<&>", k: "v" },
        metadata: { labels: { y: "2", x: "1" }, name: "a", annotations: {} },
      },
    });
    expect(status).toBe(201);
    expect(headers.get("Content-Type")).toBe("application/json");
    expect(text).toMatch(
      new RegExp(
        `^{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"a","namespace":"t","uid":"${UID}",` +
          `"resourceVersion":"6","creationTimestamp":"2026-11-22T14:05:15Z","labels":{"x":"1","y":"2"},` +
          `"managedFields":\\[.*\\]},"data":{"k":"v","z":"\\\\u003c\\\\u0026\\\\u003e"}}\n$`,
      ),
    );
  });

  it("takes all revisions from one counter", async () => {
    const { server } = await world();
    const versions: (string | undefined)[] = [];
    for (const kind of ["ConfigMap", "Secret", "ConfigMap"]) {
      const metadata = { name: `n${versions.length}`, namespace: "t" };
      const created = await server.create({ apiVersion: "v1", kind, metadata });
      versions.push((created as { metadata: { resourceVersion?: string } }).metadata.resourceVersion);
    }
    expect(versions).toEqual(["6", "7", "8"]);
  });

  it("takes uids and generated names from the given randomness", async () => {
    const names: unknown[] = [];
    for (const random of [() => 0, () => 0, () => 0.99]) {
      const { send } = await world({ random });
      const { json } = await send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: "g-" } } });
      names.push([json.metadata.name, json.metadata.generateName, json.metadata.uid]);
    }
    expect(names).toEqual([
      ["g-bbbbb", "g-", "00000000-0000-4000-8000-000000000000"],
      ["g-bbbbb", "g-", "00000000-0000-4000-8000-000000000000"],
      ["g-99999", "g-", "ffffffff-ffff-4fff-8fff-ffffffffffff"],
    ]);
  });

  it("looks for another name where the generated one is taken, and gives up where all are", async () => {
    let next = 0;
    const { send } = await world({ random: () => next });
    const create = () => send(`POST ${CONFIG_MAPS}`, { body: { metadata: { generateName: "g-" } } });
    expect((await create()).json.metadata.name).toBe("g-bbbbb");
    expect((await create()).status).toBe(409);
    next = 0.5;
    expect((await create()).status).toBe(201);
  });

  it("ignores what only the server sets", async () => {
    const { send } = await world();
    const metadata = {
      ...{ name: "a", uid: "mine", creationTimestamp: "2001-01-01T00:00:00Z", selfLink: "x" },
      ...{ deletionTimestamp: "2001-01-01T00:00:00Z", deletionGracePeriodSeconds: 5 },
    };
    const { json } = await send(`POST ${CONFIG_MAPS}`, { body: { metadata } });
    const { uid, ...rest } = json.metadata;
    expect(uid).not.toBe("mine");
    expect(rest).toEqual({
      ...{ name: "a", namespace: "t", resourceVersion: "6", creationTimestamp: "2026-11-22T14:05:15Z" },
    });
  });

  it("starts a Deployment at generation 1 and without the status that was sent", async () => {
    const { send } = await world();
    const body = { metadata: { name: "d" }, spec: { replicas: 2 }, status: { replicas: 5 } };
    const { json } = await send(`POST ${DEPLOYMENTS}`, { body });
    expect([json.metadata.generation, json.spec, json.status]).toEqual([1, { replicas: 2 }, {}]);
  });

  it("gives a namespace its label, finalizer and phase", async () => {
    const { send } = await world();
    const { json } = await send("POST /api/v1/namespaces", { body: { metadata: { name: "n" } } });
    expect(json.metadata.labels).toEqual({ "kubernetes.io/metadata.name": "n" });
    expect([json.spec, json.status]).toEqual([{ finalizers: ["kubernetes"] }, { phase: "Active" }]);
  });

  it("stores a Secret's stringData as data", async () => {
    const { send } = await world();
    const body = { metadata: { name: "s" }, data: { a: "MQ==" }, stringData: { b: "é" } };
    const { text } = await send("POST /api/v1/namespaces/t/secrets", { body });
    expect(text).toContain('"data":{"a":"MQ==","b":"w6k="},"type":"Opaque"}');
    expect(text).not.toContain("stringData");
  });

  it("does nothing on a dry run, and answers without a resource version", async () => {
    const { send, server } = await world();
    const { status, json } = await send(`POST ${CONFIG_MAPS}?dryRun=All`, {
      body: { metadata: { name: "a" } },
    });
    expect([status, json.metadata.name, json.metadata.resourceVersion]).toEqual([201, "a", undefined]);
    expect(await server.get({ version: "v1", kind: "ConfigMap", namespace: "t", name: "a" })).toBeUndefined();
  });

  it("answers who is asking, and stores nothing", async () => {
    const { server } = await world();
    const { json } = await exchange(
      server.transport("alice"),
      "POST /apis/authentication.k8s.io/v1/selfsubjectreviews",
      { body: {} },
    );
    expect(json.status).toEqual({ userInfo: { username: "alice", groups: ["system:authenticated"] } });
  });

  it("says of a taken name that its object is being deleted, as the API server does", async () => {
    const { send, server } = await world();
    const held = configMap("a");
    await server.create({ ...held, metadata: { ...held.metadata, finalizers: ["example.com/held"] } });
    await server.delete({ version: "v1", kind: "ConfigMap", namespace: "t", name: "a" });
    const { status, json } = await send(`POST ${CONFIG_MAPS}`, { body: configMap("a") });
    expect([status, json.message]).toEqual([409, 'object is being deleted: configmaps "a" already exists']);
  });

  const refusals: [call: string, body: unknown, status: number, message: string, details: unknown][] = [
    [
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: "taken" } },
      409,
      'configmaps "taken" already exists',
      { name: "taken", kind: "configmaps" },
    ],
    [
      "POST /api/v1/namespaces/nope/configmaps",
      { metadata: { name: "a" } },
      404,
      'namespaces "nope" not found',
      { name: "nope", kind: "namespaces" },
    ],
    [
      `POST ${CONFIG_MAPS}`,
      { metadata: {} },
      422,
      'ConfigMap "" is invalid: metadata.name: Required value: name or generateName is required',
      {
        kind: "ConfigMap",
        causes: [
          {
            reason: "FieldValueRequired",
            message: "Required value: name or generateName is required",
            field: "metadata.name",
          },
        ],
      },
    ],
    [
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: "a", namespace: "other" } },
      400,
      "the namespace of the provided object does not match the namespace sent on the request",
      undefined,
    ],
    [
      `POST ${CONFIG_MAPS}`,
      { metadata: { name: "a", resourceVersion: "5" } },
      500,
      "resourceVersion should not be set on objects to be created",
      undefined,
    ],
    [
      `POST ${CONFIG_MAPS}`,
      "",
      400,
      "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)",
      undefined,
    ],
    [
      "POST /api/v1/configmaps",
      { metadata: { name: "a" } },
      405,
      "the server does not allow this method on the requested resource",
      {},
    ],
    [
      "POST /api/v1/namespaces",
      { metadata: { name: "a.b" } },
      422,
      'Namespace "a.b" is invalid: metadata.name: Invalid value: "a.b": must not contain dots',
      {
        name: "a.b",
        kind: "Namespace",
        causes: [
          {
            reason: "FieldValueInvalid",
            message: 'Invalid value: "a.b": must not contain dots',
            field: "metadata.name",
          },
        ],
      },
    ],
  ];
  for (const [call, body, status, message, details] of refusals) {
    it(`answers ${status} to ${call} of ${JSON.stringify(body)}`, async () => {
      const { send, server } = await world();
      await server.create(configMap("taken"));
      const answer = await send(call, { body });
      expect([answer.status, answer.json.code]).toEqual([status, status]);
      expect(answer.json.message).toBe(message);
      expect(answer.json.details).toEqual(details);
    });
  }

  for (const [field, value] of Object.entries({
    name: 5,
    labels: { a: 1 },
    annotations: [],
    finalizers: ["a", 2],
  })) {
    it(`refuses metadata.${field} of a wrong type`, async () => {
      const { send } = await world();
      const { status, json } = await send(`POST ${CONFIG_MAPS}`, {
        body: { metadata: { name: "a", [field]: value } },
      });
      expect(status).toBe(400);
      expect(json.message).toContain(`ObjectMeta.metadata.${field}`);
    });
  }

  it("takes null in metadata for absent", async () => {
    const { send } = await world();
    const metadata = { name: "a", namespace: null, labels: null, finalizers: null };
    expect((await send(`POST ${CONFIG_MAPS}`, { body: { metadata } })).status).toBe(201);
  });

  it("answers 415 to another media type", async () => {
    const { send } = await world();
    const { status, json } = await send(`POST ${CONFIG_MAPS}`, { type: "text/plain", body: "{}" });
    expect([status, json.reason]).toEqual([415, "UnsupportedMediaType"]);
  });

  it("creates nothing in a namespace that is being deleted", async () => {
    const { send, server } = await world();
    await server.delete({ version: "v1", kind: "Namespace", name: "t" });
    const { status, json } = await send(`POST ${CONFIG_MAPS}`, { body: { metadata: { name: "x" } } });
    expect(status).toBe(403);
    expect(json.message).toBe(
      'configmaps "x" is forbidden: unable to create new content in namespace t because it is being terminated',
    );
    expect(json.details.causes).toEqual([
      {
        reason: "NamespaceTerminating",
        message: "namespace t is being terminated",
        field: "metadata.namespace",
      },
    ]);
  });
});
