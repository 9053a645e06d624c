import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom } from "../custom_kinds.ts";
import { failure, frame } from "../protocol/expected.ts";
import type { OpenSession } from "../session.ts";
import { accept, as, METADATA, METADATA_LIST, prettyFailure } from "./media_types.ts";

const FALLBACK = "application/json";

/** Metadata alone, of an object of the session's namespace. */
function metadataOf(
  name: string,
  { uid, version, ...more }: { uid: number; version: number; [field: string]: unknown },
) {
  const { generation, labels } = more;
  const metadata = {
    ...{ name, namespace: "<namespace>", uid: `<uid ${uid}>`, resourceVersion: `<version ${version}>` },
    ...{ generation, creationTimestamp: "<time>", labels },
  };
  return JSON.stringify({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata });
}

export function metadataCases(open: OpenSession): void {
  describe("PartialObjectMetadata", () => {
    it("is the metadata of an object, in the order of built-in types", async () => {
      const api = await open();
      await api.create(api.configMaps, {
        metadata: { name: "one", labels: { b: "2", a: "1" } },
        data: { k: "v" },
      });
      await api.create(api.widgets, custom("Widget", "one", { metadata: { labels: { a: "1" } }, spec: {} }));
      const headers = accept(METADATA, FALLBACK);
      expect((await api.get(`${api.configMaps}/one`, { headers })).text).toBe(
        `${metadataOf("one", { uid: 1, version: 1, labels: { a: "1", b: "2" } })}\n`,
      );
      expect((await api.get(`${api.widgets}/one`, { headers })).text).toBe(
        `${metadataOf("one", { uid: 2, version: 2, generation: 1, labels: { a: "1" } })}\n`,
      );
      const older = await api.get(`${api.configMaps}/one`, {
        headers: accept(as("PartialObjectMetadata", { version: "v1beta1" })),
      });
      expect(older.json.apiVersion).toBe("meta.k8s.io/v1beta1");
    });

    it("answers writes too; a Status stays what it is", async () => {
      const api = await open();
      const headers = accept(METADATA);
      const created = await api.send("POST", api.configMaps, {
        headers,
        body: { metadata: { name: "one" } },
      });
      expect([created.status, created.text]).toEqual([201, `${metadataOf("one", { uid: 1, version: 1 })}\n`]);
      const patched = await api.send("PATCH", `${api.configMaps}/one`, {
        headers: { ...headers, "content-type": "application/merge-patch+json" },
        body: { metadata: { labels: { a: "b" } } },
      });
      expect(patched.text).toBe(`${metadataOf("one", { uid: 1, version: 2, labels: { a: "b" } })}\n`);
      const deleted = await api.send("DELETE", `${api.configMaps}/one`, { headers });
      expect([deleted.json.kind, deleted.json.status]).toEqual(["Status", "Success"]);
    });

    it("of a list is a list of them, and null where there are none", async () => {
      const api = await open();
      const headers = accept(METADATA_LIST, FALLBACK);
      for (const path of [api.configMaps, api.widgets]) {
        expect((await api.get(path, { headers })).text).toBe(
          '{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"<version>"},"items":null}\n',
        );
      }
      await api.create(api.widgets, custom("Widget", "one"));
      await api.create(api.widgets, custom("Widget", "two"));
      expect((await api.get(`${api.widgets}?limit=1`, { headers })).text).toBe(
        `{"kind":"PartialObjectMetadataList","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"<version>","continue":"<continue>","remainingItemCount":1},"items":[${metadataOf("one", { uid: 1, version: 1, generation: 1 })}]}\n`,
      );
    });

    it("is not a list's, nor a list an object's: a 406 even with JSON behind it", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.create(api.widgets, custom("Widget", "one"));
      const reason = "NotAcceptable";
      const list = "you requested PartialObjectMetadata, but the requested object is a list";
      const none = "you requested PartialObjectMetadataList, but the requested object is not a list";
      const cases: readonly [
        path: string,
        type: string,
        code: number,
        said: { message: string; reason?: string },
      ][] = [
        [api.configMaps, METADATA, 406, { message: `${list} (*core.ConfigMapList)`, reason }],
        [
          api.path("leases", "coordination.k8s.io/v1"),
          METADATA,
          406,
          { message: `${list} (*coordination.LeaseList)`, reason },
        ],
        [api.widgets, METADATA, 406, { message: `${list} (*unstructured.UnstructuredList)`, reason }],
        [`${api.configMaps}/one`, METADATA_LIST, 406, { message: `${none} (*core.ConfigMap)`, reason }],
        [`${api.widgets}/one`, METADATA_LIST, 500, { message: "content is not a list" }],
      ];
      for (const [path, type, code, said] of cases) {
        const alone = await api.get(path, { headers: accept(type) });
        expect([alone.status, alone.text]).toEqual([code, prettyFailure(code, said)]);
        const withJson = await api.get(path, { headers: accept(type, FALLBACK) });
        expect([withJson.status, withJson.text]).toEqual([code, failure(code, said)]);
      }
    });

    it("has been written when it cannot be shown", async () => {
      const api = await open();
      const headers = accept(METADATA_LIST);
      const reply = await api.send("POST", api.configMaps, { headers, body: { metadata: { name: "one" } } });
      expect(reply.status).toBe(406);
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(200);
    });
  });

  describe("a watch of PartialObjectMetadata", () => {
    it("shows metadata in every frame, bookmarks too", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "one"));
      const watch = await api.watch(`${api.widgets}?watch=1&allowWatchBookmarks=true`, {
        headers: accept(METADATA, FALLBACK),
      });
      const bookmark =
        '{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"resourceVersion":"<version>","annotations":{"k8s.io/initial-events-end":"true"}}}';
      expect(await watch.take(2)).toEqual([
        frame("ADDED", metadataOf("one", { uid: 1, version: 1, generation: 1 })),
        frame("BOOKMARK", bookmark),
      ]);
      await api.patch(`${api.widgets}/one`, { spec: { a: 1 } });
      await api.delete(`${api.widgets}/one`);
      expect(await watch.take(2)).toEqual([
        frame("MODIFIED", metadataOf("one", { uid: 1, version: 2, generation: 2 })),
        frame("DELETED", metadataOf("one", { uid: 1, version: 3, generation: 2 })),
      ]);
    });

    it("ends at once where a list of them is asked for", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const watch = await api.watch(`${api.configMaps}?watch=1`, { headers: accept(METADATA_LIST) });
      expect([watch.status, await watch.rest()]).toEqual([200, []]);
    });

    it("shows errors as they are", async () => {
      const api = await open();
      const query =
        "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&resourceVersion=999999999";
      const watch = await api.watch(`${api.configMaps}?${query}`, { headers: accept(METADATA) });
      expect(await watch.next()).toContain('"kind":"Status"');
    });
  });
}
