import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { custom, GROUP } from "../custom_kinds.ts";
import type { OpenSession } from "../session.ts";
import { configMap, failure, invalid } from "./expected.ts";

const SUBDOMAIN =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and " +
  "end with an alphanumeric character (e.g. 'example.com', regex used for validation is " +
  "'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const RBAC = "rbac.authorization.k8s.io";

export function createCases(open: OpenSession): void {
  describe("a create", () => {
    it("answers 201 with the object as it was stored", async () => {
      const api = await open();
      const body = { metadata: { name: "one", labels: { app: "web" } }, data: { b: "2", a: "1" } };
      const reply = await api.send("POST", api.configMaps, { body });
      expect([reply.status, reply.header("content-type")]).toEqual([201, "application/json"]);
      const stored = configMap("one", {
        uid: 1,
        version: 1,
        labels: { app: "web" },
        data: { a: "1", b: "2" },
      });
      expect(reply.text).toBe(`${stored}\n`);
      expect((await api.get(`${api.configMaps}/one`)).text).toBe(`${stored}\n`);
    });

    it("of a custom object sorts it by key", async () => {
      const api = await open();
      const body = custom("Widget", "w", { spec: { b: 1, a: 2 }, alpha: true });
      const reply = await api.send("POST", api.widgets, { body });
      const stored =
        '{"alpha":true,"apiVersion":"example.com/v1","kind":"Widget","metadata":{"creationTimestamp":"<time>","generation":1,"name":"w","namespace":"<namespace>","resourceVersion":"<version 1>","uid":"<uid 1>"},"spec":{"a":2,"b":1}}\n';
      expect([reply.status, reply.text]).toEqual([201, stored]);
      expect((await api.get(`${api.widgets}/w`)).text).toBe(stored);
    });

    it("heeds neither a uid nor times that it brings", async () => {
      const api = await open();
      const metadata = {
        name: "one",
        uid: "11111111-2222-3333-4444-555555555555",
        creationTimestamp: "2001-01-01T00:00:00Z",
        deletionTimestamp: "2001-01-01T00:00:00Z",
        deletionGracePeriodSeconds: 5,
      };
      const made = (await api.create(api.configMaps, { metadata })).metadata;
      const { managedFields: _, ...stored } = made;
      expect(Object.keys(stored)).toEqual([
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
      ]);
      expect(made.uid).not.toBe(metadata.uid);
      expect(made.creationTimestamp).not.toBe(metadata.creationTimestamp);
    });

    it("heeds a generation only of kinds that have none of their own", async () => {
      const api = await open();
      const metadata = { generation: 7 };
      const typed = await api.create(api.configMaps, { metadata: { ...metadata, name: "one" } });
      const counted = await api.create(api.widgets, custom("Widget", "w", { metadata }));
      expect([typed.metadata.generation, counted.metadata.generation]).toEqual([7, 1]);
    });

    it("makes a name of generateName and five characters", async () => {
      const api = await open();
      const body = { metadata: { generateName: "job-" } };
      const names = [await api.create(api.configMaps, body), await api.create(api.configMaps, body)].map(
        ({ metadata }) => metadata.name,
      );
      for (const name of names) expect(name).toMatch(/^job-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
      expect(names[0]).not.toBe(names[1]);
      expect((await api.get(`${api.configMaps}/${names[0]}`)).json.metadata.generateName).toBe("job-");
    });

    it("of what exists is a conflict", async () => {
      const api = await open();
      await api.create(api.configMaps, { metadata: { name: "one" } });
      await api.create(api.widgets, custom("Widget", "w"));
      for (const [path, body, details] of [
        [api.configMaps, { metadata: { name: "one" } }, { name: "one", kind: "configmaps" }],
        [api.widgets, custom("Widget", "w"), { name: "w", group: GROUP, kind: "widgets" }],
      ] as const) {
        const reply = await api.send("POST", path, { body });
        const what = "group" in details ? `${details.kind}.${details.group}` : details.kind;
        const message = `${what} "${details.name}" already exists`;
        expect(reply.text).toBe(failure(409, { message, reason: "AlreadyExists", details }));
      }
    });

    it("in a namespace that is not there is a 404", async () => {
      const api = await open();
      const reply = await api.send("POST", "/api/v1/namespaces/nowhere/configmaps", {
        body: { metadata: { name: "x" } },
      });
      const details = { name: "nowhere", kind: "namespaces" };
      expect(reply.text).toBe(
        failure(404, { message: 'namespaces "nowhere" not found', reason: "NotFound", details }),
      );
    });

    it("with a resource version is an error of the server without a reason", async () => {
      const api = await open();
      const reply = await api.send("POST", api.configMaps, {
        body: { metadata: { name: "x", resourceVersion: "5" } },
      });
      const message = "resourceVersion should not be set on objects to be created";
      expect(reply.text).toBe(failure(500, { message }));
    });

    it("of another namespace than the path's is a bad request", async () => {
      const api = await open();
      const reply = await api.send("POST", api.configMaps, {
        body: { metadata: { name: "x", namespace: "default" } },
      });
      const message = "the namespace of the provided object does not match the namespace sent on the request";
      expect(reply.text).toBe(failure(400, { message, reason: "BadRequest" }));
    });

    it("without a name is invalid", async () => {
      const api = await open();
      for (const metadata of [undefined, {}, { name: "" }]) {
        const reply = await api.send("POST", api.configMaps, { body: { metadata } });
        expect(reply.text).toBe(
          invalid({ kind: "ConfigMap" }, [
            ["FieldValueRequired", "metadata.name", "Required value: name or generateName is required"],
          ]),
        );
      }
    });

    const long = (longest: number) => `must be no more than ${longest} characters`;
    const names: readonly [resource: string, name: string, wrong: readonly string[]][] = [
      ["configmaps", "Upper", [SUBDOMAIN]],
      ["configmaps", "under_score", [SUBDOMAIN]],
      ["configmaps", "-dash", [SUBDOMAIN]],
      ["configmaps", "a..b", [SUBDOMAIN]],
      ["configmaps", "a".repeat(254), [long(253)]],
      ["configmaps", "A".repeat(254), [long(253), SUBDOMAIN]],
      ["roles", "a/b", ["may not contain '/'"]],
      ["roles", "a%b", ["may not contain '%'"]],
      ["roles", "..", ["may not be '..'"]],
    ];
    for (const [resource, name, wrong] of names) {
      it(`of ${resource} of the name ${name.slice(0, 12)} is invalid`, async () => {
        const api = await open();
        const [group, kind] = resource === "roles" ? [RBAC, "Role"] : [undefined, "ConfigMap"];
        const path = group === undefined ? api.configMaps : api.path(resource, `${group}/v1`);
        const reply = await api.send("POST", path, { body: { metadata: { name } } });
        const causes = wrong.map(
          (why) => ["FieldValueInvalid", "metadata.name", `Invalid value: "${name}": ${why}`] as const,
        );
        expect(reply.text).toBe(invalid({ ...(group && { group }), kind, name }, causes));
      });
    }

    it("of what is no JSON is a bad request", async () => {
      const api = await open();
      for (const body of ["{", "[]", "7", ""]) {
        const reply = await api.send("POST", api.configMaps, { body });
        expect([body, reply.status, reply.json.reason]).toEqual([body, 400, "BadRequest"]);
      }
    });

    it("of another media type is a 415 that names those that are taken", async () => {
      const api = await open();
      const headers = { "content-type": "text/plain" };
      const reply = await api.send("POST", api.configMaps, { body: "{}", headers });
      expect(reply.status).toBe(415);
      expect(reply.json).toMatchObject({ reason: "UnsupportedMediaType", code: 415 });
      expect(reply.json.message).toMatch(
        /^the body of the request was in an unknown format - accepted media types include: application\/json/,
      );
    });

    it("of another kind than the path's is a bad request", async () => {
      const api = await open();
      const body = { apiVersion: "v1", kind: "Secret", metadata: { name: "x" } };
      const reply = await api.send("POST", api.configMaps, { body });
      expect([reply.status, reply.json.reason]).toEqual([400, "BadRequest"]);
    });

    it("of a custom object must name its kind and version", async () => {
      const api = await open();
      const whole = custom("Widget", "w");
      for (const [body, status, message] of [
        [
          { ...whole, kind: undefined },
          400,
          /^the object provided is unrecognized \(must be of type Widget\): Object 'Kind' is missing in /,
        ],
        [
          { ...whole, apiVersion: `${GROUP}/v2` },
          400,
          /^the API version in the data \(example\.com\/v2\) does not match the expected API version \(example\.com\/v1\)$/,
        ],
        [
          { ...whole, kind: "Gadget" },
          422,
          /^Gadget\.example\.com "w" is invalid: kind: Invalid value: "Gadget": must be Widget$/,
        ],
      ] as const) {
        const reply = await api.send("POST", api.widgets, { body });
        expect([reply.status, reply.json.message]).toEqual([status, expect.stringMatching(message)]);
      }
    });

    it("with labels that are no strings is a bad request", async () => {
      const api = await open();
      const reply = await api.send("POST", api.configMaps, {
        body: { metadata: { name: "x", labels: { a: 1 } } },
      });
      expect([reply.status, reply.json.reason]).toEqual([400, "BadRequest"]);
    });

    it("with dryRun=All stores nothing, and answers with a uid, but no resource version", async () => {
      const api = await open();
      const reply = await api.send("POST", `${api.configMaps}?dryRun=All`, {
        body: { metadata: { name: "one" } },
      });
      expect([reply.status, reply.text]).toEqual([
        201,
        '{"kind":"ConfigMap","apiVersion":"v1","metadata":{"name":"one","namespace":"<namespace>","uid":"<uid 1>","creationTimestamp":"<time>"}}\n',
      ]);
      expect((await api.get(`${api.configMaps}/one`)).status).toBe(404);
    });

    it("leaves empty maps out", async () => {
      const api = await open();
      const body = { metadata: { name: "one", labels: {}, annotations: {}, finalizers: [] }, data: {} };
      const reply = await api.send("POST", api.configMaps, { body });
      expect(reply.text).toBe(`${configMap("one", { uid: 1, version: 1 })}\n`);
    });
  });

  describe("a Secret", () => {
    it("gets a type, and its stringData as data", async () => {
      const api = await open();
      const body = { metadata: { name: "db" }, data: { a: "b2xk", b: "eA==" }, stringData: { a: "näw" } };
      const reply = await api.send("POST", api.path("secrets"), { body });
      expect(reply.text).toContain('"data":{"a":"bsOkdw==","b":"eA=="},"type":"Opaque"}\n');
    });
  });
}
