import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, InvalidInputError, NoVersionedResourceError } from "../../../lib/kubernetes/errors.ts";
import { ApiClient, type PatchOptions } from "../../../lib/protocol/api_client.ts";
import type { Transport, TransportRequest } from "../../../lib/protocol/transport.ts";
import { caught } from "../../fixtures/caught.ts";
import { DiscoveryServer } from "../../fixtures/discovery_server.ts";
import { type FakeAnswer, FakeApi, held, rejection, statusBody } from "../../fixtures/fake_api.ts";
import { settle } from "../../fixtures/fake_clock.ts";

/** As a user writes it: an interface without an index signature. */
interface ConfigMap {
  apiVersion: "v1";
  kind: "ConfigMap";
  metadata: { name: string; namespace: string; resourceVersion?: string };
  data?: Record<string, string>;
}

const settings = { version: "v1", kind: "ConfigMap", namespace: "t", name: "settings" };
const node = { version: "v1", kind: "Node", name: "n1" };
const object: ConfigMap = {
  apiVersion: "v1",
  kind: "ConfigMap",
  metadata: { name: "settings", namespace: "t" },
};

function setUp(answer: (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>) {
  const server = new DiscoveryServer({
    v1: [
      { resource: "configmaps", kind: "ConfigMap" },
      { resource: "nodes", kind: "Node", namespaced: false },
    ],
    "apps/v1": [{ resource: "deployments", kind: "Deployment" }],
  });
  const api = new FakeApi((request) => {
    return request.path === "/api" || request.path === "/apis" ? server.answer(request) : answer(request);
  });
  const warnings: string[] = [];
  const logger = { warn: (message: string) => void warnings.push(message), error() {} };
  const client = new ApiClient(api, { logger });
  /** The requests that are no discovery. */
  const calls = () => api.requests.filter(({ path }) => path !== "/api" && path !== "/apis");
  return { server, api, client, calls, warnings };
}

function notFound(name: string): FakeAnswer {
  return statusBody(404, {
    reason: "NotFound",
    message: `configmaps "${name}" not found`,
    details: { name },
  });
}

const pathGone: FakeAnswer = { status: 404, text: "404 page not found\n" };

describe("ApiClient.get", () => {
  it("gives the object, mutable", async () => {
    const { client, calls } = setUp(() => ({ json: { ...object, data: { a: "b" } } }));
    const found = await client.get<ConfigMap>(settings);
    expect(found?.data).toEqual({ a: "b" });
    expect(Object.isFrozen(found)).toBe(false);
    expect(calls().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "GET /api/v1/namespaces/t/configmaps/settings",
    ]);
  });

  it("gives undefined for an object that does not exist", async () => {
    expect(await setUp(() => notFound("settings")).client.get(settings)).toBe(undefined);
  });

  it("rejects for a kind that does not exist", async () => {
    const { client } = setUp(() => pathGone);
    expect(await rejection(client.get({ ...settings, kind: "Nothing" }))).toBeInstanceOf(
      NoVersionedResourceError,
    );
  });

  it("asks discovery again where a path is gone", async () => {
    const { client, server, calls } = setUp(({ path }) =>
      path.endsWith("/maps/settings") ? { json: object } : pathGone,
    );
    server.served.set("v1", [{ resource: "configmaps", kind: "ConfigMap" }]);
    // A 404 for the path says nothing of the object.
    expect(await rejection(client.get(settings))).toMatchObject({ code: "API_ERROR", status: 404 });
    expect(await rejection(client.delete(settings))).toMatchObject({ code: "API_ERROR", status: 404 });
    server.served.set("v1", [{ resource: "maps", kind: "ConfigMap" }]);
    expect(await client.get(settings)).toEqual(object);
    expect(calls().at(-1)?.path).toBe("/api/v1/namespaces/t/maps/settings");
    server.served.set("v1", []);
    expect(await rejection(client.get({ ...settings, name: "gone" }))).toBeInstanceOf(
      NoVersionedResourceError,
    );
  });

  it("drops the namespace of a cluster-scoped kind", async () => {
    const { client, calls } = setUp(() => ({ json: {} }));
    await client.get({ ...node, namespace: "t" });
    await client.get({ ...node, namespace: "" });
    expect(calls().map(({ path }) => path)).toEqual(["/api/v1/nodes/n1", "/api/v1/nodes/n1"]);
  });

  it("rejects with the server's refusal", async () => {
    const { client } = setUp(() => statusBody(403, { reason: "Forbidden", message: "no" }));
    const error = await rejection(client.get(settings));
    expect(error).toBeInstanceOf(ApiError);
    expect((error as Error).message).toBe("Cannot get ConfigMap t/settings: no (403)");
  });

  it("rejects with the reason of an abort", async () => {
    const { client } = setUp(() => held<FakeAnswer>().promise);
    const abort = new AbortController();
    const pending = rejection(client.get(settings, { signal: abort.signal }));
    await settle();
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await pending).toBe(reason);
  });
});

