import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import { custom, define, GROUP, version } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";
import { warnings } from "./moons.ts";

function versionWith(properties: object, name = "v1", fields: object = {}): object {
  const spec = { type: "object", properties };
  return version(name, { schema: { openAPIV3Schema: { type: "object", properties: { spec } } }, ...fields });
}

const TEXT = { type: "string" };
const INTEGER = { type: "integer" };

export function changeCases(open: OpenSession): void {
  async function withComets(versions: readonly object[]) {
    const api = await open();
    const group = `${api.namespace}.${GROUP}`;
    const definition = await define(api, { group, kind: "Comet", versions });
    const comets = api.path("comets", `${group}/v1`);
    const comet = (name: string, spec: object) => custom("Comet", name, { group, spec });
    return { api, group, definition, comets, comet };
  }

  /** Waits until the kind is served by its new schema: the API server takes a moment. */
  async function untilAccepted(api: Session, path: string, body: object): Promise<void> {
    await until(async () => (await api.send("POST", `${path}?dryRun=All`, { body })).status === 201, {
      what: "the new schema to be in force",
    });
  }

  describe("a schema that changes", () => {
    it("is asked of what is written from then on; what is stored stays, but shows what is still known", async () => {
      const { api, definition, comets, comet } = await withComets([versionWith({ a: TEXT, b: TEXT })]);
      await api.create(comets, comet("old", { a: "text", b: "text" }));
      await api.patch(definition, { spec: { versions: [versionWith({ a: INTEGER })] } });
      await untilAccepted(api, comets, comet("probe", { a: 1 }));
      const refused = await api.send("POST", comets, { body: comet("new", { a: "text" }) });
      expect([refused.status, refused.json.reason]).toEqual([422, "Invalid"]);
      expect((await api.get(`${comets}/old`)).json.spec).toEqual({ a: "text" });
    });

    it("forgives an update what it does not change", async () => {
      const { api, definition, comets, comet } = await withComets([versionWith({ a: TEXT, b: TEXT })]);
      await api.create(comets, comet("old", { a: "text" }));
      await api.patch(definition, { spec: { versions: [versionWith({ a: INTEGER, b: TEXT })] } });
      await untilAccepted(api, comets, comet("probe", { a: 1 }));
      const other = await api.send("PATCH", `${comets}/old`, { body: { spec: { b: "new" } } });
      expect([other.status, other.json.spec]).toEqual([200, { a: "text", b: "new" }]);
      const same = await api.send("PATCH", `${comets}/old`, { body: { spec: { a: "other" } } });
      expect(same.status).toBe(422);
    });

    it("and gains a default shows it in what is stored", async () => {
      const { api, definition, comets, comet } = await withComets([versionWith({ a: TEXT })]);
      const { metadata } = await api.create(comets, comet("old", { a: "1" }));
      await api.patch(definition, {
        spec: { versions: [versionWith({ a: TEXT, b: { ...TEXT, default: "later" } })] },
      });
      await until(
        async () => {
          const { spec } = (await api.get(`${comets}/old`)).json;
          return (spec as { b?: string } | undefined)?.b === "later";
        },
        { what: "the default to show" },
      );
      expect((await api.get(`${comets}/old`)).json.metadata.resourceVersion).toBe(metadata.resourceVersion);
      const watch = await api.watch(`${comets}?watch=1`);
      expect(JSON.parse(await watch.nextRaw()).object.spec).toEqual({ a: "1", b: "later" });
    });
  });

  describe("a definition that is made again with another schema", () => {
    it("has nothing of what was before, and asks by the new schema", async () => {
      const { api, group, definition, comets, comet } = await withComets([versionWith({ a: TEXT })]);
      await api.create(comets, comet("old", { a: "text" }));
      await api.delete(definition);
      await until(async () => (await api.get(definition)).status === 404, { what: "the definition to go" });
      await define(api, { group, kind: "Comet", versions: [versionWith({ a: INTEGER })] });
      expect((await api.get(comets)).json.items).toEqual([]);
      const refused = await api.send("POST", comets, { body: comet("new", { a: "text" }) });
      expect(refused.json.message).toBe(
        `Comet.${group} "new" is invalid: spec.a: Invalid value: "string": spec.a in body must be of type integer: "string"`,
      );
      const made = await api.send("POST", comets, { body: comet("old", { a: 1, b: "2" }) });
      expect([made.status, made.header("warning")]).toEqual([201, warnings(['unknown field "spec.b"'])]);
    });
  });

  describe("the versions of a kind", () => {
    it("have schemas of their own for what is written by them", async () => {
      const { api, comets, comet, group } = await withComets([
        versionWith({ a: TEXT }),
        versionWith({ a: INTEGER }, "v2", { storage: false }),
      ]);
      const later = comets.replace("/v1/", "/v2/");
      await api.create(comets, comet("c", { a: "1" }));
      expect((await api.get(`${later}/c`)).json).toMatchObject({
        apiVersion: `${group}/v2`,
        spec: { a: "1" },
      });
      const body = { ...comet("d", { a: "1" }), apiVersion: `${group}/v2` };
      const refused = await api.send("POST", later, { body });
      expect([refused.status, refused.json.reason]).toEqual([422, "Invalid"]);
    });

    it("store what the stored version knows, and no more", async () => {
      const { api, comets, comet, group } = await withComets([
        versionWith({ a: TEXT }),
        versionWith({ a: TEXT, b: { ...TEXT, default: "two" } }, "v2", { storage: false }),
      ]);
      const later = comets.replace("/v1/", "/v2/");
      const body = { ...comet("c", { a: "1" }), apiVersion: `${group}/v2` };
      expect((await api.create(later, body)).spec).toEqual({ a: "1" });
      expect((await api.patch(`${later}/c`, { spec: { a: "2", b: "3" } })).spec).toEqual({ a: "2" });
      for (const path of [comets, later]) {
        expect((await api.get(`${path}/c`)).json.spec).toEqual({ a: "2" });
      }
    });

    it("may have a status subresource in one and not in the other", async () => {
      const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
      const schema = { openAPIV3Schema: { type: "object", properties: { status: open } } };
      const { api, comets, comet } = await withComets([
        version("v1", { schema, subresources: { status: {} } }),
        version("v2", { schema, storage: false }),
      ]);
      const later = comets.replace("/v1/", "/v2/");
      await api.create(comets, comet("c", {}));
      await api.patch(`${comets}/c/status`, { status: { by: "v1" } });
      expect((await api.send("PATCH", `${later}/c/status`, { body: {} })).status).toBe(404);
      await api.patch(`${comets}/c`, { status: { by: "ignored" } });
      expect((await api.get(`${comets}/c`)).json.status).toEqual({ by: "v1" });
      await api.patch(`${later}/c`, { status: { by: "v2" } });
      expect((await api.get(`${comets}/c`)).json.status).toEqual({ by: "v2" });
    });

    it("that are not served are a 404 in text", async () => {
      const { api, comets } = await withComets([
        versionWith({}),
        versionWith({}, "v2", { storage: false, served: false }),
      ]);
      expect((await api.get(comets.replace("/v1/", "/v2/"))).raw).toBe("404 page not found\n");
    });
  });
}
