import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import { custom, define, GROUP, version } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";
import { errorFrame, failure, frame } from "./expected.ts";

const PAGE_NOT_FOUND = "404 page not found\n";

interface Comets {
  readonly api: Session;
  readonly group: string;
  /** The path of the definition. */
  readonly definition: string;
  /** The path of the objects. */
  readonly comets: string;
}

export function customResourceCases(open: OpenSession): void {
  /** A kind Comet in a group of the session's own. */
  async function withComets(kind: Partial<Parameters<typeof define>[1]> = {}): Promise<Comets> {
    const api = await open();
    const group = `${api.namespace}.${GROUP}`;
    const definition = await define(api, { group, kind: "Comet", ...kind });
    return { api, group, definition, comets: api.path("comets", `${group}/v1`) };
  }

  function comet(name: string, { group, metadata }: { group: string; metadata?: object }): object {
    return custom("Comet", name, { group, ...(metadata && { metadata }) });
  }

  function cometText(name: string, { uid, version }: { uid: number; version: number }): string {
    return `{"apiVersion":"<namespace>.example.com/v1","kind":"Comet","metadata":{"creationTimestamp":"<time>","generation":1,"name":"${name}","namespace":"<namespace>","resourceVersion":"<version ${version}>","uid":"<uid ${uid}>"}}`;
  }

  describe("a definition", () => {
    it("is established, with the names that it left to the server", async () => {
      const { api, definition, group } = await withComets();
      await until(async () => conditionsOf((await api.get(definition)).json).Established === "True", {
        what: "the definition to be established",
      });
      const { spec, status } = (await api.get(definition)).json as unknown as {
        spec: { names: object; conversion: object };
        status: { acceptedNames: object; storedVersions: string[]; conditions: object[] };
      };
      const names = { plural: "comets", singular: "comet", kind: "Comet", listKind: "CometList" };
      expect([spec.names, spec.conversion]).toEqual([names, { strategy: "None" }]);
      expect([status.acceptedNames, status.storedVersions]).toEqual([names, ["v1"]]);
      expect(status.conditions).toMatchObject([
        { type: "NamesAccepted", status: "True", reason: "NoConflicts", message: "no conflicts found" },
        {
          type: "Established",
          status: "True",
          reason: "InitialNamesAccepted",
          message: "the initial names have been accepted",
        },
      ]);
      expect((await api.get(`/apis/${group}/v1/comets`)).status).toBe(200);
    });

    it("whose name is not its plural and group is invalid", async () => {
      const api = await open();
      const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
      const body = {
        metadata: { name: "wrong.example.com" },
        spec: {
          group: GROUP,
          scope: "Namespaced",
          names: { plural: "comets", kind: "Comet" },
          versions: [version("v1")],
        },
      };
      const reply = await api.send("POST", definitions, { body });
      const message = 'Invalid value: "wrong.example.com": must be spec.names.plural+"."+spec.group';
      expect([reply.status, reply.json.reason]).toEqual([422, "Invalid"]);
      expect(reply.json.details).toEqual({
        name: "wrong.example.com",
        group: "apiextensions.k8s.io",
        kind: "CustomResourceDefinition",
        causes: [{ reason: "FieldValueInvalid", message, field: "metadata.name" }],
      });
    });

    it("in no namespace brings a kind in none", async () => {
      const api = await open();
      const name = `${api.namespace}-p`;
      const made = await api.create(`/apis/${GROUP}/v1/planets`, custom("Planet", name));
      expect(made.metadata.namespace).toBe(undefined);
      const path = `/apis/${GROUP}/v1/planets`;
      const reply = await api.get(`${path}?fieldSelector=metadata.namespace%3Dx`);
      expect([reply.status, reply.json.reason]).toEqual([400, "BadRequest"]);
      expect((await api.get(`${path}?fieldSelector=metadata.name%3D${name}`)).json.items).toHaveLength(1);
    });

    it("with two versions serves each object in both", async () => {
      const { api, group, comets } = await withComets({
        versions: [version("v1"), version("v2", { storage: false })],
      });
      await api.create(comets, comet("c", { group }));
      const later = comets.replace("/v1/", "/v2/");
      const watch = await api.watch(`${later}?watch=1`);
      expect(await watch.next()).toBe(
        frame("ADDED", cometText("c", { uid: 1, version: 1 }).replace("com/v1", "com/v2")),
      );
      expect((await api.get(later)).json).toMatchObject({
        apiVersion: `${group}/v2`,
        items: [{ apiVersion: `${group}/v2` }],
      });
      expect((await api.get(`${comets}/c`)).json.apiVersion).toBe(`${group}/v1`);
    });
  });

  describe("a definition that is deleted", () => {
    it("takes its objects with it: DELETED for each, a clean end, then 404 in text", async () => {
      const { api, group, definition, comets } = await withComets();
      for (const name of ["a", "b"]) await api.create(comets, comet(name, { group }));
      const watch = await api.watch(`${comets}?watch=1`);
      expect(await watch.take(2)).toEqual([
        frame("ADDED", cometText("a", { uid: 1, version: 1 })),
        frame("ADDED", cometText("b", { uid: 2, version: 2 })),
      ]);
      await api.delete(definition);
      const rest = (await watch.rest()).map((text) => JSON.parse(text));
      expect(rest.map(({ type, object }) => `${type} ${object.metadata.name}`).sort()).toEqual([
        "DELETED a",
        "DELETED b",
      ]);
      await until(async () => (await api.get(definition)).status === 404, {
        what: "the definition to go",
      });
      for (const path of [comets, `${comets}/a`, `${comets}?watch=1`]) {
        expect((await api.get(path)).raw).toBe(PAGE_NOT_FOUND);
      }
    });

    it("ends a watch of no objects too", async () => {
      const { api, definition, comets } = await withComets();
      const watch = await api.watch(`${comets}?watch=1`);
      await api.delete(definition);
      expect(await watch.rest()).toEqual([]);
    });

    it("stays while a finalizer holds an object, and refuses new ones", async () => {
      const { api, group, definition, comets } = await withComets();
      await api.create(comets, comet("held", { group, metadata: { finalizers: ["example.com/held"] } }));
      await api.delete(definition);
      await until(async () => conditionsOf((await api.get(definition)).json).Terminating === "True", {
        what: "the definition to be terminating",
      });
      await until(async () => (await api.get(`${comets}/held`)).raw.includes("deletionTimestamp"), {
        what: "the object to be deleting",
      });
      await until(
        async () => (await verbsOf(api, group)).join() === "delete,deletecollection,get,list,watch",
        {
          what: "discovery to say that nothing can be written",
        },
      );
      const reply = await api.send("POST", comets, { body: comet("new", { group }) });
      const why = "create not allowed while custom resource definition is terminating";
      expect(reply.text).toBe(
        failure(403, {
          message: `comets.<namespace>.example.com "new" is forbidden: ${why}`,
          reason: "Forbidden",
          details: { name: "new", group: "<namespace>.example.com", kind: "comets" },
        }),
      );
      const watch = await api.watch(`${comets}?watch=1`);
      expect(await watch.next()).toContain('{"type":"ADDED"');
      await api.patch(`${comets}/held`, { metadata: { finalizers: null } });
      expect(await watch.rest()).toEqual([expect.stringContaining('{"type":"DELETED"')]);
      await until(async () => (await api.get(definition)).status === 404, {
        what: "the definition to go",
      });
    });

    it("and made again serves a new set, and no older resource version", async () => {
      const { api, group, definition, comets } = await withComets();
      const { resourceVersion } = (await api.create(comets, comet("old", { group }))).metadata;
      await api.delete(definition);
      await until(async () => (await api.get(definition)).status === 404, {
        what: "the definition to go",
      });
      await define(api, { group, kind: "Comet" });
      expect((await api.get(comets)).json.items).toEqual([]);
      const watch = await api.watch(`${comets}?watch=1&resourceVersion=${resourceVersion}`);
      expect(await watch.rest()).toEqual([tooOld(resourceVersion)]);
    });
  });

  describe("a definition whose versions change", () => {
    it("ends every watch without a word, and makes older resource versions stale", async () => {
      const { api, group, definition, comets } = await withComets();
      const { resourceVersion } = (await api.create(comets, comet("c", { group }))).metadata;
      const watch = await api.watch(`${comets}?watch=1&resourceVersion=${resourceVersion}`);
      await api.patch(definition, { spec: { versions: [version("v1"), version("v2", { storage: false })] } });
      expect(await watch.rest()).toEqual([]);
      await until(async () => (await api.get(comets.replace("/v1/", "/v2/"))).status === 200, {
        what: "the new version to be served",
      });
      const stale = await api.watch(`${comets}?watch=1&resourceVersion=${resourceVersion}`);
      expect(await stale.rest()).toEqual([tooOld(resourceVersion)]);
      expect((await api.get(comets)).json.items).toHaveLength(1);
    });
  });
}

function tooOld(resourceVersion: string): string {
  const message = `too old resource version: ${resourceVersion} (<version>)`;
  return errorFrame(failure(410, { message, reason: "Expired" }));
}

function conditionsOf({ status }: Record<string, unknown>): Record<string, string> {
  const { conditions = [] } = status as { conditions?: { type: string; status: string }[] };
  return Object.fromEntries(conditions.map(({ type, status }) => [type, status]));
}

/** The verbs of the only resource of a group. */
async function verbsOf(api: Session, group: string): Promise<readonly string[]> {
  const { resources } = (await api.get(`/apis/${group}/v1`)).json as unknown as {
    resources: readonly [{ verbs: readonly string[] }];
  };
  return resources[0].verbs;
}