describe("ApiClient.list", () => {
  const list = {
    json: {
      ...{ kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion: "5" } },
      items: [{ metadata: object.metadata }],
    },
  };

  it("gives the objects with their kind", async () => {
    const { client } = setUp(() => list);
    expect(await client.list<ConfigMap>({ version: "v1", kind: "ConfigMap", namespace: "t" })).toEqual([
      object,
    ]);
  });

  const requests: readonly (readonly [string, object, string])[] = [
    ["one namespace", { namespace: "t" }, "/api/v1/namespaces/t/configmaps?limit=500"],
    ["all namespaces", { namespace: "", name: "" }, "/api/v1/configmaps?limit=500"],
    ["a selector", { selector: "a=b" }, "/api/v1/configmaps?labelSelector=a%3Db&limit=500"],
    ["an empty selector", { selector: "" }, "/api/v1/configmaps?limit=500"],
    ["a cluster-scoped kind", { kind: "Node", namespace: "t" }, "/api/v1/nodes?limit=500"],
  ];
  for (const [name, fields, path] of requests) {
    it(`lists ${name}`, async () => {
      const { client, calls } = setUp(() => list);
      await client.list({ version: "v1", kind: "ConfigMap", ...fields });
      expect(calls().map((call) => call.path)).toEqual([path]);
    });
  }
});

describe("ApiClient.create", () => {
  it("posts the object to its collection", async () => {
    const created = { ...object, metadata: { ...object.metadata, resourceVersion: "7" } };
    const { client, calls } = setUp(() => ({ status: 201, json: created }));
    const answer: ConfigMap = await client.create(object);
    expect(answer.metadata.resourceVersion).toBe("7");
    expect(calls()).toEqual([
      {
        ...{ method: "POST", path: "/api/v1/namespaces/t/configmaps", body: JSON.stringify(object) },
        headers: { "content-type": "application/json" },
      },
    ]);
  });

  it("takes an object without a name", async () => {
    const { client, calls } = setUp(() => ({ status: 201, json: object }));
    const metadata = { generateName: "settings-", namespace: "t" };
    await client.create(
      { apiVersion: "v1", kind: "ConfigMap", metadata },
      { fieldManager: "me", dryRun: true },
    );
    expect(calls()[0]?.path).toBe("/api/v1/namespaces/t/configmaps?fieldManager=me&dryRun=All");
  });

  it("rejects with a conflict, naming the object", async () => {
    const { client } = setUp(() => statusBody(409, { reason: "AlreadyExists", message: "it exists" }));
    const error = await rejection(client.create(object));
    expect((error as Error).message).toBe("Cannot create ConfigMap t/settings: it exists (409)");
    expect((error as ApiError).reason).toBe("AlreadyExists");
  });
});

describe("ApiClient.update", () => {
  it("puts the object, or its status", async () => {
    const { client, calls } = setUp(() => ({ json: object }));
    await client.update(object);
    await client.update(object, { subresource: "status", fieldManager: "me" });
    expect(calls().map(({ method, path }) => `${method} ${path}`)).toEqual([
      "PUT /api/v1/namespaces/t/configmaps/settings",
      "PUT /api/v1/namespaces/t/configmaps/settings/status?fieldManager=me",
    ]);
    expect(calls()[0]?.body).toBe(JSON.stringify(object));
  });

  it("rejects for an object that does not exist", async () => {
    const { client, calls } = setUp(() => notFound("settings"));
    expect(((await rejection(client.update(object))) as ApiError).status).toBe(404);
    expect(calls().length).toBe(1);
  });
});

