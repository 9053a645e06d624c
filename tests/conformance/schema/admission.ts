import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import { failure, invalid } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { postMoon, warnings } from "./moons.ts";

export function admissionCases(open: OpenSession): void {
  describe("the defaults of a schema", () => {
    it("are stored where the field is absent, or null and may not be", async () => {
      const api = await open();
      const absent = await postMoon(api, { size: 1, ports: [{ name: "p" }] }, { name: "a" });
      const spec = { colour: "red", ports: [{ name: "p", port: 80 }], size: 1 };
      expect([absent.status, absent.json.spec]).toEqual([201, spec]);
      const nulls = await postMoon(api, { size: 1, colour: null, note: null }, { name: "b" });
      expect(nulls.json.spec).toEqual({ colour: "red", note: null, size: 1 });
      expect((await api.get(`${api.moons}/b`)).json.spec).toEqual(nulls.json.spec);
    });

    it("come only within what is there", async () => {
      const api = await open();
      const { json } = await postMoon(api, { size: 1 });
      expect(json).not.toHaveProperty("status");
      const path = `${api.moons}/one/status`;
      const status = await api.send("PATCH", path, { body: { status: { count: 1 } } });
      expect(status.json.status).toEqual({ count: 1, phase: "new" });
    });

    it("come back when a field is taken away", async () => {
      const api = await open();
      await postMoon(api, { size: 1, colour: "blue" });
      expect((await api.patch(`${api.moons}/one`, { spec: { colour: null } })).spec).toEqual({
        colour: "red",
        size: 1,
      });
    });
  });

  describe("fields that a schema does not know", () => {
    const spec = {
      ...{ size: 1, unknown: 1 },
      ports: [{ name: "p", port: 1, w: 1 }],
      free: { x: { y: 1 }, known: { x: 1, z: 1 } },
    };
    const body = { ...custom("Moon", "one", { spec }), extra: 1 };
    const unknown = ["extra", "spec.free.known.z", "spec.ports[0].w", "spec.unknown"];

    it("are dropped with a warning for each, in order; where all is preserved, they are not", async () => {
      const api = await open();
      const reply = await api.send("POST", api.moons, { body });
      expect([reply.status, reply.header("warning")]).toEqual([
        201,
        warnings(unknown.map((field) => `unknown field "${field}"`)),
      ]);
      expect(Object.keys(reply.json)).toEqual(["apiVersion", "kind", "metadata", "spec"]);
      expect(reply.json.spec).toEqual({
        ...{ colour: "red", size: 1 },
        ports: [{ name: "p", port: 1 }],
        free: { x: { y: 1 }, known: { x: 1 } },
      });
    });

    it("are dropped in silence with fieldValidation=Ignore", async () => {
      const api = await open();
      const reply = await api.send("POST", `${api.moons}?fieldValidation=Ignore`, { body });
      expect([reply.status, reply.header("warning")]).toEqual([201, null]);
    });

    it("are a bad request with fieldValidation=Strict, and invalid in a patch", async () => {
      const api = await open();
      const reply = await api.send("POST", `${api.moons}?fieldValidation=Strict`, { body });
      const why = `strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(", ")}`;
      const message = `Moon in version "v1" cannot be handled as a Moon: ${why}`;
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
      await postMoon(api, { size: 1 });
      const path = `${api.moons}/one?fieldValidation=Strict`;
      const patched = await api.send("PATCH", path, { body: { spec: { unknown: 1 } } });
      expect([patched.status, patched.json.reason]).toEqual([422, "Invalid"]);
      expect(patched.json.message).toMatch(/: strict decoding error: unknown field "spec\.unknown"$/);
    });

    it("are warned of in a patch, an update and a status as well", async () => {
      const api = await open();
      await postMoon(api, { size: 1 });
      const path = `${api.moons}/one`;
      const patched = await api.send("PATCH", path, { body: { spec: { unknown: 1 } } });
      expect(patched.header("warning")).toBe(warnings(['unknown field "spec.unknown"']));
      const { json } = await api.get(path);
      const put = await api.send("PUT", path, { body: { ...json, extra: 1 } });
      expect(put.header("warning")).toBe(warnings(['unknown field "extra"']));
      const status = await api.send("PATCH", `${path}/status`, { body: { status: { what: 1 } } });
      expect(status.header("warning")).toBe(warnings(['unknown field "status.what"']));
    });

    it("of an embedded object are those of its metadata", async () => {
      const api = await open();
      const metadata = { name: "x", what: 1 };
      const template = { apiVersion: "v1", kind: "Pod", metadata, spec: { anything: 1 } };
      const reply = await postMoon(api, { size: 1, template });
      expect(reply.header("warning")).toBe(warnings(['unknown field "spec.template.metadata.what"']));
      expect((reply.json.spec as { template: object }).template).toEqual({
        ...template,
        metadata: { name: "x" },
      });
    });

    it("may be judged in three ways, and no other", async () => {
      const api = await open();
      const reply = await api.send("POST", `${api.moons}?fieldValidation=No`, { body });
      const why = 'Unsupported value: "No": supported values: "", "Ignore", "Strict", "Warn"';
      expect(reply.text).toBe(
        invalid({ group: "meta.k8s.io", kind: "CreateOptions" }, [
          ["FieldValueNotSupported", "fieldValidation", why],
        ]),
      );
    });
  });

  describe("fields that a built-in kind does not know", () => {
    it("are dropped with a warning for each, as they come", async () => {
      const api = await open();
      const body = '{"nothing":1,"metadata":{"zz":1,"name":"one","aa":2},"data":{"a":"1"},"b":1}';
      const reply = await api.send("POST", api.configMaps, { body });
      const unknown = ["nothing", "metadata.zz", "metadata.aa", "b"];
      expect([reply.status, reply.header("warning")]).toEqual([
        201,
        warnings(unknown.map((field) => `unknown field "${field}"`)),
      ]);
      expect(Object.keys(reply.json)).toEqual(["kind", "apiVersion", "metadata", "data"]);
    });

    it("are a bad request with fieldValidation=Strict, and invalid in a patch", async () => {
      const api = await open();
      const body = { metadata: { name: "one" }, nothing: 1 };
      const reply = await api.send("POST", `${api.configMaps}?fieldValidation=Strict`, { body });
      const message =
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "nothing"';
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const path = `${api.configMaps}/one?fieldValidation=Strict`;
      const patched = await api.send("PATCH", path, { body: { nothing: 1 } });
      expect([patched.status, patched.json.reason]).toEqual([422, "Invalid"]);
      expect(patched.json.message).toMatch(/: strict decoding error: unknown field "nothing"$/);
    });
  });
}
