import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { CONFIG_MAPS, MERGE_PATCH, world } from "./exchange.ts";

const SECRETS = "/api/v1/namespaces/t/secrets";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/t/leases";

describe("a new object of a built-in kind", () => {
  const refused: [path: string, body: object, message: string][] = [
    [
      CONFIG_MAPS,
      { data: { "..x": "1" } },
      'ConfigMap "a" is invalid: data[..x]: Invalid value: "..x": must not start with \'..\'',
    ],
    [
      CONFIG_MAPS,
      { data: { a: "1" }, binaryData: { a: "MQ==" } },
      'ConfigMap "a" is invalid: data[a]: Invalid value: "a": duplicate of key present in binaryData',
    ],
    [
      SECRETS,
      { type: "kubernetes.io/tls" },
      'Secret "a" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]',
    ],
    [
      LEASES,
      { spec: { leaseDurationSeconds: 0 } },
      'Lease.coordination.k8s.io "a" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0',
    ],
  ];
  for (const [path, body, message] of refused) {
    it(`is refused: ${message.slice(0, 70)}`, async () => {
      const { send } = await world();
      const { status, json } = await send(`POST ${path}`, { body: { metadata: { name: "a" }, ...body } });
      expect([status, json.message]).toEqual([422, message]);
    });
  }

  it("of a Lease drops the fields of a feature that is off, though they count as set", async () => {
    const { send } = await world();
    const body = { metadata: { name: "a" }, spec: { holderIdentity: "me", preferredHolder: "you" } };
    const { json } = await send(`POST ${LEASES}`, { body });
    expect(json.spec).toEqual({ holderIdentity: "me" });
    expect(JSON.stringify(json.metadata.managedFields)).toContain('"f:preferredHolder"');
  });

  it("has each owner once, and a warning", async () => {
    const { send } = await world();
    const owner = { apiVersion: "v1", kind: "Pod", name: "p", uid: "1" };
    const body = { metadata: { name: "a", ownerReferences: [owner, owner] } };
    const { json, headers } = await send(`POST ${CONFIG_MAPS}`, { body });
    expect(json.metadata.ownerReferences).toEqual([owner]);
    expect(headers.get("warning")).toContain("duplicate UID(s) observed: 1");
  });
});

describe("an immutable object", () => {
  for (const [path, data] of [
    [CONFIG_MAPS, { a: "2" }],
    [SECRETS, { a: "Mg==" }],
  ] as const) {
    it(`keeps its data (${path.split("/").at(-1)})`, async () => {
      const { send } = await world();
      await send(`POST ${path}`, {
        body: { metadata: { name: "a" }, immutable: true, data: { a: "MQ==" } },
      });
      const { status, json } = await send(`PATCH ${path}/a`, {
        type: MERGE_PATCH,
        body: { immutable: null, data },
      });
      const why = "Forbidden: field is immutable when `immutable` is set";
      expect([status, json.message]).toEqual([
        422,
        `${path === SECRETS ? "Secret" : "ConfigMap"} "a" is invalid: [immutable: ${why}, data: ${why}]`,
      ]);
    });
  }

  it("and any Secret keeps its type", async () => {
    const { send } = await world();
    await send(`POST ${SECRETS}`, { body: { metadata: { name: "a" } } });
    const { json } = await send(`PATCH ${SECRETS}/a`, { type: MERGE_PATCH, body: { type: "other" } });
    expect(json.message).toBe('Secret "a" is invalid: type: Invalid value: "other": field is immutable');
  });
});
