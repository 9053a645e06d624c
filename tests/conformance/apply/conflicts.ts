import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { GROUP } from "../custom_kinds.ts";
import { failure } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { applyData, applySpec, owner, owners } from "./applying.ts";

/** The 409 of an apply; each conflict is `[with whom, field]`. */
function conflict(
  words: string,
  conflicts: readonly (readonly [who: string, field: string])[],
): [number, string] {
  const causes = conflicts.map(([who, field]) => ({
    reason: "FieldManagerConflict",
    message: `conflict with ${who}`,
    field,
  }));
  return [
    409,
    failure(409, { message: `Apply failed with ${words}`, reason: "Conflict", details: { causes } }),
  ];
}

export function conflictCases(open: OpenSession): void {
  describe("an apply that would change what others set", () => {
    it("is a conflict that names them and the field, and changes nothing", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { a: "1" } });
      const reply = await applyData(api, { as: "m2", data: { a: "2", b: "2" } });
      expect([reply.status, reply.text]).toEqual(
        conflict('1 conflict: conflict with "m1": .data.a', [['"m1"', ".data.a"]]),
      );
      expect((await api.get(`${api.configMaps}/one`)).json.data).toEqual({ a: "1" });
    });

    it("lists several conflicts by their owner, with the version of who updated", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { x: "1", y: "1" } });
      await api.send("PATCH", `${api.configMaps}/one?fieldManager=hand`, {
        body: { data: { x: "9", z: "9" } },
      });
      const reply = await applyData(api, { as: "m2", data: { x: "2", y: "2", z: "2" } });
      const { causes } = reply.json.details as { causes: { message: string; field: string }[] };
      // The causes come in any order.
      expect([
        reply.status,
        reply.json.message,
        ...causes.map(({ message, field }) => message + field).sort(),
      ]).toEqual([
        409,
        'Apply failed with 3 conflicts: conflicts with "hand" using v1:\n- .data.x\n- .data.z\nconflicts with "m1":\n- .data.y',
        ...['"hand" using v1.data.x', '"hand" using v1.data.z', '"m1".data.y'].map(
          (what) => `conflict with ${what}`,
        ),
      ]);
    });

    it("names the subresource that was written by", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1 } });
      const path = `${api.moons}/one/status`;
      const headers = { "content-type": "application/apply-patch+yaml" };
      const status = (as: string, count: number) => ({
        path: `${path}?fieldManager=${as}`,
        body: { apiVersion: `${GROUP}/v1`, kind: "Moon", metadata: { name: "one" }, status: { count } },
      });
      const [first, second] = [status("m1", 1), status("m2", 2)];
      await api.send("PATCH", first.path, { body: first.body, headers });
      const reply = await api.send("PATCH", second.path, { body: second.body, headers });
      const who = '"m1" with subresource "status"';
      expect([reply.status, reply.text]).toEqual(
        conflict(`1 conflict: conflict with ${who}: .status.count`, [[who, ".status.count"]]),
      );
    });

    it("is none where the value is the same", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { a: "1" } });
      expect((await applyData(api, { as: "m2", data: { a: "1" } })).status).toBe(200);
    });

    it("takes them over by force", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { a: "1", b: "1" } });
      const { status, json } = await applyData(api, { as: "m2", query: "force=true", data: { a: "2" } });
      expect([status, json.data]).toEqual([200, { a: "2", b: "1" }]);
      expect(owners(json)).toEqual([
        owner("m1", { "f:data": { "f:b": {} } }),
        owner("m2", { "f:data": { "f:a": {} } }),
      ]);
    });

    it("is one with what the same manager set by an update, too", async () => {
      const api = await open();
      const body = { metadata: { name: "one" }, data: { a: "1" } };
      await api.send("POST", `${api.configMaps}?fieldManager=m1`, { body });
      const reply = await applyData(api, { as: "m1", data: { a: "2" } });
      const who = '"m1" using v1';
      expect([reply.status, reply.text]).toEqual(
        conflict(`1 conflict: conflict with ${who}: .data.a`, [[who, ".data.a"]]),
      );
    });
  });
}
