import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, failure, frame, invalid } from "./expected.ts";

const HELD = { finalizers: ["example.com/held"] };

export function deleteCases(open: OpenSession): void {
  describe("a delete", () => {
    it("answers with a Status that names what is gone", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.create(api.widgets, custom("Widget", "w"));
      const head = '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Success","details":';
      const typed = await api.send("DELETE", `${api.configMaps}/one`);
      expect([typed.status, typed.text]).toEqual([
        200,
        `${head}{"name":"one","kind":"configmaps","uid":"<uid 1>"}}\n`,
      ]);
      const own = await api.send("DELETE", `${api.widgets}/w`);
      expect(own.text).toBe(`${head}{"name":"w","group":"example.com","kind":"widgets","uid":"<uid 2>"}}\n`);
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(404);
    });

    it("takes options, also with preconditions that hold", async () => {
      const api = await open();
      const { uid, resourceVersion } = (await api.create(api.configMaps, { metadata: { name: "one" } }))
        .metadata;
      const body = { kind: "DeleteOptions", apiVersion: "v1", preconditions: { uid, resourceVersion } };
      expect((await api.send("DELETE", `${api.configMaps}/one`, { body })).status).toBe(200);
    });

    it("under preconditions that do not hold is a conflict", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one" } });
      const uid = "11111111-2222-3333-4444-555555555555";
      for (const [preconditions, why] of [
        [
          { uid },
          `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`,
        ],
        [
          { resourceVersion: "1" },
          `the ResourceVersion in the precondition (1) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`,
        ],
      ] as const) {
        const reply = await api.send("DELETE", `${api.configMaps}/one`, { body: { preconditions } });
        const message = `Operation cannot be fulfilled on ConfigMap "one": ${why}`;
        expect(reply.raw).toBe(
          failure(409, { message, reason: "Conflict", details: { name: "one", kind: "ConfigMap" } }),
        );
      }
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(200);
    });

    it("with dryRun=All, in the query or in the options, deletes nothing", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const inQuery = await api.send("DELETE", `${api.configMaps}/one?dryRun=All`);
      expect([inQuery.status, inQuery.json.status]).toEqual([200, "Success"]);
      const body = { kind: "DeleteOptions", apiVersion: "v1", dryRun: ["All"] };
      for (const path of [`${api.configMaps}/one`, api.configMaps]) {
        expect((await api.send("DELETE", path, { body })).status).toBe(200);
      }
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(200);
    });

    it("with options that are no JSON is a bad request", async () => {
      const api = await open();
      const reply = await api.send("DELETE", `${api.configMaps}/absent`, { body: "{" });
      expect([reply.status, reply.json.reason]).toEqual([400, "BadRequest"]);
    });

    it("of a Pod answers with it, marked as deleting", async () => {
      const api = await open();
      const pods = api.path("pods");
      await api.create(pods, { metadata: { name: "p" }, spec: { containers: [{ name: "c", image: "i" }] } });
      const { metadata } = (await api.get(pods)).json;
      const watch = await api.watch(`${pods}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      const reply = await api.send("DELETE", `${pods}/p`);
      expect(reply.status).toBe(200);
      expect(reply.json.kind).toBe("Pod");
      expect(reply.json.metadata.deletionGracePeriodSeconds).toBe(0);
      expect((await watch.take(2)).map((text) => JSON.parse(text).type)).toEqual(["MODIFIED", "DELETED"]);
    });
  });

  describe("a finalizer", () => {
    it("holds a deleted object until it is taken away, and is there in the last frame", async () => {
      const api = await open();
      const path = `${api.configMaps}/one`;
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one", ...HELD } });
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${metadata.resourceVersion}`);

      const deleting = await api.send("DELETE", path);
      expect([deleting.status, deleting.json.kind]).toEqual([200, "ConfigMap"]);
      const again = await api.send("DELETE", path);
      expect(again.json.metadata.resourceVersion).toBe(deleting.json.metadata.resourceVersion);
      await api.patch(path, { data: { still: "here" } });
      const last = await api.send("PATCH", path, { body: { metadata: { finalizers: null } } });
      expect(last.status).toBe(200);
      expect((await api.get(path)).status).toBe(404);

      const object = (version: number, rest: string) =>
        `{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"one","namespace":"<namespace>","uid":"<uid 1>","resourceVersion":"<version ${version}>","creationTimestamp":"<time>","deletionTimestamp":"<time>","deletionGracePeriodSeconds":0,"finalizers":["example.com/held"]}${rest}}`;
      expect(await watch.take(3)).toEqual([
        frame("MODIFIED", object(1, "")),
        frame("MODIFIED", object(2, ',"data":{"still":"here"}')),
        frame("DELETED", object(3, ',"data":{"still":"here"}')),
      ]);
    });

    it("counts in the generation of a custom object", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w", { metadata: HELD }));
      const deleting = await api.send("DELETE", `${api.widgets}/w`);
      expect(deleting.text).toContain(
        '"metadata":{"creationTimestamp":"<time>","deletionGracePeriodSeconds":0,"deletionTimestamp":"<time>","finalizers":["example.com/held"],"generation":2,"name":"w"',
      );
    });

    it("cannot be added to an object that is being deleted", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one", ...HELD } });
      await api.delete(`${api.configMaps}/one`);
      const body = { metadata: { finalizers: ["example.com/held", "example.com/new"] } };
      const why =
        'Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"example.com/new"}';
      const cause = ["FieldValueForbidden", "metadata.finalizers", why] as const;
      const reply = await api.send("PATCH", `${api.configMaps}/one`, { body });
      expect(reply.text).toBe(invalid({ kind: "ConfigMap", name: "one" }, [cause, cause]));
    });
  });

  describe("a delete of a collection", () => {
    it("answers with the list of what it deletes", async () => {
      const api = await open();
      for (const name of ["a", "b"]) await api.create(api.configMaps, { metadata: { name } });
      const reply = await api.send("DELETE", api.configMaps);
      expect([reply.status, reply.json.kind]).toEqual([200, "ConfigMapList"]);
      expect(reply.json.items.map(({ metadata }) => metadata.name)).toEqual(["a", "b"]);
      expect((await api.get(api.configMaps)).json.items).toEqual([]);
    });

    it("deletes what is selected", async () => {
      const api = await open();
      for (const name of ["a", "b", "c"])
        await api.create(api.configMaps, { metadata: { name, labels: { name } } });
      await api.send("DELETE", `${api.configMaps}?labelSelector=name!%3Db`);
      await api.send("DELETE", `${api.configMaps}?fieldSelector=metadata.name%3Dc`);
      const { items } = (await api.get(api.configMaps)).json;
      expect(items.map(({ metadata }) => metadata.name)).toEqual(["b"]);
    });
  });

  describe("a namespace", () => {
    it("that is deleted takes nothing new, and goes when it is finalized", async () => {
      const api = await open();
      const path = `/api/v1/namespaces/${api.namespace}`;
      await api.create(api.configMaps, { metadata: { name: "old" } });
      const deleting = await api.send("DELETE", path);
      expect([deleting.status, deleting.json.status]).toEqual([200, { phase: "Terminating" }]);
      const why = `unable to create new content in namespace <namespace> because it is being terminated`;
      const causes = [
        {
          reason: "NamespaceTerminating",
          message: "namespace <namespace> is being terminated",
          field: "metadata.namespace",
        },
      ];
      for (const [collection, body, details] of [
        [api.configMaps, { metadata: { name: "new" } }, { name: "new", kind: "configmaps", causes }],
        [api.widgets, custom("Widget", "w"), { name: "w", group: GROUP, kind: "widgets", causes }],
      ] as const) {
        const reply = await api.send("POST", collection, { body });
        const what = "group" in details ? `${details.kind}.${details.group}` : details.kind;
        const message = `${what} "${details.name}" is forbidden: ${why}`;
        expect(reply.text).toBe(failure(403, { message, reason: "Forbidden", details }));
      }
      await api.delete(`${api.configMaps}/old`);
      const body = { ...deleting.json, spec: { finalizers: [] } };
      expect((await api.send("PUT", `${path}/finalize`, { body })).status).toBe(200);
      expect((await api.get(path)).status).toBe(404);
    });

    it("that is new is active, and bears its name as a label", async () => {
      const api = await open();
      expect((await api.get(`/api/v1/namespaces/${api.namespace}`)).text).toBe(
        '{"kind":"Namespace","apiVersion":"v1","metadata":{"name":"<namespace>","uid":"<uid 1>","resourceVersion":"<version 1>","creationTimestamp":"<time>","labels":{"kubernetes.io/metadata.name":"<namespace>"}},"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active"}}\n',
      );
    });
  });

  describe("an object that is deleted and made again", () => {
    it("is another one", async () => {
      const api = await open();
      const version = await api.version(api.configMaps);
      const watch = await api.watch(`${api.configMaps}?watch=1&resourceVersion=${version}`);
      await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.delete(`${api.configMaps}/one`);
      await api.create(api.configMaps, { metadata: { name: "one" } });
      expect(await watch.take(3)).toEqual([
        frame("ADDED", configMap("one", { uid: 1, version: 1 })),
        frame("DELETED", configMap("one", { uid: 1, version: 2 })),
        frame("ADDED", configMap("one", { uid: 2, version: 3 })),
      ]);
    });
  });
}
