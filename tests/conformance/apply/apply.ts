import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import { configMap, failure, frame } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { apply, applyData, applySpec, owners } from "./applying.ts";

export function applyCases(open: OpenSession): void {
  describe("an apply", () => {
    it("creates what is not there with 201, and changes what is with 200", async () => {
      const api = await open();
      const made = await applyData(api, { as: "m1", data: { a: "1" } });
      expect([made.status, made.text]).toEqual([
        201,
        `${configMap("one", { uid: 1, version: 1, data: { a: "1" } })}\n`,
      ]);
      const changed = await applyData(api, { as: "m1", data: { a: "2" } });
      expect([changed.status, changed.text]).toEqual([
        200,
        `${configMap("one", { uid: 1, version: 2, data: { a: "2" } })}\n`,
      ]);
    });

    it("that changes nothing keeps the resource version, and tells nobody", async () => {
      const api = await open();
      const first = await applyData(api, { as: "m1", data: { a: "1" } });
      const { resourceVersion } = first.json.metadata;
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${resourceVersion}`);
      const again = await applyData(api, { as: "m1", data: { a: "1" } });
      expect([again.status, again.raw]).toEqual([200, first.raw]);
      await applyData(api, { as: "m1", data: { a: "2" } });
      expect(JSON.parse(await watch.nextRaw()).object.data).toEqual({ a: "2" });
    });

    it("takes away what its manager applied before and has left out now, and nothing else", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { mine: "1", kept: "1" } });
      await api.patch(`${api.configMaps}/one`, { data: { patched: "1" } });
      const { json } = await applyData(api, { as: "m1", data: { kept: "1" } });
      expect(json.data).toEqual({ kept: "1", patched: "1" });
    });

    it("leaves what another manager applied too", async () => {
      const api = await open();
      await applyData(api, { as: "m1", data: { shared: "1", mine: "1" } });
      await applyData(api, { as: "m2", data: { shared: "1" } });
      expect((await applyData(api, { as: "m1" })).json.data).toEqual({ shared: "1" });
      expect((await applyData(api, { as: "m2" })).json.data).toBe(undefined);
    });

    it("merges labels and annotations, which others set as well", async () => {
      const api = await open();
      const metadata = { name: "one", labels: { a: "1" }, annotations: { n: "1" } };
      const path = `${api.configMaps}/one`;
      const body = { apiVersion: "v1", kind: "ConfigMap", metadata };
      await apply(api, path, { as: "m1", body });
      await api.patch(path, { metadata: { labels: { b: "2" }, annotations: { o: "2" } } });
      const { json } = await apply(api, path, {
        as: "m1",
        body: { ...body, metadata: { name: "one", labels: { a: "3" } } },
      });
      expect([json.metadata.labels, json.metadata.annotations]).toEqual([{ a: "3", b: "2" }, { o: "2" }]);
    });

    it("with dryRun=All answers as usual and stores nothing", async () => {
      const api = await open();
      const made = await applyData(api, { as: "m1", query: "dryRun=All", data: { a: "1" } });
      expect([made.status, made.json.metadata.resourceVersion]).toEqual([201, undefined]);
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(404);
      const { raw } = await applyData(api, { as: "m1", data: { a: "1" } });
      const dry = await applyData(api, { as: "m1", query: "dryRun=All", data: { a: "2" } });
      expect([dry.status, dry.json.data]).toEqual([200, { a: "2" }]);
      expect((await api.get(`${api.configMaps}/one`)).raw).toBe(raw);
    });

    it("of a custom object fills in its defaults, and counts its generation", async () => {
      const api = await open();
      const made = await applySpec(api, { as: "m1", spec: { size: 1 } });
      expect([made.status, made.json.spec]).toEqual([201, { colour: "red", size: 1 }]);
      const { json } = await applySpec(api, { as: "m1", spec: { size: 2 } });
      expect([json.metadata.generation, json.spec]).toEqual([2, { colour: "red", size: 2 }]);
    });

    it("of a status leaves the spec alone, and its manager is told apart by the subresource", async () => {
      const api = await open();
      await applySpec(api, { as: "m1", spec: { size: 1 } });
      const { status, json } = await apply(api, `${api.moons}/one/status`, {
        as: "m1",
        body: custom("Moon", "one", { spec: { size: 5 }, status: { count: 1 } }),
      });
      expect([status, json.spec, json.status]).toEqual([
        200,
        { colour: "red", size: 1 },
        { count: 1, phase: "new" },
      ]);
      expect(owners(json)).toMatchObject([
        { manager: "m1", fieldsV1: { "f:spec": { "f:size": {} } } },
        { manager: "m1", fieldsV1: { "f:status": { "f:count": {} } }, subresource: "status" },
      ]);
      expect((await applySpec(api, { as: "m1", spec: { size: 1 } })).json.status).toEqual({
        count: 1,
        phase: "new",
      });
    });

    it("of the status of what is not there is a 404", async () => {
      const api = await open();
      const body = custom("Moon", "absent", { status: { count: 1 } });
      const reply = await apply(api, `${api.moons}/absent/status`, { as: "m1", body });
      const details = { name: "absent", group: "example.com", kind: "moons" };
      const message = 'moons.example.com "absent" not found';
      expect(reply.text).toBe(failure(404, { message, reason: "NotFound", details }));
    });

    it("tells those who watch", async () => {
      const api = await open();
      const watch = await api.watch(
        `${api.configMaps}?watch=1&resourceVersion=${await api.version(api.configMaps)}`,
      );
      await applyData(api, { as: "m1", data: { a: "1" } });
      await applyData(api, { as: "m2", query: "force=true", data: { a: "2" } });
      expect(await watch.take(2)).toEqual([
        frame("ADDED", configMap("one", { uid: 1, version: 1, data: { a: "1" } })),
        frame("MODIFIED", configMap("one", { uid: 1, version: 2, data: { a: "2" } })),
      ]);
    });

    it("may be written as YAML", async () => {
      const api = await open();
      const body = [
        ...["apiVersion: v1", "kind: ConfigMap", "metadata:", "  name: one", "data:"],
        ...["  plain: text # with a comment", "  quoted: '1'", "  lines: |", "    first", "    second", ""],
      ].join("\n");
      const { status, json } = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      expect([status, json.data]).toEqual([201, { plain: "text", quoted: "1", lines: "first\nsecond\n" }]);
    });

    it("reads YAML as it was before version 1.2, in which no means false", async () => {
      const api = await open();
      const body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndata: {answer: no}\n";
      const reply = await apply(api, `${api.configMaps}/one`, { as: "m1", body });
      const message =
        "failed to create typed patch object (/one; /v1, Kind=ConfigMap): .data.answer: expected string, got &value.valueUnstructured{Value:false}";
      expect(reply.text).toBe(failure(500, { message }).replace("&", "\\u0026"));
    });
  });
}
