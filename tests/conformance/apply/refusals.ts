import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { failure, invalid } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { apply, applyData, applySpec } from "./applying.ts";

const HEAD = { apiVersion: "v1", kind: "ConfigMap" };
const OBJECT = { ...HEAD, metadata: { name: "one" } };
const UID = "11111111-2222-3333-4444-555555555555";
const UNMARSHAL = "error decoding YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal";

export function refusalCases(open: OpenSession): void {
  describe("an apply that cannot be", () => {
    const patchOptions = { group: "meta.k8s.io", kind: "PatchOptions" };

    it("without a field manager is invalid", async () => {
      const api = await open();
      const reply = await apply(api, `${api.configMaps}/one`, { body: OBJECT });
      const why = "Required value: is required for apply patch";
      expect(reply.text).toBe(invalid(patchOptions, [["FieldValueRequired", "fieldManager", why]]));
    });

    it("by a field manager of a long name is invalid", async () => {
      const api = await open();
      const reply = await applyData(api, { as: "m".repeat(129) });
      const why = "Too long: may not be more than 128 bytes";
      expect(reply.text).toBe(invalid(patchOptions, [["FieldValueTooLong", "fieldManager", why]]));
    });

    it("by force is invalid for another patch", async () => {
      const api = await open();
      await applyData(api, { as: "m1" });
      const reply = await api.send("PATCH", `${api.configMaps}/one?force=true`, { body: {} });
      const why = "Forbidden: may not be specified for non-apply patch";
      expect(reply.text).toBe(invalid(patchOptions, [["FieldValueForbidden", "force", why]]));
    });

    const badRequests: readonly [title: string, body: unknown, message: string][] = [
      [
        "without apiVersion",
        { kind: "ConfigMap", metadata: { name: "one" } },
        "invalid object type: /, Kind=ConfigMap",
      ],
      ["without kind", { apiVersion: "v1", metadata: { name: "one" } }, "invalid object type: /v1, Kind="],
      ["of another kind", { ...OBJECT, kind: "Secret" }, "invalid object type: /v1, Kind=Secret"],
      [
        "without a name",
        { ...HEAD, data: {} },
        "the name of the object (one based on URL) was undeterminable: name must be provided",
      ],
      [
        "of another name",
        { ...HEAD, metadata: { name: "two" } },
        "the name of the object (two) does not match the name on the URL (one)",
      ],
      [
        "in another namespace",
        { ...HEAD, metadata: { name: "one", namespace: "elsewhere" } },
        "the namespace of the provided object does not match the namespace sent on the request",
      ],
      [
        "with managedFields",
        { ...HEAD, metadata: { name: "one", managedFields: [{}] } },
        "metadata.managedFields must be nil",
      ],
      ["of a list", [], `${UNMARSHAL} array into Go value of type map[string]interface {}`],
      ["of a YAML list", "- a\n", `${UNMARSHAL} array into Go value of type map[string]interface {}`],
    ];
    for (const [title, body, message] of badRequests) {
      it(`${title} is a bad request`, async () => {
        const api = await open();
        const reply = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
        expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
      });
    }

    it("because it is no YAML is a bad request", async () => {
      const api = await open();
      const { status, json } = await apply(api, `${api.configMaps}/one`, { as: "m1", body: "{" });
      expect([status, json.reason]).toEqual([400, "BadRequest"]);
      expect(json.message).toMatch(/^error decoding YAML: error converting YAML to JSON: yaml: /);
    });

    const untyped: readonly [title: string, fields: object, why: string][] = [
      ["with a field that its kind does not have", { nothing: 1 }, ".nothing: field not declared in schema"],
      [
        "with a value of another type",
        { data: { a: 1 } },
        ".data.a: expected string, got \\u0026value.valueUnstructured{Value:1}",
      ],
    ];
    for (const [title, fields, why] of untyped) {
      it(`${title} is an error of the server without a reason`, async () => {
        const api = await open();
        const reply = await apply(api, `${api.configMaps}/one`, { as: "m1", body: { ...OBJECT, ...fields } });
        const message = `failed to create typed patch object (/one; /v1, Kind=ConfigMap): `;
        expect(reply.text).toBe(failure(500, { message: message + why }).replaceAll("\\\\u", "\\u"));
      });
    }

    it("because of its schema is invalid, or of another type an error of the server", async () => {
      const api = await open();
      const large = await applySpec(api, { as: "m1", spec: { size: 99 } });
      const why = "Invalid value: 99: spec.size in body should be less than or equal to 9";
      expect(large.text).toBe(
        invalid({ name: "one", group: "example.com", kind: "Moon" }, [
          ["FieldValueInvalid", "spec.size", why],
        ]),
      );
      const typed = "failed to create typed patch object (/one; example.com/v1, Kind=Moon): ";
      const text = await applySpec(api, { as: "m1", spec: { size: "x" } });
      expect(text.text).toBe(
        failure(500, { message: `${typed}.spec.size: expected numeric (int or float), got string` }),
      );
      const unknown = await applySpec(api, { as: "m1", spec: { size: 1, unknown: 1 } });
      expect(unknown.text).toBe(
        failure(500, { message: `${typed}.spec.unknown: field not declared in schema` }),
      );
    });

    it("with a uid is a conflict where nothing is there, and invalid where another is", async () => {
      const api = await open();
      const body = { ...HEAD, metadata: { name: "one", uid: UID } };
      const none = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      const why = `uid mismatch: the provided object specified uid ${UID}, and no existing object was found`;
      expect(none.raw).toBe(
        failure(409, {
          message: `Operation cannot be fulfilled on configmaps "one": ${why}`,
          reason: "Conflict",
          details: { name: "one", kind: "configmaps" },
        }),
      );
      await applyData(api, { as: "m1" });
      const other = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      expect([other.status, other.json.reason]).toEqual([422, "Invalid"]);
    });

    it("with a stale resource version is a conflict", async () => {
      const api = await open();
      const { resourceVersion } = (await applyData(api, { as: "m1", data: { a: "1" } })).json.metadata;
      await applyData(api, { as: "m1", data: { a: "2" } });
      const metadata = { name: "one", resourceVersion };
      const body = { ...HEAD, metadata, data: { a: "3" } };
      const reply = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      expect([reply.status, reply.json.reason]).toEqual([409, "Conflict"]);
      expect(reply.json.message).toMatch(
        /^Operation cannot be fulfilled on configmaps "one": the object has been modified;/,
      );
    });
  });
}
