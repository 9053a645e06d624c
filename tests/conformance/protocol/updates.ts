import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, failure, invalid } from "./expected.ts";

const MODIFIED =
  "the object has been modified; please apply your changes to the latest version and try again";

export function updateCases(open: OpenSession): void {
  describe("a PUT", () => {
    it("puts the object in the place of the one that its resource version names", async () => {
      const api = await open();
      const made = await api.create(api.configMaps, {
        metadata: { name: "one", labels: { a: "1" } },
        data: { a: "1" },
      });
      const body = { metadata: { ...made.metadata, labels: { b: "2" } }, data: { b: "2" } };
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body });
      const stored = configMap("one", { uid: 1, version: 1, labels: { b: "2" }, data: { b: "2" } });
      expect([reply.status, reply.text]).toEqual([200, `${stored}\n`]);
      expect(Number(reply.json.metadata.resourceVersion)).toBeGreaterThan(
        Number(made.metadata.resourceVersion),
      );
    });

    it("overwrites what it is without a resource version", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one", labels: { a: "1" } }, data: { a: "1" } });
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body: { metadata: { name: "one" } } });
      expect(reply.text).toBe(`${configMap("one", { uid: 1, version: 1 })}\n`);
    });

    it("of a stale resource version is a conflict", async () => {
      const api = await open();
      const made = await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.patch(`${api.configMaps}/one`, { data: { a: "1" } });
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body: made });
      const message = `Operation cannot be fulfilled on configmaps "one": ${MODIFIED}`;
      const details = { name: "one", kind: "configmaps" };
      expect(reply.text).toBe(failure(409, { message, reason: "Conflict", details }));
    });

    it("that changes nothing keeps the resource version", async () => {
      const api = await open();
      const made = await api.create(api.configMaps, { metadata: { name: "one" }, data: { a: "1" } });
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body: made });
      expect([reply.status, reply.json.metadata.resourceVersion]).toEqual([
        200,
        made.metadata.resourceVersion,
      ]);
    });

    it("of what is not there is a 404", async () => {
      const api = await open();
      const reply = await api.send("PUT", `${api.configMaps}/x`, { body: { metadata: { name: "x" } } });
      const details = { name: "x", kind: "configmaps" };
      expect(reply.text).toBe(
        failure(404, { message: 'configmaps "x" not found', reason: "NotFound", details }),
      );
    });

    it("of another name than the path's is a bad request", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body: { metadata: { name: "two" } } });
      const message = "the name of the object (two) does not match the name on the URL (one)";
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("without a name is a bad request", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      const reply = await api.send("PUT", `${api.configMaps}/one`, { body: { data: {} } });
      const message = "the name of the object (one based on URL) was undeterminable: name must be provided";
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("of another uid is a conflict", async () => {
      const api = await open();
      const { metadata } = await api.create(api.configMaps, { metadata: { name: "one" } });
      const uid = "11111111-2222-3333-4444-555555555555";
      const reply = await api.send("PUT", `${api.configMaps}/one`, {
        body: { metadata: { name: "one", uid } },
      });
      expect([reply.status, reply.json.reason]).toEqual([409, "Conflict"]);
      expect(reply.json.message).toContain(
        `Precondition failed: UID in precondition: ${uid}, UID in object meta: ${metadata.uid}`,
      );
    });

    it("of a custom object needs a resource version", async () => {
      const api = await open();
      await api.create(api.widgets, custom("Widget", "w"));
      const reply = await api.send("PUT", `${api.widgets}/w`, { body: custom("Widget", "w", { spec: {} }) });
      expect(reply.text).toBe(
        invalid({ group: GROUP, kind: "widgets", name: "w" }, [
          [
            "FieldValueInvalid",
            "metadata.resourceVersion",
            "Invalid value: 0: must be specified for an update",
          ],
        ]),
      );
    });

    it("of a Lease needs a resource version, and makes the lease that is not there", async () => {
      const api = await open();
      const lease = { metadata: { name: "l" }, spec: { holderIdentity: "a" } };
      const path = `${api.path("leases", "coordination.k8s.io/v1")}/l`;
      const made = await api.send("PUT", path, { body: lease });
      expect([made.status, made.json.metadata.name]).toEqual([201, "l"]);
      const again = await api.send("PUT", path, { body: lease });
      expect(again.text).toBe(
        invalid({ group: "coordination.k8s.io", kind: "leases", name: "l" }, [
          [
            "FieldValueInvalid",
            "metadata.resourceVersion",
            "Invalid value: 0: must be specified for an update",
          ],
        ]),
      );
    });

    it("with dryRun=All changes nothing", async () => {
      const api = await open();
      const made = await api.create(api.configMaps, { metadata: { name: "one" } });
      const body = { ...made, data: { a: "1" } };
      const reply = await api.send("PUT", `${api.configMaps}/one?dryRun=All`, { body });
      expect([reply.status, reply.json.data]).toEqual([200, { a: "1" }]);
      expect((await api.get(`${api.configMaps}/one`)).json).toEqual(made);
    });
  });

  describe("dryRun", () => {
    for (const [method, kind] of [
      ["POST", "CreateOptions"],
      ["PUT", "UpdateOptions"],
      ["PATCH", "PatchOptions"],
      ["DELETE", "DeleteOptions"],
    ] as const) {
      it(`may be nothing but All in a ${method}`, async () => {
        const api = await open();
        for (const values of [["Some"], [""], ["All", "Some"]]) {
          const query = values.map((value) => `dryRun=${value}`).join("&");
          const path = method === "POST" ? api.configMaps : `${api.configMaps}/absent`;
          const body = method === "DELETE" ? undefined : { metadata: { name: "absent" } };
          const reply = await api.send(method, `${path}?${query}`, { body });
          const why = `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`;
          const expected = invalid({ group: "meta.k8s.io", kind }, [
            ["FieldValueNotSupported", "dryRun", why],
          ]);
          expect(reply.text).toBe(expected);
        }
      });
    }
  });

  describe("the generation", () => {
    it("of a custom object counts the changes outside metadata", async () => {
      const api = await open();
      const path = `${api.widgets}/w`;
      await api.create(api.widgets, custom("Widget", "w", { spec: { a: 1 } }));
      const generations: unknown[] = [];
      for (const patch of [
        { metadata: { labels: { a: "1" } } },
        { spec: { a: 2 } },
        { spec: { a: 2 } },
        { other: 1 },
        { status: { a: 1 } },
        { metadata: { generation: 99 } },
      ]) {
        generations.push((await api.patch(path, patch)).metadata.generation);
      }
      expect(generations).toEqual([1, 2, 2, 3, 4, 4]);
    });
  });

  describe("the status subresource", () => {
    const status = { status: { ready: true } };

    it("of a custom object has the status to itself", async () => {
      const api = await open();
      const path = `${api.gadgets}/g`;
      const made = await api.create(api.gadgets, custom("Gadget", "g", { spec: { a: 1 }, ...status }));
      expect(made.status).toBe(undefined);

      const main = await api.patch(path, { spec: { a: 2 }, ...status });
      expect([main.spec, main.status, main.metadata.generation]).toEqual([{ a: 2 }, undefined, 2]);

      const sub = await api.patch(`${path}/status`, {
        metadata: { labels: { a: "1" } },
        spec: { a: 3 },
        ...status,
      });
      expect([sub.spec, sub.status, sub.metadata.labels, sub.metadata.generation]).toEqual([
        { a: 2 },
        status.status,
        undefined,
        2,
      ]);

      const put = await api.send("PUT", path, { body: { ...sub, spec: { a: 4 }, status: { ready: false } } });
      expect([put.json.spec, put.json.status, put.json.metadata.generation]).toEqual([
        { a: 4 },
        status.status,
        3,
      ]);
      expect((await api.get(`${path}/status`)).raw).toBe((await api.get(path)).raw);
    });

    it("tells its changes to those who watch", async () => {
      const api = await open();
      const { metadata } = await api.create(api.gadgets, custom("Gadget", "g"));
      const watch = await api.watch(`${api.gadgets}?watch=1&resourceVersion=${metadata.resourceVersion}`);
      await api.patch(`${api.gadgets}/g/status`, status);
      expect(await watch.next()).toContain('"status":{"ready":true}');
    });

    it("of a Namespace is a path of its own", async () => {
      const api = await open();
      const path = `/api/v1/namespaces/${api.namespace}`;
      const conditions = [{ type: "Checked", status: "True" }];
      await api.patch(path, { status: { phase: "Terminating" } });
      expect((await api.get(path)).json.status).toEqual({ phase: "Active" });
      const { status } = await api.patch(`${path}/status`, { status: { conditions } });
      expect(status).toMatchObject({ phase: "Active", conditions });
    });
  });
}
