import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, DEPLOYMENTS, definition, type Exchange, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";
import { APPLY, THINGS, thing, thingWorld } from "./thing.ts";

/** Who owns what, without times. */
function owners({ json }: Exchange): unknown[] {
  return ((json.metadata.managedFields ?? []) as Record<string, unknown>[]).map(
    ({ manager, operation, fieldsV1, subresource }) => [
      ...[manager, operation, fieldsV1],
      ...(subresource ? [subresource] : []),
    ],
  );
}

async function applied(body: object = configMap("a", { data: { k: "v" } })) {
  const api = await world();
  const apply = (config: object, { as = "m1", query = "" } = {}) =>
    api.send(`PATCH ${CONFIG_MAPS}/a?fieldManager=${as}${query}`, { type: APPLY, body: config });
  expect((await apply(body)).status).toBe(201);
  return { ...api, apply };
}

describe("applyObject", () => {
  it("creates with 201, updates with 200, and owns what was applied", async () => {
    const { apply } = await applied();
    const answer = await apply(configMap("a", { labels: { l: "1" }, data: { k: "w" } }));
    expect([answer.status, answer.json.data, answer.json.metadata.labels]).toEqual([
      200,
      { k: "w" },
      { l: "1" },
    ]);
    expect(answer.json.metadata.managedFields).toEqual([
      {
        manager: "m1",
        operation: "Apply",
        apiVersion: "v1",
        time: "2026-11-22T14:05:15Z",
        fieldsType: "FieldsV1",
        fieldsV1: { "f:data": { "f:k": {} }, "f:metadata": { "f:labels": { "f:l": {} } } },
      },
    ]);
  });

  it("answers the same again with 200, without a new version and without an event", async () => {
    const { apply, transport } = await applied();
    const watch = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1&resourceVersion=6`);
    const { status, json } = await apply(configMap("a", { data: { k: "v" } }));
    expect([status, json.metadata.resourceVersion]).toEqual([200, "6"]);
    await apply(configMap("a", { data: { k: "w" } }));
    expect(watch.told).toEqual(["MODIFIED a"]);
    watch.abort();
  });

  it("removes what the applier leaves out, but not what another one owns too", async () => {
    const { apply } = await applied(configMap("a", { data: { mine: "1", ours: "1" } }));
    await apply(configMap("a", { data: { ours: "1" } }), { as: "m2" });
    const { json } = await apply(configMap("a"));
    expect(json.data).toEqual({ ours: "1" });
  });

  it("leaves alone what nobody applied", async () => {
    const { apply, server } = await applied();
    const id = { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" };
    await server.patch(id, { data: { other: "1" } });
    expect((await apply(configMap("a"))).json.data).toEqual({ other: "1" });
  });

  const words: [title: string, data: Record<string, string>, message: string, fields: string[]][] = [
    ["one", { k: "x" }, 'Apply failed with 1 conflict: conflict with "m1": .data.k', [".data.k"]],
    [
      "two",
      { k: "x", l: "x" },
      'Apply failed with 2 conflicts: conflicts with "m1":\n- .data.k\n- .data.l',
      [".data.k", ".data.l"],
    ],
  ];
  for (const [title, data, message, fields] of words) {
    it(`refuses ${title} field of another applier in the API server's words, with causes`, async () => {
      const { apply } = await applied(configMap("a", { data: { k: "v", l: "v" } }));
      const { status, json } = await apply(configMap("a", { data }), { as: "m2" });
      expect([status, json.reason, json.message]).toEqual([409, "Conflict", message]);
      expect(json.details).toEqual({
        causes: fields.map((field) => ({
          reason: "FieldManagerConflict",
          message: 'conflict with "m1"',
          field,
        })),
      });
    });
  }

  it("says of an updater with which version it came, as the API server does", async () => {
    const { apply, server } = await applied();
    const id = { version: "v1", kind: "ConfigMap", namespace: "t", name: "a" };
    await server.patch(id, { data: { k: "w", n: "1" } });
    const { json } = await apply(configMap("a", { data: { k: "v", n: "2" } }));
    expect(json.message).toBe(
      'Apply failed with 2 conflicts: conflicts with "memory-api-server" using v1:\n- .data.k\n- .data.n',
    );
  });

  it("takes fields over by force; the other applier loses them", async () => {
    const { apply } = await applied(configMap("a", { data: { k: "v", l: "v" } }));
    const answer = await apply(configMap("a", { data: { k: "x" } }), { as: "m2", query: "&force=true" });
    expect([answer.status, answer.json.data]).toEqual([200, { k: "x", l: "v" }]);
    expect(owners(answer)).toEqual([
      ["m1", "Apply", { "f:data": { "f:l": {} } }],
      ["m2", "Apply", { "f:data": { "f:k": {} } }],
    ]);
  });

  it("owns without a time what was already as it asks for, as on the API server", async () => {
    const { apply } = await applied();
    const answer = await apply(configMap("a", { data: { k: "v" } }), { as: "m2" });
    expect([answer.status, answer.json.metadata.resourceVersion]).toEqual([200, "7"]);
    const managedFields = answer.json.metadata.managedFields as { manager: string; time?: string }[];
    expect(managedFields.map(({ manager, time }) => [manager, time])).toEqual([
      ["m2", undefined],
      ["m1", "2026-11-22T14:05:15Z"],
    ]);
  });

  it("keeps what nobody owns, within what it takes away", async () => {
    const { apply, patch } = await thingWorld();
    await apply(thing("a", { free: { x: { mine: 1 } } }), { as: "m1" });
    const { json } = await patch("a", { spec: { free: { x: { theirs: 1, nobodys: 1 } } } }, { as: "m2" });
    const [first, second] = json.metadata.managedFields as Record<string, unknown>[];
    const fieldsV1 = { "f:spec": { "f:free": { "f:x": { ".": {}, "f:theirs": {} } } } };
    await patch("a", { metadata: { managedFields: [first, { ...second, fieldsV1 }] } }, { as: "m2" });
    const answer = await apply(thing("a", {}), { as: "m1" });
    expect(answer.json.spec).toEqual({ tone: "warm", free: { x: { theirs: 1, nobodys: 1 } } });
  });

  it("leaves no null in a built-in object from which it took something away", async () => {
    const { send } = await world();
    const deployment = (spec: object) => ({
      type: APPLY,
      body: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" }, spec },
    });
    const path = `PATCH ${DEPLOYMENTS}/d?fieldManager=m`;
    await send(path, deployment({ strategy: { type: "x", rollingUpdate: { maxSurge: 1 } } }));
    await send(`${path}2`, deployment({ strategy: { rollingUpdate: {} } }));
    const { json } = await send(path, deployment({ strategy: { type: "x" } }));
    expect((json.spec as { strategy: object }).strategy).toEqual({ type: "x" });
  });

  it("takes for unchanged what only its server-side form makes the same", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { send } = await world({ wallClock: () => new Date(now) });
    const call = { type: APPLY, body: { ...configMap("a", { data: { k: "v" } }), binaryData: {} } };
    const first = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, call);
    now += 60_000;
    const second = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, call);
    expect([second.status, second.json]).toEqual([200, first.json]);
  });

  it("is one owner in all versions of a kind", async () => {
    const { server, send } = await world();
    await server.create(definition("Widget", { versions: ["v1", "v2"] }));
    let answer: Exchange | undefined;
    for (const version of ["v1", "v2"]) {
      const body = {
        apiVersion: `example.com/${version}`,
        kind: "Widget",
        metadata: { name: "w" },
        a: version,
      };
      const path = `/apis/example.com/${version}/namespaces/t/widgets/w?fieldManager=m`;
      answer = await send(`PATCH ${path}`, { type: APPLY, body });
    }
    expect(answer?.json.metadata.managedFields).toMatchObject([
      { manager: "m", apiVersion: "example.com/v2" },
    ]);
    expect(answer?.json.metadata.managedFields?.length).toBe(1);
  });

  it("answers a dry run as usual and does nothing", async () => {
    const { apply, send } = await applied();
    const update = await apply(configMap("a", { data: { k: "x" } }), { query: "&dryRun=All" });
    expect([update.status, update.json.data]).toEqual([200, { k: "x" }]);
    expect((await send(`GET ${CONFIG_MAPS}/a`)).json.data).toEqual({ k: "v" });
    const path = `PATCH ${CONFIG_MAPS}/new?fieldManager=m1&dryRun=All`;
    expect((await send(path, { type: APPLY, body: configMap("new") })).status).toBe(201);
    expect((await send(`GET ${CONFIG_MAPS}/new`)).status).toBe(404);
  });

  const a = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "a" } };
  const untyped = "failed to create typed patch object (/a; /v1, Kind=ConfigMap):";
  const refusals: [body: unknown, status: number, message: string][] = [
    [{ ...a, kind: undefined }, 400, "invalid object type: /v1, Kind="],
    [{ ...a, apiVersion: undefined }, 400, "invalid object type: /, Kind=ConfigMap"],
    [{ ...a, kind: "Pod" }, 400, "invalid object type: /v1, Kind=Pod"],
    [{ ...a, apiVersion: "apps/v1" }, 400, "invalid object type: apps/v1, Kind=ConfigMap"],
    [
      { ...a, metadata: {} },
      400,
      "the name of the object (a based on URL) was undeterminable: name must be provided",
    ],
    [
      { ...a, metadata: { name: "b" } },
      400,
      "the name of the object (b) does not match the name on the URL (a)",
    ],
    [
      { ...a, metadata: { name: "a", namespace: "b" } },
      400,
      "the namespace of the provided object does not match the namespace sent on the request",
    ],
    [{ ...a, metadata: { name: "a", managedFields: [{}] } }, 400, "metadata.managedFields must be nil"],
    [
      { ...a, metadata: { name: "a", uid: "x" } },
      409,
      'Operation cannot be fulfilled on configmaps "a": uid mismatch: the provided object specified uid x, and no existing object was found',
    ],
    [
      "[]",
      400,
      "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal array into Go value of type map[string]interface {}",
    ],
    [{ ...a, zork: 1 }, 500, `${untyped} .zork: field not declared in schema`],
    [
      { ...a, data: { k: 1 } },
      500,
      `${untyped} .data.k: expected string, got &value.valueUnstructured{Value:1}`,
    ],
    [{ ...a, data: [1] }, 500, `${untyped} .data: expected map, got &{[1]}`],
  ];
  for (const [body, status, message] of refusals) {
    it(`answers ${JSON.stringify(body)} with ${status} in the API server's words`, async () => {
      const { send } = await world();
      const answer = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, { type: APPLY, body });
      expect([answer.status, answer.json.message]).toEqual([status, message]);
      expect((await send(`GET ${CONFIG_MAPS}/a`)).status).toBe(404);
    });
  }

  it("reads YAML 1.1, in which no is false, and refuses what is none", async () => {
    const { send } = await world();
    const path = `PATCH ${CONFIG_MAPS}/a?fieldManager=m`;
    const apply = (data: string) =>
      send(path, {
        type: APPLY,
        body: `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata: ${data}\n`,
      });
    expect((await apply("{a: text, b: 'no'} # said")).json.data).toEqual({ a: "text", b: "no" });
    expect((await apply("{a: no}")).json.message).toMatch(/\.data\.a: expected string, got .*Value:false/);
    const { status, json } = await apply("{a: [}");
    expect(status).toBe(400);
    expect(json.message).toMatch(/^error decoding YAML: error converting YAML to JSON: yaml: /);
  });

  it("refuses a stale resource version and another uid of an object that is there", async () => {
    const { apply } = await applied();
    const stale = await apply({ ...a, metadata: { name: "a", resourceVersion: "1" } });
    expect([stale.status, stale.json.reason]).toEqual([409, "Conflict"]);
    const other = await apply({ ...a, metadata: { name: "a", uid: "x" } });
    expect([other.status, other.json.message]).toEqual([
      422,
      'ConfigMap "a" is invalid: metadata.uid: Invalid value: "x": field is immutable',
    ]);
  });

  it("merges sets and list-maps of a custom kind item by item, and replaces other lists", async () => {
    const { apply } = await thingWorld();
    await apply(thing("a", { tags: ["b", "a"], steps: [1], ports: [{ port: 80, name: "http" }] }), {
      as: "m1",
    });
    const answer = await apply(thing("a", { tags: ["c", "a"], ports: [{ port: 81 }] }), { as: "m2" });
    expect(answer.json.spec).toEqual({
      tags: ["b", "c", "a"],
      steps: [1],
      tone: "warm",
      ports: [
        { port: 80, protocol: "TCP", name: "http" },
        { port: 81, protocol: "TCP" },
      ],
    });
    expect(owners(answer)[1]).toEqual([
      "m2",
      "Apply",
      {
        "f:spec": {
          "f:ports": { 'k:{"port":81,"protocol":"TCP"}': { ".": {}, "f:port": {} } },
          "f:tags": { 'v:"a"': {}, 'v:"c"': {} },
        },
      },
    ]);
    const steps = await apply(thing("a", { steps: [2] }), { as: "m2" });
    expect(steps.json.message).toBe('Apply failed with 1 conflict: conflict with "m1": .spec.steps');
  });

  it("names conflicts in maps and list-maps in the API server's words: shorter paths first", async () => {
    const { apply } = await thingWorld();
    const mine = { size: 2, pinned: { a: "1" }, limits: { cpu: "1" }, free: { x: { y: 1 } } };
    await apply(thing("a", { ...mine, ports: [{ port: 80, name: "a" }] }), { as: "m1" });
    const theirs = { size: 3, pinned: { b: "1" }, limits: { cpu: "2" }, free: { x: { y: 2 } } };
    const { json } = await apply(thing("a", { ...theirs, ports: [{ port: 80, name: "b" }] }), { as: "m2" });
    expect(json.message).toBe(
      [
        'Apply failed with 5 conflicts: conflicts with "m1":',
        ...["- .spec.pinned", "- .spec.size", "- .spec.free.x.y", "- .spec.limits.cpu"],
        '- .spec.ports[port=80,protocol="TCP"].name',
      ].join("\n"),
    );
  });

  it("keeps status and all else apart, each with its own owners", async () => {
    const { apply, send } = await thingWorld();
    await apply(thing("a", { size: 1 }, { status: { phase: "up" } }), { as: "m1" });
    const body = thing("a", { size: 2 }, { status: { phase: "down" } });
    const answer = await send(`PATCH ${THINGS}/a/status?fieldManager=m1`, { type: APPLY, body });
    expect([answer.json.spec, answer.json.status]).toEqual([{ size: 1, tone: "warm" }, { phase: "down" }]);
    expect(owners(answer)).toEqual([
      ["m1", "Apply", { "f:spec": { "f:size": {} } }],
      ["m1", "Apply", { "f:status": { "f:phase": {} } }, "status"],
    ]);
    const conflict = await send(`PATCH ${THINGS}/a/status?fieldManager=m2`, {
      type: APPLY,
      body: thing("a", undefined, { status: { phase: "up" } }),
    });
    expect(conflict.json.message).toBe(
      'Apply failed with 1 conflict: conflict with "m1" with subresource "status": .status.phase',
    );
  });

  it("owns on a status path what can be set there: annotations, but no labels, as on the API server", async () => {
    const { send } = await world();
    const head = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "d" } };
    await send(`POST ${DEPLOYMENTS}?fieldManager=m1`, { body: head });
    const metadata = { name: "d", labels: { l: "1" }, annotations: { a: "1" } };
    const body = { ...head, metadata, spec: { replicas: 5 }, status: { replicas: 9 } };
    const answer = await send(`PATCH ${DEPLOYMENTS}/d/status?fieldManager=m2`, { type: APPLY, body });
    expect([answer.json.metadata.labels, answer.json.spec]).toMatchObject([undefined, { replicas: 0 }]);
    expect(owners(answer)).toEqual([
      [
        "m2",
        "Apply",
        { "f:metadata": { "f:annotations": { "f:a": {} } }, "f:status": { "f:replicas": {} } },
        "status",
      ],
    ]);
  });

  it("creates nothing by a subresource's path", async () => {
    const { send } = await thingWorld();
    const answer = await send(`PATCH ${THINGS}/a/status?fieldManager=m`, { type: APPLY, body: thing("a") });
    expect(answer.status).toBe(404);
  });

  it("takes the lists of built-in kinds as a whole", async () => {
    const { send } = await world();
    const metadata = { name: "d" };
    const body = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata,
      spec: { template: { spec: { containers: [] } } },
    };
    const answer = await send(`PATCH ${DEPLOYMENTS}/d?fieldManager=m`, { type: APPLY, body });
    expect(owners(answer)).toEqual([
      ["m", "Apply", { "f:spec": { "f:template": { "f:spec": { "f:containers": {} } } } }],
    ]);
  });

  it("asks for the right to create where there is nothing yet", async () => {
    const { server } = await world({ authorize: ({ verb }) => verb === "patch" });
    const transport = server.transport("alice");
    const response = await transport.request({
      method: "PATCH",
      path: `${CONFIG_MAPS}/a?fieldManager=m`,
      headers: { "content-type": APPLY },
      body: JSON.stringify(configMap("a")),
    });
    expect(response.status).toBe(403);
  });
});
