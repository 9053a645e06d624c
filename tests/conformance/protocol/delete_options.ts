import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession } from "../session.ts";
import { invalid } from "./expected.ts";

type Cause = readonly [reason: string, field: string, message: string];

const DELETE_OPTIONS = { group: "meta.k8s.io", kind: "DeleteOptions" };
const UNKNOWN_POLICY: Cause = [
  "FieldValueNotSupported",
  "propagationPolicy",
  'Unsupported value: "No": supported values: "Foreground", "Background", "Orphan", "nil"',
];
const BOTH: Cause = [
  "FieldValueInvalid",
  "propagationPolicy",
  'Invalid value: "Orphan": orphanDependents and deletionPropagation cannot be both set',
];

export function deleteOptionCases(open: OpenSession): void {
  describe("the propagation policy of a delete", () => {
    const asked: readonly [query: string, body: object | undefined, finalizers: string[] | undefined][] = [
      ["", { propagationPolicy: "Foreground" }, ["foregroundDeletion"]],
      ["", { propagationPolicy: "Orphan" }, ["orphan"]],
      ["", { propagationPolicy: "Background" }, undefined],
      ["", { orphanDependents: true }, ["orphan"]],
      ["", { orphanDependents: false }, undefined],
      ["?propagationPolicy=Foreground", undefined, ["foregroundDeletion"]],
      ["?orphanDependents=true", undefined, ["orphan"]],
      // A body stands for the whole query.
      ["?propagationPolicy=Foreground", {}, undefined],
    ];
    for (const [query, body, finalizers] of asked) {
      const how = [query, body && JSON.stringify(body)].filter(Boolean).join(" with ");
      it(`${how} ${finalizers ? `holds it by ${finalizers}` : "holds nothing"}`, async () => {
        const api = await open();
        await api.create(api.configMaps, { metadata: { name: "one" } });
        const { json } = await api.send("DELETE", `${api.configMaps}/one${query}`, { body });
        expect([json.kind, json.metadata.finalizers]).toEqual([
          finalizers ? "ConfigMap" : "Status",
          finalizers,
        ]);
        expect((await api.get(`${api.configMaps}/one`)).status).toBe(finalizers ? 200 : 404);
      });
    }

    it("may change while it is held", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one", finalizers: ["example.com/held"] } });
      const remove = async (propagationPolicy?: string) => {
        const body = propagationPolicy === undefined ? undefined : { propagationPolicy };
        return (await api.send("DELETE", `${api.configMaps}/one`, { body })).json.metadata;
      };
      const first = await remove("Foreground");
      expect(first.finalizers).toEqual(["example.com/held", "foregroundDeletion"]);
      expect((await remove()).resourceVersion).toBe(first.resourceVersion);
      expect((await remove("Orphan")).finalizers).toEqual(["example.com/held", "orphan"]);
      expect((await remove("Background")).finalizers).toEqual(["example.com/held"]);
      expect((await api.get(`${api.configMaps}/one`)).json.metadata.deletionTimestamp).toBe(
        first.deletionTimestamp,
      );
    });

    it("is that of each object of a collection", async () => {
      const api = await open();
      for (const name of ["a", "b"]) await api.create(api.configMaps, { metadata: { name } });
      await api.delete(`${api.configMaps}?propagationPolicy=Foreground`);
      const { items } = (await api.get(api.configMaps)).json;
      expect(items.map(({ metadata }) => [metadata.name, metadata.finalizers])).toEqual([
        ["a", ["foregroundDeletion"]],
        ["b", ["foregroundDeletion"]],
      ]);
    });

    const refused: readonly [query: string, body: object | undefined, causes: readonly Cause[]][] = [
      ["?propagationPolicy=No", undefined, [UNKNOWN_POLICY]],
      ["", { propagationPolicy: "No" }, [UNKNOWN_POLICY]],
      ["", { propagationPolicy: "Orphan", orphanDependents: true }, [BOTH]],
      [
        "",
        { propagationPolicy: "No", dryRun: ["no"] },
        [
          UNKNOWN_POLICY,
          ["FieldValueNotSupported", "dryRun", 'Unsupported value: ["no"]: supported values: "All"'],
        ],
      ],
    ];
    for (const [query, body, causes] of refused) {
      const how = [query, body && JSON.stringify(body)].filter(Boolean).join(" with ");
      it(`${how} is invalid, be there an object or not`, async () => {
        const api = await open();
        const reply = await api.send("DELETE", `${api.configMaps}/absent${query}`, { body });
        expect(reply.text).toBe(invalid(DELETE_OPTIONS, causes));
      });
    }
  });
}
