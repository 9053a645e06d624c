import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { until } from "../../fixtures/control_plane.ts";
import { define, GROUP, version } from "../custom_kinds.ts";
import type { OpenSession, Reply, Session } from "../session.ts";
import { failure } from "./expected.ts";

const TYPE = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const ACCEPT = `${TYPE},application/json`;
const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];
const CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];

/** An entry of discovery, aggregated or legacy. */
type Entry = Record<string, unknown> & { subresources?: readonly Record<string, unknown>[] };

export function discoveryCases(open: OpenSession): void {
  describe("aggregated discovery", () => {
    const headers = { accept: ACCEPT };

    it("names its type, and how it may be cached", async () => {
      const api = await open();
      for (const path of ["/api", "/apis"]) {
        const reply = await api.get(path, { headers });
        expect(reply.status).toBe(200);
        expect(reply.header("content-type")).toBe(TYPE);
        expect(reply.header("vary")).toBe("Accept");
        expect(reply.header("cache-control")).toBe("public");
        expect(reply.header("etag")).toMatch(/^"[0-9A-F]+"$/);
        expect(reply.raw).toMatch(
          /^\{"kind":"APIGroupDiscoveryList","apiVersion":"apidiscovery\.k8s\.io\/v2","metadata":\{\},"items":\[/,
        );
      }
    });

    it("has the core group alone in /api, without a name", async () => {
      const api = await open();
      const { items } = (await api.get("/api", { headers })).json;
      expect(items.map(({ metadata }) => metadata)).toEqual([{}]);
    });

    it("answers 304 with nothing to one who has it", async () => {
      const api = await open();
      for (const path of ["/api", "/apis"]) {
        const etag = (await api.get(path, { headers })).header("etag") ?? "";
        const reply = await api.get(path, { headers: { ...headers, "if-none-match": etag } });
        expect([reply.status, reply.raw, reply.header("etag")]).toEqual([304, "", etag]);
        const stale = await api.get(path, { headers: { ...headers, "if-none-match": '"ABC"' } });
        expect(stale.status).toBe(200);
      }
    });

    it("is the legacy form to one who does not ask for it, or for v2beta1 only", async () => {
      const api = await open();
      for (const accept of ["application/json", ACCEPT.replace("v=v2", "v=v2beta1")]) {
        const [core, groups] = [
          await api.get("/api", { headers: { accept } }),
          await api.get("/apis", { headers: { accept } }),
        ];
        expect([core.json.kind, groups.json.kind]).toEqual(["APIVersions", "APIGroupList"]);
        expect([core.header("etag"), groups.header("content-type")]).toEqual([null, "application/json"]);
      }
    });

    it("has another ETag when a kind comes and when it goes", async () => {
      const api = await open();
      const group = `${api.namespace}.${GROUP}`;
      const before = (await api.get("/apis", { headers })).header("etag");
      const path = await define(api, { group, kind: "Comet" });
      await until(async () => (await aggregatedEntry(api, `${group}/v1`, "comets")) !== undefined, {
        what: "comets in discovery",
      });
      const reply = await api.get("/apis", { headers });
      expect(reply.header("etag")).not.toBe(before);
      await api.delete(path);
      await until(async () => (await aggregatedEntry(api, `${group}/v1`, "comets")) === undefined, {
        what: "no comets in discovery",
      });
      expect((await api.get("/apis", { headers })).raw).not.toContain(group);
    });
  });

  describe("the entry in discovery", () => {
    const cases: readonly [groupVersion: string, kind: string, resource: string, fields?: Entry][] = [
      ["v1", "ConfigMap", "configmaps", { shortNames: ["cm"] }],
      ["v1", "Secret", "secrets"],
      ["v1", "ServiceAccount", "serviceaccounts", { shortNames: ["sa"] }],
      ["v1", "Event", "events", { shortNames: ["ev"] }],
      ["v1", "Pod", "pods", { shortNames: ["po"], categories: ["all"] }],
      ["v1", "Service", "services", { shortNames: ["svc"], categories: ["all"] }],
      ["v1", "Node", "nodes", { scope: "Cluster", shortNames: ["no"] }],
      [
        "v1",
        "Namespace",
        "namespaces",
        { scope: "Cluster", shortNames: ["ns"], verbs: VERBS.filter((verb) => verb !== "deletecollection") },
      ],
      ["apps/v1", "Deployment", "deployments", { shortNames: ["deploy"], categories: ["all"] }],
      ["apps/v1", "ReplicaSet", "replicasets", { shortNames: ["rs"], categories: ["all"] }],
      ["apps/v1", "StatefulSet", "statefulsets", { shortNames: ["sts"], categories: ["all"] }],
      ["apps/v1", "DaemonSet", "daemonsets", { shortNames: ["ds"], categories: ["all"] }],
      ["batch/v1", "Job", "jobs", { categories: ["all"] }],
      ["batch/v1", "CronJob", "cronjobs", { shortNames: ["cj"], categories: ["all"] }],
      ["coordination.k8s.io/v1", "Lease", "leases"],
      ["networking.k8s.io/v1", "Ingress", "ingresses", { shortNames: ["ing"] }],
      ["networking.k8s.io/v1", "NetworkPolicy", "networkpolicies", { shortNames: ["netpol"] }],
      ["rbac.authorization.k8s.io/v1", "Role", "roles"],
      ["rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings"],
      ["rbac.authorization.k8s.io/v1", "ClusterRole", "clusterroles", { scope: "Cluster" }],
      ["rbac.authorization.k8s.io/v1", "ClusterRoleBinding", "clusterrolebindings", { scope: "Cluster" }],
      [
        "apiextensions.k8s.io/v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        { scope: "Cluster", shortNames: ["crd", "crds"], categories: ["api-extensions"] },
      ],
      [
        "authentication.k8s.io/v1",
        "SelfSubjectReview",
        "selfsubjectreviews",
        { scope: "Cluster", verbs: ["create"] },
      ],
      [`${GROUP}/v1`, "Widget", "widgets", { verbs: CUSTOM_VERBS }],
      [`${GROUP}/v1`, "Planet", "planets", { scope: "Cluster", verbs: CUSTOM_VERBS }],
    ];
    for (const [
      groupVersion,
      kind,
      resource,
      { scope = "Namespaced", verbs = VERBS, ...names } = {},
    ] of cases) {
      const singular = kind.toLowerCase();

      it(`of ${resource} is the same in its aggregated form`, async () => {
        const api = await open();
        const [group, version] = groupVersion.startsWith(GROUP) ? groupVersion.split("/") : ["", ""];
        const { subresources: _, ...entry } = (await aggregatedEntry(api, groupVersion, resource)) ?? {};
        const responseKind = { group, version, kind };
        expect(JSON.stringify(entry)).toBe(
          JSON.stringify({ resource, responseKind, scope, singularResource: singular, verbs, ...names }),
        );
      });

      it(`of ${resource} is the same in its legacy form`, async () => {
        const api = await open();
        const { storageVersionHash: _, ...entry } = (await legacyEntry(api, groupVersion, resource)) ?? {};
        const namespaced = scope === "Namespaced";
        expect(JSON.stringify(entry)).toBe(
          JSON.stringify({ name: resource, singularName: singular, namespaced, kind, verbs, ...names }),
        );
      });
    }

    for (const [groupVersion, kind, resource] of [
      ["v1", "Namespace", "namespaces"],
      ["apps/v1", "Deployment", "deployments"],
      [`${GROUP}/v1`, "Gadget", "gadgets"],
    ] as const) {
      it(`of ${resource} has the status subresource beside it`, async () => {
        const api = await open();
        const [group, version] = groupVersion.startsWith(GROUP) ? groupVersion.split("/") : ["", ""];
        const verbs = ["get", "patch", "update"];
        const { subresources = [] } = (await aggregatedEntry(api, groupVersion, resource)) ?? {};
        const aggregated = subresources.find(({ subresource }) => subresource === "status");
        const responseKind = { group, version, kind };
        expect(JSON.stringify(aggregated)).toBe(
          JSON.stringify({ subresource: "status", responseKind, verbs }),
        );
        const legacy = await legacyEntry(api, groupVersion, `${resource}/status`);
        const namespaced = resource !== "namespaces";
        expect(JSON.stringify(legacy)).toBe(
          JSON.stringify({ name: `${resource}/status`, singularName: "", namespaced, kind, verbs }),
        );
      });
    }
  });

  describe("legacy discovery", () => {
    it("of the core group names its version", async () => {
      const api = await open();
      expect((await api.get("/api")).raw).toMatch(
        /^\{"kind":"APIVersions","versions":\["v1"\],"serverAddressByClientCIDRs":\[\{"clientCIDR":"0\.0\.0\.0\/0","serverAddress":"[^"]+"\}\]\}\n$/,
      );
    });

    it("of one group is its entry among all groups", async () => {
      const api = await open();
      for (const name of ["apps", GROUP]) {
        const reply = await api.get(`/apis/${name}`);
        const groupVersion = { groupVersion: `${name}/v1`, version: "v1" };
        const entry = { name, versions: [groupVersion], preferredVersion: groupVersion };
        expect(reply.raw).toBe(`${JSON.stringify({ kind: "APIGroup", apiVersion: "v1", ...entry })}\n`);
        expect((await api.get("/apis")).json.groups).toContainEqual(entry);
      }
    });

    it("of one version is a list of resources", async () => {
      const api = await open();
      for (const [path, groupVersion] of [
        ["/api/v1", "v1"],
        ["/apis/apps/v1", "apps/v1"],
        [`/apis/${GROUP}/v1`, `${GROUP}/v1`],
      ] as const) {
        const reply = await api.get(path, { headers: { accept: ACCEPT } });
        expect(reply.header("content-type")).toBe("application/json");
        const head = `"groupVersion":"${groupVersion}","resources":[{`;
        expect(reply.raw).toContain(
          path === "/api/v1"
            ? `{"kind":"APIResourceList",${head}`
            : `{"kind":"APIResourceList","apiVersion":"v1",${head}`,
        );
      }
    });

    it("of what is not there is a 404, in text but for versions of built-in groups", async () => {
      const api = await open();
      const message = "the server could not find the requested resource";
      const status = failure(404, { message, reason: "NotFound", details: {} });
      for (const [path, text] of [
        ["/apis/nothing.example.com", "404 page not found\n"],
        ["/apis/nothing.example.com/v1", "404 page not found\n"],
        [`/apis/${GROUP}/v9`, "404 page not found\n"],
        ["/apis/apps/v9", status],
        ["/api/v9", status],
      ] as const) {
        const reply = await api.get(path);
        expect([path, reply.status, reply.raw]).toEqual([path, 404, text]);
      }
    });
  });

  describe("a kind with several versions", () => {
    it("is in discovery with each that is served, the maturest and newest first", async () => {
      const api = await open();
      const group = `${api.namespace}.${GROUP}`;
      const sorted = [
        "v10",
        "v2",
        "v1",
        "v11beta2",
        "v10beta3",
        "v3beta1",
        "v12alpha1",
        "v11alpha2",
        "foo1",
        "foo10",
      ];
      const versions = [...sorted].sort().map((name) => version(name, { storage: name === "v1" }));
      await define(api, {
        group,
        kind: "Comet",
        versions: [...versions, version("v20", { storage: false, served: false })],
      });
      await until(async () => (await aggregatedEntry(api, `${group}/v2`, "comets")) !== undefined, {
        what: "comets in discovery",
      });
      const { json } = await api.get(`/apis/${group}`);
      expect((json.versions as { version: string }[]).map(({ version }) => version)).toEqual(sorted);
      expect(json.preferredVersion).toEqual({ groupVersion: `${group}/v10`, version: "v10" });
    });
  });

  describe("/healthz, /livez and /readyz", () => {
    it("say ok in text", async () => {
      const api = await open();
      for (const path of ["/healthz", "/livez", "/readyz"]) {
        const reply = await api.get(path);
        expect([reply.status, reply.header("content-type"), reply.raw]).toEqual([
          200,
          "text/plain; charset=utf-8",
          "ok",
        ]);
      }
    });
  });

  describe("/version", () => {
    it("says which release answers", async () => {
      const api = await open();
      const reply = await api.get("/version");
      expect(reply.header("content-type")).toBe("application/json");
      expect(reply.json).toMatchObject({ major: "1", minor: "35", gitVersion: "v1.35.4" });
    });
  });
}

async function aggregatedEntry(
  api: Session,
  groupVersion: string,
  resource: string,
): Promise<Entry | undefined> {
  const [group, version] = groupVersion === "v1" ? [undefined, "v1"] : groupVersion.split("/");
  const { items } = (await api.get(group ? "/apis" : "/api", { headers: { accept: ACCEPT } })).json;
  const versions = items.find(({ metadata }) => metadata.name === group)?.versions as
    | { version: string; resources: Entry[] }[]
    | undefined;
  const resources = versions?.find((entry) => entry.version === version)?.resources;
  return resources?.find((entry) => entry.resource === resource);
}

async function legacyEntry(api: Session, groupVersion: string, resource: string): Promise<Entry | undefined> {
  const reply: Reply = await api.get(groupVersion === "v1" ? "/api/v1" : `/apis/${groupVersion}`);
  return (reply.json.resources as Entry[]).find(({ name }) => name === resource);
}
