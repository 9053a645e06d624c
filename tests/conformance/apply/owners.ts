import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { apply, applyData, applySpec, owner, owners } from "./applying.ts";

export function ownerCases(open: OpenSession): void {
  describe("managedFields", () => {
    it("name who applied what: f: for fields, k: for items by key, v: by value", async () => {
      const api = await open();
      const { json } = await applySpec(api, {
        as: "m1",
        spec: {
          ...{ size: 1, tags: ["x"], steps: ["s"], pinned: { a: "1" }, counts: { c: 1 } },
          ports: [{ name: "p", port: 1 }],
          free: { any: { thing: [1] } },
        },
      });
      const fields = {
        "f:spec": {
          "f:counts": { "f:c": {} },
          "f:free": { "f:any": { ".": {}, "f:thing": {} } },
          "f:pinned": {},
          "f:ports": { 'k:{"name":"p"}': { ".": {}, "f:name": {}, "f:port": {} } },
          "f:size": {},
          "f:steps": {},
          "f:tags": { 'v:"x"': {} },
        },
      };
      expect(owners(json)).toEqual([owner("m1", fields, { apiVersion: `${GROUP}/v1` })]);
    });

    it("of metadata name labels, annotations, finalizers and owners, one by one", async () => {
      const api = await open();
      const uid = "11111111-2222-3333-4444-555555555555";
      const metadata = {
        name: "one",
        labels: { "a.b/c": "1" },
        annotations: { n: "1" },
        finalizers: ["example.com/held"],
        ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p", uid }],
      };
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata };
      const { json } = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      const fields = {
        "f:metadata": {
          "f:annotations": { "f:n": {} },
          "f:finalizers": { 'v:"example.com/held"': {} },
          "f:labels": { "f:a.b/c": {} },
          "f:ownerReferences": { [`k:{"uid":"${uid}"}`]: {} },
        },
      };
      expect(owners(json)).toEqual([owner("m1", fields)]);
    });

    it("of a create or an update name the user agent, and the operation Update", async () => {
      const api = await open();
      const headers = { "user-agent": "some-tool/1.2 (linux)" };
      const body = { metadata: { name: "one" }, data: { a: "1" } };
      const made = await api.send("POST", api.configMaps, { body, headers });
      const fields = { "f:data": { ".": {}, "f:a": {} } };
      expect(owners(made.json)).toEqual([owner("some-tool", fields, { operation: "Update" })]);
      const named = await api.send("PATCH", `${api.configMaps}/one?fieldManager=hand`, {
        body: { data: { b: "2" } },
      });
      expect(owners(named.json)).toEqual([
        owner("hand", { "f:data": { "f:b": {} } }, { operation: "Update" }),
        owner("some-tool", fields, { operation: "Update" }),
      ]);
    });

    it("pass to whoever changes a field, and go with it", async () => {
      const api = await open();
      const path = `${api.configMaps}/one?fieldManager=hand`;
      await applyData(api, { as: "m1", data: { a: "1", b: "1" } });
      const taken = await api.send("PATCH", path, { body: { data: { a: "2" } } });
      expect(owners(taken.json)).toEqual([
        owner("hand", { "f:data": { "f:a": {} } }, { operation: "Update" }),
        owner("m1", { "f:data": { "f:b": {} } }),
      ]);
      const gone = await api.send("PATCH", path, { body: { data: { a: null } } });
      expect(owners(gone.json)).toEqual([owner("m1", { "f:data": { "f:b": {} } })]);
    });

    it("of the same value are shared", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { a: "1" } });
      const { json } = await applyData(api, { as: "m2", data: { a: "1" } });
      const fields = { "f:data": { "f:a": {} } };
      expect(owners(json)).toMatchObject([
        { manager: "m1", fieldsV1: fields },
        { manager: "m2", fieldsV1: fields },
      ]);
    });

    it("come without a time where an apply changed nothing but them", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { a: "1" } });
      const { json } = await applyData(api, { as: "m2", data: {} });
      expect(owners(json)).toContainEqual({
        ...{ manager: "m2", operation: "Apply", apiVersion: "v1" },
        ...{ fieldsType: "FieldsV1", fieldsV1: { "f:data": {} } },
      });
    });

    it("are forgotten when an update empties them; the next apply shares with what was there before", async () => {
      const api = await open();
      const path = `${api.configMaps}/one`;
      await applyData(api, { as: "m1", data: { a: "1" } });
      await api.patch(path, { metadata: { managedFields: [{}] } });
      expect(owners((await api.get(path)).json)).toEqual([]);
      const { json } = await applyData(api, { as: "m2", data: { b: "1" } });
      expect(owners(json)).toEqual([
        owner("before-first-apply", { "f:data": { ".": {}, "f:a": {} } }, { operation: "Update" }),
        owner("m2", { "f:data": { "f:b": {} } }),
      ]);
    });

    it("of the status subresource say so", async () => {
      const api = await open();
      await api.create(`${api.gadgets}?fieldManager=first`, custom("Gadget", "g", { spec: { a: 1 } }));
      const { json } = await api.send("PATCH", `${api.gadgets}/g/status?fieldManager=hand`, {
        body: { status: { ready: true } },
      });
      const fields = { "f:status": { ".": {}, "f:ready": {} } };
      const update = { operation: "Update", apiVersion: `${GROUP}/v1` };
      expect(owners(json)).toEqual([
        owner("first", { "f:spec": { ".": {}, "f:a": {} } }, update),
        owner("hand", fields, { ...update, subresource: "status" }),
      ]);
    });
  });
}
