import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import { failure } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { accept, as, METADATA, METADATA_LIST, prettyFailure, TABLE } from "./media_types.ts";

const SERVED = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
const STREAMED = "application/json;stream=watch, application/vnd.kubernetes.protobuf;stream=watch";

function onlyAccepted(types: string): { message: string; reason: string } {
  return { message: `only the following media types are accepted: ${types}`, reason: "NotAcceptable" };
}

function available(types: string): { message: string; reason: string; details: object } {
  const message = `406: Not Acceptable\n\nAvailable representations: ${types}`;
  return { message, reason: "NotAcceptable", details: {} };
}

export function acceptCases(open: OpenSession): void {
  describe("Accept, on a list", () => {
    const kinds: readonly [accept: string, kind: string][] = [
      ["", "ConfigMapList"],
      ["*/*", "ConfigMapList"],
      ["text/html, application/json;q=0.1", "ConfigMapList"],
      ["application/json;q=0", "ConfigMapList"],
      ["application/json;stream=watch", "ConfigMapList"],
      ["application/json;foo=bar", "ConfigMapList"],
      [`${as("Foo")},application/json`, "ConfigMapList"],
      [`${METADATA_LIST};q=0.3,application/json;q=0.5`, "ConfigMapList"],
      [`application/json,${METADATA_LIST}`, "ConfigMapList"],
      [`application/json;q=0.5,${METADATA_LIST};q=0.9`, "PartialObjectMetadataList"],
      [`${METADATA_LIST},application/json`, "PartialObjectMetadataList"],
      [`${TABLE},${METADATA_LIST}`, "Table"],
      ["application/json; as=Table; v=v1; g=meta.k8s.io", "Table"],
    ];
    for (const [types, kind] of kinds) {
      it(`answers ${kind} to ${types || "none"}`, async () => {
        const api = await open();
        const reply = await api.get(api.configMaps, { headers: accept(types) });
        expect([reply.status, reply.header("content-type"), reply.json.kind]).toEqual([
          ...[200, "application/json", kind],
        ]);
      });
    }

    const refusals: readonly [accept: string, said: { message: string; reason: string }][] = [
      ["text/html", available(`${SERVED}, ${STREAMED}`)],
      ["application/cbor", available(`${SERVED}, ${STREAMED}`)],
      ["application/json;as=Table", onlyAccepted(SERVED)],
      [as("Table", { version: "v2" }), onlyAccepted(SERVED)],
      [as("Foo"), onlyAccepted(SERVED)],
      ["application/json;stream=foo", onlyAccepted(SERVED)],
    ];
    for (const [types, said] of refusals) {
      it(`answers 406, for people, to ${types}`, async () => {
        const api = await open();
        const reply = await api.get(api.configMaps, { headers: accept(types) });
        expect([reply.status, reply.text]).toEqual([406, prettyFailure(406, said)]);
        expect(reply.header("content-type")).toBe("application/json");
      });
    }

    it("is taken at its word by the router of built-in kinds, and more kindly for custom ones", async () => {
      const api = await open();
      const headers = accept("application/*");
      const refused = await api.get(api.configMaps, { headers });
      expect(refused.text).toBe(failure(406, available(`${SERVED}, ${STREAMED}`)));
      expect((await api.get(api.widgets, { headers })).json.kind).toBe("WidgetList");
      const other = await api.get(api.widgets, { headers: accept("text/html") });
      expect(other.text).toBe(prettyFailure(406, onlyAccepted(SERVED)));
    });
  });

  describe("Accept, elsewhere", () => {
    it("is judged after permissions and paths, and before objects", async () => {
      const api = await open();
      const headers = accept("text/html");
      const message = 'configmaps "x" not found';
      const details = { name: "x", kind: "configmaps" };
      const missing = await api.get(`${api.configMaps}/x`, { headers: accept(METADATA) });
      expect(missing.text).toBe(prettyFailure(404, { message, reason: "NotFound", details }));
      const unknown = await api.get(api.path("gizmos"), { headers });
      expect(unknown.json.reason).toBe("NotFound");
      const refused = await api.get(`${api.configMaps}/x`, { headers });
      expect(refused.text).toBe(prettyFailure(406, available(SERVED)));
    });

    it("leaves errors as they are, compact for a client that takes JSON", async () => {
      const api = await open();
      const reply = await api.get(`${api.configMaps}/x`, { headers: accept(TABLE, "application/json") });
      const details = { name: "x", kind: "configmaps" };
      expect(reply.text).toBe(
        failure(404, { message: 'configmaps "x" not found', reason: "NotFound", details }),
      );
    });

    it("of a watch may not be YAML", async () => {
      const api = await open();
      const reply = await api.get(`${api.configMaps}?watch=1&timeoutSeconds=1`, {
        headers: accept("application/yaml"),
      });
      expect([reply.status, reply.header("content-type")]).toEqual([406, "application/yaml"]);
      expect(reply.text).toContain(onlyAccepted("").message);
    });

    it("may name YAML for everything else", async () => {
      const api = await open();
      for (const path of [api.configMaps, api.widgets, "/apis"]) {
        const reply = await api.get(path, { headers: accept("application/yaml") });
        expect([reply.status, reply.header("content-type")]).toEqual([200, "application/yaml"]);
      }
    });

    it("of discovery may be no form of an object", async () => {
      const api = await open();
      for (const type of [TABLE, "text/html"]) {
        const reply = await api.get("/apis", { headers: accept(type) });
        expect([reply.status, reply.text]).toEqual([406, prettyFailure(406, onlyAccepted(SERVED))]);
      }
      expect((await api.get("/healthz", { headers: accept("text/html") })).text).toBe("ok");
    });
  });

  describe("pretty", () => {
    const asked: readonly [query: string, headers: Record<string, string>, pretty: boolean][] = [
      ["", {}, false],
      ["?pretty=true", {}, true],
      ["?pretty=1", {}, true],
      ["?pretty=yes", {}, false],
      ["?pretty", {}, false],
      ["", { accept: "application/json;pretty=1" }, true],
      ["", { "user-agent": "curl/8.0" }, true],
      ["?pretty=false", { "user-agent": "curl/8.0" }, false],
    ];
    for (const [query, headers, pretty] of asked) {
      it(`${pretty ? "indents" : "is off with"} ${query} ${JSON.stringify(headers)}`, async () => {
        const api = await open();
        await api.create(
          api.widgets,
          custom("Widget", "one", { spec: { empty: {}, none: [], text: "<&>" } }),
        );
        for (const path of [`${api.widgets}/one`, `${api.configMaps}/x`]) {
          const { raw } = await api.get(path + query, { headers: { "user-agent": "test", ...headers } });
          const value = JSON.parse(raw);
          const text = pretty ? JSON.stringify(value, undefined, 2) : `${JSON.stringify(value)}\n`;
          expect(raw).toBe(text.replace("<&>", "\\u003c\\u0026\\u003e"));
        }
      });
    }
  });
}
