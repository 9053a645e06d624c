import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";
import { failure, invalid } from "./expected.ts";

const JSON_PATCH = { headers: { "content-type": "application/json-patch+json" } };

export function patchCases(open: OpenSession): void {
  async function withOne(
    data: object = { a: "1", b: "2" },
  ): Promise<{ api: Session; path: string; version: string }> {
    const api = await open();
    const { metadata } = await api.create(api.configMaps, {
      metadata: { name: "one", labels: { app: "web" } },
      data,
    });
    return { api, path: `${api.configMaps}/one`, version: metadata.resourceVersion };
  }

  describe("a merge patch", () => {
    it("sets what it has and removes what is null", async () => {
      const { api, path } = await withOne();
      const body = { metadata: { labels: { app: null, tier: "x" } }, data: { a: null, c: "3" } };
      const reply = await api.send("PATCH", path, { body });
      expect(reply.status).toBe(200);
      expect(reply.json).toMatchObject({ data: { b: "2", c: "3" }, metadata: { labels: { tier: "x" } } });
      expect(Object.keys(reply.json.metadata.labels ?? {})).toEqual(["tier"]);
    });

    it("replaces the arrays of custom objects, and sets deeper values", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w", { spec: { list: [1, 2], deep: { a: { b: 1 } } } }));
      const patched = await api.patch(`${api.widgets}/w`, {
        spec: { list: [3], deep: { a: { c: 2 } }, new: { x: null } },
      });
      expect(patched.spec).toEqual({ list: [3], deep: { a: { b: 1, c: 2 } }, new: {} });
    });

    it("that changes nothing keeps the resource version", async () => {
      const { api, path, version } = await withOne();
      for (const body of [{}, { data: { a: "1" } }, { data: { x: null } }]) {
        expect((await api.patch(path, body)).metadata.resourceVersion).toBe(version);
      }
    });

    it("with a stale resource version is a conflict", async () => {
      const { api, path, version } = await withOne();
      await api.patch(path, { data: { a: "2" } });
      const body = { metadata: { resourceVersion: version }, data: { a: "3" } };
      const reply = await api.send("PATCH", path, { body });
      expect([reply.status, reply.json.reason]).toEqual([409, "Conflict"]);
      expect(reply.json.message).toMatch(
        /^Operation cannot be fulfilled on configmaps "one": the object has been modified/,
      );
    });

    it("may not rename", async () => {
      const { api, path } = await withOne();
      const reply = await api.send("PATCH", path, { body: { metadata: { name: "two" } } });
      const message = "the name of the object (two) does not match the name on the URL (one)";
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("heeds no creation time and no generation, which are the server's to set", async () => {
      const { api, path } = await withOne();
      const before = (await api.get(path)).json.metadata;
      const metadata = { creationTimestamp: "2001-01-01T00:00:00Z", generation: 7 };
      expect((await api.patch(path, { metadata })).metadata).toEqual(before);
    });

    const immutable: readonly [field: string, value: unknown][] = [
      ["uid", "11111111-2222-3333-4444-555555555555"],
      ["deletionTimestamp", "2001-01-01T00:00:00Z"],
      ["deletionGracePeriodSeconds", 5],
    ];
    for (const [field, value] of immutable) {
      it(`may not set the ${field}`, async () => {
        const { api, path } = await withOne();
        await api.create(api.widgets, custom("Widget", "w"));
        const cause = [
          "FieldValueInvalid",
          `metadata.${field}`,
          `Invalid value: ${JSON.stringify(value)}: field is immutable`,
        ] as const;
        for (const [object, kind] of [
          [path, { kind: "ConfigMap", name: "one" }],
          [`${api.widgets}/w`, { group: GROUP, kind: "Widget", name: "w" }],
        ] as const) {
          const reply = await api.send("PATCH", object, { body: { metadata: { [field]: value } } });
          expect(reply.raw).toBe(invalid(kind, [cause, cause]));
        }
      });
    }

    it("may not make another kind of an object", async () => {
      const { api, path } = await withOne();
      await api.create(api.widgets, custom("Widget", "w"));
      for (const [field, value, must] of [
        ["kind", "Gadget", "Widget"],
        ["apiVersion", `${GROUP}/v2`, `${GROUP}/v1`],
      ] as const) {
        const reply = await api.send("PATCH", `${api.widgets}/w`, { body: { [field]: value } });
        const kind = field === "kind" ? value : "Widget";
        expect(reply.text).toBe(
          invalid({ group: GROUP, kind, name: "w" }, [
            ["FieldValueInvalid", field, `Invalid value: "${value}": must be ${must}`],
          ]),
        );
      }
      for (const body of [{ kind: "Secret" }, { apiVersion: "v2" }]) {
        const reply = await api.send("PATCH", path, { body });
        expect([reply.status, reply.json.reason]).toEqual([422, "Invalid"]);
      }
    });

    it("that is no JSON, or no object, is a bad request", async () => {
      const { api, path } = await withOne();
      for (const body of ["{", "[]", "7"]) {
        const reply = await api.send("PATCH", path, { body });
        expect([body, reply.status, reply.json.reason]).toEqual([body, 400, "BadRequest"]);
      }
    });
  });

  describe("a JSON Patch", () => {
    const accepted: readonly [patch: readonly object[], data: object][] = [
      [[{ op: "add", path: "/data/c", value: "3" }], { a: "1", b: "2", c: "3" }],
      [[{ op: "remove", path: "/data/a" }], { b: "2" }],
      [[{ op: "replace", path: "/data/a", value: "9" }], { a: "9", b: "2" }],
      [[{ op: "move", from: "/data/a", path: "/data/c" }], { b: "2", c: "1" }],
      [[{ op: "copy", from: "/data/a", path: "/data/c" }], { a: "1", b: "2", c: "1" }],
      [
        [
          { op: "test", path: "/data/a", value: "1" },
          { op: "replace", path: "/data/a", value: "9" },
        ],
        { a: "9", b: "2" },
      ],
      [[], { a: "1", b: "2" }],
      // The standard (RFC 6902) refuses it.
      [[{ op: "replace", path: "/data/missing", value: "3" }], { a: "1", b: "2", missing: "3" }],
      [[{ op: "add", path: "/data", value: { "x.y": "1" } }], { "x.y": "1" }],
    ];
    for (const [patch, data] of accepted) {
      it(`${JSON.stringify(patch)} is done`, async () => {
        const { api, path } = await withOne();
        const reply = await api.send("PATCH", path, { ...JSON_PATCH, body: patch });
        expect([reply.status, reply.json.data]).toEqual([200, data]);
      });
    }

    it("reaches keys with slashes and tildes", async () => {
      const { api, path } = await withOne();
      await api.patch(path, { metadata: { annotations: { "a.b/c": "1" } } });
      const body = [{ op: "replace", path: "/metadata/annotations/a.b~1c", value: "2" }];
      const reply = await api.send("PATCH", path, { ...JSON_PATCH, body });
      expect(reply.json.metadata.annotations).toEqual({ "a.b/c": "2" });
    });

    it("inserts into arrays, and behind them", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w", { spec: { list: [1, 2] } }));
      const body = [
        { op: "add", path: "/spec/list/1", value: 9 },
        { op: "add", path: "/spec/list/-", value: 3 },
        { op: "remove", path: "/spec/list/0" },
      ];
      const reply = await api.send("PATCH", `${api.widgets}/w`, { ...JSON_PATCH, body });
      expect(reply.json.spec).toEqual({ list: [9, 2, 3] });
    });

    const refused: readonly (readonly object[])[] = [
      [{ op: "test", path: "/data/a", value: "2" }],
      [{ op: "replace", path: "/missing/deeper", value: "2" }],
      [{ op: "remove", path: "/data/missing" }],
      [{ op: "add", path: "/missing/deeper", value: "2" }],
      [{ op: "invent", path: "/data/a", value: "2" }],
      [{ op: "move", from: "/data/missing", path: "/data/a" }],
    ];
    for (const body of refused) {
      it(`${JSON.stringify(body)} is invalid, without details, and changes nothing`, async () => {
        const { api, path } = await withOne();
        const patch = [{ op: "replace", path: "/data/b", value: "9" }, ...body];
        const reply = await api.send("PATCH", path, { ...JSON_PATCH, body: patch });
        const message = "the server rejected our request due to an error in our request";
        expect(reply.text).toBe(failure(422, { message, reason: "Invalid", details: {} }));
        expect((await api.get(path)).json.data).toEqual({ a: "1", b: "2" });
      });
    }

    it("that is no array is a bad request", async () => {
      const { api, path } = await withOne();
      const reply = await api.send("PATCH", path, { ...JSON_PATCH, body: { op: "remove" } });
      expect([reply.status, reply.json.reason]).toEqual([400, "BadRequest"]);
      expect(reply.json.message).toMatch(/^error decoding patch: /);
    });
  });

  describe("a patch of another media type", () => {
    it("is a 415 with the words of the kind", async () => {
      const { api, path } = await withOne();
      const plain = await api.send("PATCH", path, {
        body: "{}",
        headers: { "content-type": "application/json" },
      });
      expect(plain.status).toBe(415);
      expect(plain.json).toMatchObject({ reason: "UnsupportedMediaType", code: 415 });
      await api.create(api.widgets, custom("Widget", "w"));
      const headers = { "content-type": "application/strategic-merge-patch+json" };
      const strategic = await api.send("PATCH", `${api.widgets}/w`, { body: "{}", headers });
      expect(strategic.status).toBe(415);
      expect(strategic.json).toMatchObject({ reason: "UnsupportedMediaType", code: 415 });
      expect(strategic.json.message).toMatch(
        /^the body of the request was in an unknown format - accepted media types include: application\/json-patch\+json, application\/merge-patch\+json/,
      );
    });
  });

  describe("a patch with dryRun=All", () => {
    it("answers as usual and changes nothing", async () => {
      const { api, path } = await withOne();
      const before = (await api.get(path)).raw;
      const reply = await api.send("PATCH", `${path}?dryRun=All`, { body: { data: { a: "9" } } });
      expect([reply.status, reply.json.data]).toEqual([200, { a: "9", b: "2" }]);
      expect((await api.get(path)).raw).toBe(before);
    });
  });
}
