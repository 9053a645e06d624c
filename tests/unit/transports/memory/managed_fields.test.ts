import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, configMap, type Exchange, MERGE_PATCH, world } from "./exchange.ts";
import { APPLY, THINGS, thing, thingWorld } from "./thing.ts";

const merge = (body: object) => ({ type: MERGE_PATCH, body });
const TIME = "2026-11-22T14:05:15Z";

function managers({ json }: Exchange): unknown[] {
  const entries = (json.metadata.managedFields ?? []) as Record<string, unknown>[];
  return entries.map(({ manager, operation, fieldsV1 }) => [manager, operation, fieldsV1]);
}

describe("metadata.managedFields", () => {
  it("are kept from the creation on, in the form of the API server", async () => {
    const { send } = await world();
    const answer = await send(`POST ${CONFIG_MAPS}?fieldManager=boss`, {
      body: {
        metadata: {
          ...{ name: "a", labels: { x: "1" }, finalizers: ["example.com/b", "example.com/a"] },
          ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "1" }],
        },
        data: { a: "1", "b.c": "2" },
      },
    });
    expect(answer.text).toContain(
      `"managedFields":[{"manager":"boss","operation":"Update","apiVersion":"v1","time":"${TIME}",` +
        '"fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:a":{},"f:b.c":{}},"f:metadata":{' +
        '"f:finalizers":{".":{},"v:\\"example.com/a\\"":{},"v:\\"example.com/b\\"":{}},' +
        '"f:labels":{".":{},"f:x":{}},"f:ownerReferences":{".":{},"k:{\\"uid\\":\\"1\\"}":{}}}}}]',
    );
  });

  const agents: [agent: string | undefined, manager: string][] = [
    ["kubectl/v1.32.4 (linux/amd64)", "kubectl"],
    ["Mozilla 5.0 (abc) node", "Mozilla 5.0 (abc) node"],
    ["a\u0001b/1", "ab"],
    ["/x", "unknown"],
    [undefined, "unknown"],
    ["x".repeat(200), "x".repeat(128)],
  ];
  for (const [agent, manager] of agents) {
    it(`name ${manager.slice(0, 30)} for the user agent ${String(agent).slice(0, 40)}`, async () => {
      const { send } = await world();
      const headers = agent === undefined ? {} : { "user-agent": agent };
      const answer = await send(`POST ${CONFIG_MAPS}`, {
        headers,
        body: configMap("a", { data: { k: "v" } }),
      });
      expect(managers(answer)).toEqual([[manager, "Update", { "f:data": { ".": {}, "f:k": {} } }]]);
    });
  }

  it("are absent where nobody set anything", async () => {
    const { send } = await world();
    const answer = await send(`POST ${CONFIG_MAPS}?fieldManager=m`, { body: configMap("a", { data: {} }) });
    expect(answer.json.metadata.managedFields).toBeUndefined();
  });

  it("move to who changes a field, and leave the container with who made it", async () => {
    const { send } = await world();
    await send(`POST ${CONFIG_MAPS}?fieldManager=m1`, { body: configMap("a", { data: { k: "v", l: "v" } }) });
    const answer = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m2`, merge({ data: { k: "w", n: "1" } }));
    expect(managers(answer)).toEqual([
      ["m1", "Update", { "f:data": { ".": {}, "f:l": {} } }],
      ["m2", "Update", { "f:data": { "f:k": {}, "f:n": {} } }],
    ]);
    const put = await send(`PUT ${CONFIG_MAPS}/a?fieldManager=m3`, {
      body: configMap("a", { data: { n: "1" } }),
    });
    expect(managers(put)).toEqual([
      ["m1", "Update", { "f:data": {} }],
      ["m2", "Update", { "f:data": { "f:n": {} } }],
    ]);
  });

  it("stay as they are with a write that changes nothing", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { send } = await world({ wallClock: () => new Date(now) });
    const made = await send(`POST ${CONFIG_MAPS}?fieldManager=m`, {
      body: configMap("a", { data: { k: "v", l: "v" } }),
    });
    now += 60_000;
    const same = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, merge({ data: { k: "v" } }));
    expect(same.json.metadata).toEqual(made.json.metadata);
    const changed = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, merge({ data: { k: "w" } }));
    expect(changed.json.metadata.managedFields).toMatchObject([{ time: "2026-01-01T00:01:00Z" }]);
    now += 60_000;
    const removed = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=m`, merge({ data: { k: null } }));
    expect(removed.json.metadata.managedFields).toMatchObject([{ time: "2026-01-01T00:01:00Z" }]);
  });

  it("come by operation, then by time, then by name", async () => {
    let now = Date.UTC(2026, 0, 1);
    const { send } = await world({ wallClock: () => new Date(now) });
    for (const [as, tick] of [
      ["z", 1000],
      ["c", 0],
      ["b", 0],
    ] as const) {
      const body = { ...configMap("a"), data: { [as]: "1" } };
      await send(
        `PATCH ${CONFIG_MAPS}/a?fieldManager=${as}`,
        as === "z" ? { type: APPLY, body } : merge(body),
      );
      now += tick;
    }
    const body = configMap("a", { data: { y: "1" } });
    const answer = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=y`, { type: APPLY, body });
    expect(managers(answer).map((entry) => (entry as string[])[0])).toEqual(["z", "y", "b", "c"]);
  });

  it("say where a status was written", async () => {
    const { send } = await thingWorld();
    await send(`POST ${THINGS}?fieldManager=m`, {
      body: thing("a", { size: 1 }, { status: { phase: "up" } }),
    });
    const answer = await send(
      `PATCH ${THINGS}/a/status?fieldManager=s`,
      merge({ status: { phase: "down" } }),
    );
    expect(answer.json.metadata.managedFields).toMatchObject([
      { manager: "m", fieldsV1: { "f:spec": { ".": {}, "f:size": {}, "f:tone": {} } } },
      { manager: "s", fieldsV1: { "f:status": { ".": {}, "f:phase": {} } }, subresource: "status" },
    ]);
  });

  for (const reset of [[], [{}]]) {
    it(`are forgotten by ${JSON.stringify(reset)}, until something is applied, as on the API server`, async () => {
      const { send } = await world();
      await send(`POST ${CONFIG_MAPS}?fieldManager=m`, { body: configMap("a", { data: { k: "v" } }) });
      const gone = await send(`PATCH ${CONFIG_MAPS}/a`, merge({ metadata: { managedFields: reset } }));
      expect(managers(gone)).toEqual([]);
      const still = await send(`PATCH ${CONFIG_MAPS}/a`, merge({ data: { n: "1" } }));
      expect(managers(still)).toEqual([]);
      const body = configMap("a", { data: { k: "w" } });
      const conflict = await send(`PATCH ${CONFIG_MAPS}/a?fieldManager=x`, { type: APPLY, body });
      expect(conflict.json.message).toBe(
        'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.k',
      );
    });
  }

  it("tell of nobody who owns the mark of a deletion, after a PUT without it", async () => {
    const { send } = await world();
    const path = `${CONFIG_MAPS}/a`;
    const metadata = { name: "a", namespace: "t", finalizers: ["example.com/hold"] };
    await send(`POST ${CONFIG_MAPS}`, { body: { metadata } });
    await send(`PATCH ${path}`, merge({ metadata: { managedFields: [] } }));
    await send(`DELETE ${path}`);
    const body = configMap("a", { data: { k: "v" } });
    const applied = await send(`PATCH ${path}?fieldManager=m`, { type: APPLY, body });
    expect(applied.text).toContain('"f:deletionTimestamp"');
    const patched = await send(`PATCH ${path}`, merge({ metadata: { labels: { x: "1" } } }));
    expect(patched.text).toContain('"f:deletionTimestamp"');
    const put = await send(`PUT ${path}`, { body: { metadata, data: { k: "v" } } });
    expect(put.json.metadata.deletionTimestamp).toBe(TIME);
    expect(put.text).not.toContain('"f:deletion');
  });

  it("heed no managedFields on a subresource's path", async () => {
    const { send } = await thingWorld();
    await send(`POST ${THINGS}?fieldManager=m`, { body: thing("a", { size: 1 }) });
    const body = { metadata: { managedFields: [{}] }, status: { phase: "up" } };
    const answer = await send(`PATCH ${THINGS}/a/status?fieldManager=s`, merge(body));
    expect(answer.json.metadata.managedFields).toMatchObject([{ manager: "m" }, { manager: "s" }]);
  });

  const entry = { manager: "k", operation: "Apply", apiVersion: "v1", fieldsType: "FieldsV1" };
  it("are taken from a request that brings them, and else kept", async () => {
    const { send } = await world();
    await send(`POST ${CONFIG_MAPS}?fieldManager=m`, { body: configMap("a", { data: { k: "v" } }) });
    const given = [{ ...entry, fieldsV1: { "f:data": { "f:k": {} } } }];
    const answer = await send(
      `PATCH ${CONFIG_MAPS}/a?fieldManager=w`,
      merge({ metadata: { managedFields: given } }),
    );
    expect(managers(answer)).toEqual([["k", "Apply", { "f:data": { "f:k": {} } }]]);
  });

  const bad: object[] = [
    { ...entry, operation: "Zap", fieldsV1: {} },
    { ...entry, apiVersion: "", fieldsV1: {} },
    { ...entry, fieldsType: "", fieldsV1: {} },
    { ...entry, fieldsV1: { zz: {} } },
    { ...entry, fieldsV1: { "f:data": { "k:{": {} } } },
  ];
  for (const wrong of bad) {
    it(`heed nothing of ${JSON.stringify(wrong)}`, async () => {
      const { send } = await world();
      const made = await send(`POST ${CONFIG_MAPS}?fieldManager=m`, {
        body: configMap("a", { data: { k: "v" } }),
      });
      const good = { ...entry, fieldsV1: { "f:data": { "f:k": {} } } };
      const managedFields = [good, wrong];
      const answer = await send(`PATCH ${CONFIG_MAPS}/a`, merge({ metadata: { managedFields } }));
      expect(answer.json.metadata).toEqual(made.json.metadata);
    });
  }

  it("keep ten updaters at most: older ones become ancient-changes", async () => {
    const { send } = await world();
    await send(`POST ${CONFIG_MAPS}?fieldManager=m00`, { body: configMap("a", { data: { k00: "1" } }) });
    let answer: Exchange | undefined;
    for (let index = 1; index < 13; index += 1) {
      const digits = String(index).padStart(2, "0");
      answer = await send(
        `PATCH ${CONFIG_MAPS}/a?fieldManager=m${digits}`,
        merge({ data: { [`k${digits}`]: "1" } }),
      );
      expect(managers(answer).length).toBe(Math.min(index + 1, 10));
    }
    const entries = managers(answer as Exchange) as [string, string, object][];
    expect(entries.length).toBe(10);
    expect(entries[0]).toEqual([
      "ancient-changes",
      "Update",
      { "f:data": { ".": {}, "f:k00": {}, "f:k01": {}, "f:k02": {}, "f:k03": {} } },
    ]);
  });

  it("of a new namespace name its label, and of a definition's status the server", async () => {
    const { send } = await thingWorld();
    const namespace = await send("GET /api/v1/namespaces/default");
    expect(managers(namespace)).toEqual([
      [
        "kube-apiserver",
        "Update",
        { "f:metadata": { "f:labels": { ".": {}, "f:kubernetes.io/metadata.name": {} } } },
      ],
    ]);
    const definition = await send(
      "GET /apis/apiextensions.k8s.io/v1/customresourcedefinitions/things.example.com",
    );
    expect(definition.json.metadata.managedFields).toMatchObject([
      { manager: "kube-apiserver", subresource: "status" },
      {
        manager: "memory-api-server",
        fieldsV1: { "f:spec": { "f:conversion": { ".": {}, "f:strategy": {} }, "f:versions": {} } },
      },
    ]);
  });
});
