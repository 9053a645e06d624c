import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession } from "../session.ts";
import { configMap, failure, invalid } from "./expected.ts";

export function watchQueryCases(open: OpenSession): void {
  describe("the query of a watch", () => {
    for (const value of ["watch=1", "watch=true", "watch", "watch=", "watch=no", "watch=f"]) {
      it(`?${value} is a watch`, async () => {
        const api = await open();
        await api.create(api.configMaps, { metadata: { name: "one" } });
        const watch = await api.watch(`${api.configMaps}?${value}`);
        expect(await watch.next()).toContain('{"type":"ADDED"');
      });
    }

    for (const value of ["watch=0", "watch=false", "watch=False", "watch=FALSE"]) {
      it(`?${value} is a list`, async () => {
        const api = await open();
        expect((await api.get(`${api.configMaps}?${value}`)).json.kind).toBe("ConfigMapList");
      });
    }

    it("?watch=1 on an object is a plain get", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const reply = await api.get(`${api.configMaps}/one?watch=1`);
      expect(reply.text).toBe(`${configMap("one", { uid: 1, version: 1 })}\n`);
    });

    it("?resourceVersion=abc is an error of the server without a reason", async () => {
      const api = await open();
      const reply = await api.get(`${api.configMaps}?watch=1&resourceVersion=abc`);
      const message =
        'resourceVersion: Invalid value: "abc": strconv.ParseUint: parsing "abc": invalid syntax';
      expect(reply.text).toBe(failure(500, { message }));
    });

    it("?labelSelector=a b is a bad request", async () => {
      const api = await open();
      const { status, json } = await api.get(`${api.configMaps}?watch=1&labelSelector=a+b`);
      expect([status, json.reason]).toEqual([400, "BadRequest"]);
      expect(json.message).toMatch(/^unable to parse requirement: /);
    });

    const match = "resourceVersionMatch";
    const needsMatch = "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan";
    const needsSending = "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided";
    const unsupported = (value: string) =>
      [
        "FieldValueNotSupported",
        match,
        `Unsupported value: "${value}": supported values: "NotOlderThan"`,
      ] as const;
    const forbidden = (why: string) => ["FieldValueForbidden", match, `Forbidden: ${why}`] as const;
    const refused: readonly [query: string, causes: Parameters<typeof invalid>[1]][] = [
      ["sendInitialEvents=true", [forbidden(needsMatch)]],
      ["sendInitialEvents=false", [forbidden(needsMatch)]],
      [`${match}=NotOlderThan`, [forbidden(needsSending)]],
      [`${match}=Exact&resourceVersion=1`, [forbidden(needsSending), unsupported("Exact")]],
      [`sendInitialEvents=true&${match}=Exact`, [forbidden(needsMatch), unsupported("Exact")]],
      [
        `sendInitialEvents=true&${match}=NotOlderThan&continue=x`,
        [forbidden("resourceVersionMatch is forbidden when continue is provided")],
      ],
    ];
    for (const [query, causes] of refused) {
      it(`?${query} is invalid`, async () => {
        const api = await open();
        const reply = await api.get(`${api.configMaps}?watch=1&${query}`);
        expect(reply.text).toBe(invalid({ group: "meta.k8s.io", kind: "ListOptions" }, causes));
      });
    }
  });
}