describe("ApiClient.patch", () => {
  const patches: readonly (readonly ["json" | "merge", object, string])[] = [
    ["merge", { data: { a: null } }, "application/merge-patch+json"],
    ["json", [{ op: "add", path: "/data/a", value: "b" }], "application/json-patch+json"],
  ];
  const given = patches.flatMap((patch) => [false, true].map((isTyped) => [...patch, isTyped] as const));
  for (const [type, patch, contentType, isTyped] of given) {
    it(`sends a ${type} patch as ${contentType}, ${isTyped ? "with" : "without"} its type`, async () => {
      const { client, calls } = setUp(() => ({ json: object }));
      const options = { subresource: "status", ...(isTyped && { type }) };
      expect(await client.patch<ConfigMap>(settings, patch, options)).toEqual(object);
      expect(calls()).toEqual([
        {
          ...{ method: "PATCH", path: "/api/v1/namespaces/t/configmaps/settings/status" },
          ...{ headers: { "content-type": contentType }, body: JSON.stringify(patch) },
        },
      ]);
    });
  }

  it("needs no options", async () => {
    const { client, calls } = setUp(() => ({ json: object }));
    await client.patch(settings, { data: {} });
    await client.patch(settings, [], { type: undefined });
    expect(calls().map(({ headers }) => headers?.["content-type"])).toEqual([
      "application/merge-patch+json",
      "application/json-patch+json",
    ]);
  });

  it("refuses a patch of the other type", async () => {
    const { client } = setUp(() => ({ json: object }));
    for (const error of [
      await rejection(client.patch(settings, [], { type: "merge" })),
      await rejection(client.patch(settings, {}, { type: "json" })),
      ...(await Promise.all(
        [null, undefined, "{}", 5].map((patch) => rejection(client.patch(settings, patch as never))),
      )),
    ]) {
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).toBe("patch");
    }
  });

  it("refuses a type that is unknown, and says which there are", async () => {
    const { client, calls } = setUp(() => ({ json: object }));
    for (const options of [{ type: null }, { type: "strategic" }, { type: "toString" }]) {
      const error = await rejection(client.patch(settings, {}, options as unknown as PatchOptions));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error).toMatchObject({ field: "type" });
      expect((error as Error).message).toContain('"json" or "merge"');
    }
    expect(calls()).toEqual([]);
  });
});

describe("ApiClient.delete", () => {
  it("resolves to true when the server has deleted, and sends the preconditions", async () => {
    const { client, calls } = setUp(() => ({ json: { kind: "Status", status: "Success" } }));
    const preconditions = { uid: "u", resourceVersion: "7" };
    expect(await client.delete(settings, { preconditions, propagationPolicy: "Background" })).toBe(true);
    expect(calls()[0]?.method).toBe("DELETE");
    expect(JSON.parse(String(calls()[0]?.body))).toEqual({
      ...{ apiVersion: "v1", kind: "DeleteOptions", preconditions, propagationPolicy: "Background" },
    });
  });

  it("resolves to false when there was none", async () => {
    expect(await setUp(() => notFound("settings")).client.delete(settings)).toBe(false);
  });

  it("rejects with a conflict", async () => {
    const { client } = setUp(() => statusBody(409, { reason: "Conflict" }));
    expect(((await rejection(client.delete(settings))) as ApiError).status).toBe(409);
  });
});

describe("ApiClient", () => {
  type Call = (client: ApiClient) => Promise<unknown>;
  const metadata = { name: "settings", namespace: "t" };
  const invalid: readonly (readonly [string, string, Call])[] = [
    ["get without a name", "name", (client) => client.get({ ...settings, name: "" })],
    ["get without a namespace", "namespace", (client) => client.get({ ...settings, namespace: undefined })],
    ["get with an empty namespace", "namespace", (client) => client.get({ ...settings, namespace: "" })],
    ["get with a selector", "selector", (client) => client.get({ ...settings, selector: "a=b" })],
    ["get without a version", "version", (client) => client.get({ ...settings, version: "" })],
    ["get without a kind", "kind", (client) => client.get({ ...settings, kind: "" })],
    ["get of a name that changes the path", "name", (client) => client.get({ ...settings, name: ".." })],
    ["list with a name", "name", (client) => client.list(settings)],
    ["delete without a name", "name", (client) => client.delete({ ...settings, name: undefined })],
    [
      "patch without a name",
      "name",
      (client) => client.patch({ ...settings, name: "" }, {}, { type: "merge" }),
    ],
    [
      "create without an apiVersion",
      "apiVersion",
      (client) => client.create({ kind: "ConfigMap", metadata }),
    ],
    ["create without a kind", "kind", (client) => client.create({ apiVersion: "v1", metadata })],
    [
      "create without a namespace",
      "metadata.namespace",
      (client) => client.create({ apiVersion: "v1", kind: "ConfigMap" }),
    ],
    [
      "update without a name",
      "metadata.name",
      (client) => client.update({ apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "t" } }),
    ],
  ];
  for (const [name, field, call] of invalid) {
    it(`refuses ${name}, and sends nothing`, async () => {
      const { client, calls } = setUp(() => ({ json: object }));
      const error = await rejection(call(client));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).toBe(field);
      expect(calls()).toEqual([]);
    });
  }

  const reads: readonly (readonly [string, (client: ApiClient, id: never) => Promise<unknown>])[] = [
    ["get", (client, id) => client.get(id)],
    ["list", (client, id) => client.list(id)],
    ["patch", (client, id) => client.patch(id, {})],
    ["delete", (client, id) => client.delete(id)],
  ];
  for (const [name, call] of reads) {
    it(`${name} of an object, or of what has its apiVersion, tells of identifierOf`, async () => {
      const { client, calls } = setUp(() => ({ json: object }));
      for (const id of [object, { apiVersion: "v1", kind: "ConfigMap", ...metadata }]) {
        const error = await rejection(call(client, id as never));
        expect(error).toMatchObject({ code: "INVALID_INPUT", field: "version" });
        expect((error as Error).message).toContain("identifierOf(object)");
      }
      expect(calls()).toEqual([]);
    });
  }

  it("refuses options that a write does not have, and writes nothing: a misspelt dryRun would", async () => {
    const { client, calls } = setUp(() => ({ json: object }));
    const writes: readonly ((options: never) => Promise<unknown>)[] = [
      (options) => client.create(object, options),
      (options) => client.update(object, options),
      (options) => client.patch(settings, {}, options),
      (options) => client.delete(settings, options),
    ];
    for (const write of writes) {
      for (const options of [{ dryrun: true }, { signal: 5 }] as never[]) {
        const [field] = Object.keys(options);
        expect(await rejection(write(options))).toMatchObject({ code: "INVALID_INPUT", field });
      }
    }
    const unknown = client.delete(settings, { dryRun: true } as never);
    expect(await rejection(unknown)).toMatchObject({ code: "INVALID_INPUT", field: "dryRun" });
    expect(calls()).toEqual([]);
  });

  it("is not made without a transport", () => {
    for (const transport of [undefined, null, "https://127.0.0.1", {}]) {
      const error = caught(() => new ApiClient(transport as unknown as Transport));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "transport" });
    }
  });

  it("hands the server's warnings to the logger", async () => {
    const headers = { warning: '299 - "unknown field \\"foo\\""' };
    const { client, warnings } = setUp(() => ({ status: 201, headers, json: object }));
    await client.create(object);
    expect(warnings).toEqual([
      'Warning of the API server (create ConfigMap t/settings): unknown field "foo"',
    ]);
  });

  it("asks discovery once for many calls", async () => {
    const { client, api } = setUp(() => ({ json: object }));
    await client.get(settings);
    await client.update(object);
    await client.get(node);
    expect(api.paths.filter((path) => path === "/api").length).toBe(1);
  });
});
