import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { definition, world } from "./exchange.ts";

const AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
const accept = `${AGGREGATED},application/json`;

interface Document {
  items: {
    metadata: { name?: string };
    versions: {
      version: string;
      freshness: string;
      resources: { resource: string; verbs: string[]; [field: string]: unknown }[];
    }[];
  }[];
}

async function aggregated(options: { kinds?: Parameters<typeof definition>[] } = {}) {
  const made = await world();
  for (const [kind, fields] of options.kinds ?? []) await made.server.create(definition(kind, fields));
  const read = async (path: string): Promise<Document> =>
    JSON.parse((await made.send(`GET ${path}`, { headers: { accept } })).text);
  return { ...made, core: await read("/api"), groups: await read("/apis") };
}

describe("aggregated discovery", () => {
  it("answers with its media type, an ETag and what caches need", async () => {
    const { send } = await world();
    const { status, headers } = await send("GET /apis", { headers: { Accept: accept } });
    expect(status).toBe(200);
    expect(["content-type", "vary", "cache-control"].map((name) => headers.get(name))).toEqual([
      ...[AGGREGATED, "Accept", "public"],
    ]);
    expect(headers.get("etag")).toMatch(/^"[0-9A-F]{16}"$/);
  });

  it("answers 304 without a body while nothing has changed, and in full again after", async () => {
    const { send, server } = await world();
    const etag = (await send("GET /apis", { headers: { accept } })).headers.get("etag") ?? "";
    const known = { accept, "If-None-Match": etag };
    const { status, text, headers } = await send("GET /apis", { headers: known });
    expect([status, text, headers.get("etag")]).toEqual([304, "", etag]);
    await server.create(definition("Widget"));
    const changed = await send("GET /apis", { headers: known });
    expect(changed.status).toBe(200);
    expect(changed.headers.get("etag")).not.toBe(etag);
    await server.delete({
      ...{ group: "apiextensions.k8s.io", version: "v1", kind: "CustomResourceDefinition" },
      name: "widgets.example.com",
    });
    expect((await send("GET /apis", { headers: known })).status).toBe(304);
  });

  it("has the core group under /api only, without a name", async () => {
    const { core, groups } = await aggregated();
    expect(core.items.map(({ metadata }) => metadata)).toEqual([{}]);
    expect(groups.items.map(({ metadata }) => metadata.name)).toEqual([
      ...[
        "apps",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "autoscaling",
        "batch",
        "networking.k8s.io",
        "policy",
        "rbac.authorization.k8s.io",
      ],
      ...["storage.k8s.io", "admissionregistration.k8s.io", "apiextensions.k8s.io", "scheduling.k8s.io"],
      ...["coordination.k8s.io", "discovery.k8s.io"],
    ]);
  });

  it("describes a built-in resource, whose kind leaves group and version to its place", async () => {
    const { groups } = await aggregated();
    const apps = groups.items.find(({ metadata }) => metadata.name === "apps")?.versions[0];
    expect([apps?.version, apps?.freshness]).toEqual(["v1", "Current"]);
    const responseKind = { group: "", version: "", kind: "Deployment" };
    expect(JSON.stringify(apps?.resources.find(({ resource }) => resource === "deployments"))).toBe(
      JSON.stringify({
        resource: "deployments",
        responseKind,
        scope: "Namespaced",
        singularResource: "deployment",
        verbs: ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"],
        shortNames: ["deploy"],
        categories: ["all"],
        subresources: [{ subresource: "status", responseKind, verbs: ["get", "patch", "update"] }],
      }),
    );
  });

  it("describes a custom resource in each of its versions, with its kind in full", async () => {
    const { groups } = await aggregated({
      kinds: [["Widget", { versions: ["v2", "v1"], scope: "Cluster" }]],
    });
    const group = groups.items.at(-1);
    expect(group?.metadata.name).toBe("example.com");
    expect(group?.versions.map(({ version, resources }) => [version, resources])).toEqual(
      ["v2", "v1"].map((version) => [
        version,
        [
          {
            resource: "widgets",
            responseKind: { group: "example.com", version, kind: "Widget" },
            scope: "Cluster",
            singularResource: "widget",
            verbs: ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"],
          },
        ],
      ]),
    );
  });

  it("has some kinds that are only asked", async () => {
    const { core, groups } = await aggregated();
    const resources = [...core.items, ...groups.items].flatMap(({ versions }) =>
      versions.flatMap((version) => version.resources),
    );
    expect(resources.filter(({ verbs }) => !verbs.includes("watch")).map(({ resource }) => resource)).toEqual(
      [
        "selfsubjectreviews",
        ...["localsubjectaccessreviews", "selfsubjectaccessreviews", "subjectaccessreviews"],
      ],
    );
  });

  for (const other of [
    undefined,
    "*/*",
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json",
  ]) {
    it(`is not what Accept ${other} gets`, async () => {
      const { send } = await world();
      const headers = other === undefined ? {} : { accept: other };
      const { text, headers: answered } = await send("GET /apis", { headers });
      expect(text.startsWith('{"kind":"APIGroupList"')).toBe(true);
      expect([answered.get("content-type"), answered.get("etag")]).toEqual(["application/json", null]);
    });
  }
});

describe("legacy discovery", () => {
  it("lists versions, groups and one group", async () => {
    const { send } = await world();
    expect((await send("GET /api")).json.versions).toEqual(["v1"]);
    const groups = (await send("GET /apis")).json.groups as object[];
    const apps = {
      name: "apps",
      versions: [{ groupVersion: "apps/v1", version: "v1" }],
      preferredVersion: { groupVersion: "apps/v1", version: "v1" },
    };
    expect(groups[0]).toEqual(apps);
    expect((await send("GET /apis/apps")).json).toEqual({ kind: "APIGroup", apiVersion: "v1", ...apps });
  });

  it("lists the resources of a version, subresources by their full name", async () => {
    const { send } = await world();
    const { json } = await send("GET /api/v1");
    expect([json.kind, json.groupVersion]).toEqual(["APIResourceList", "v1"]);
    const resources = json.resources as { name: string }[];
    expect(resources.map(({ name }) => name)).toEqual([
      ...["configmaps", "endpoints", "events", "limitranges", "namespaces", "namespaces/finalize"],
      ...["namespaces/status", "nodes", "nodes/status", "persistentvolumeclaims"],
      ...["persistentvolumeclaims/status", "persistentvolumes", "persistentvolumes/status", "pods"],
      ...["pods/status", "podtemplates", "replicationcontrollers", "replicationcontrollers/status"],
      ...[
        "resourcequotas",
        "resourcequotas/status",
        "secrets",
        "serviceaccounts",
        "services",
        "services/status",
      ],
    ]);
    expect(resources[0]).toEqual({
      ...{ name: "configmaps", singularName: "configmap", namespaced: true, kind: "ConfigMap" },
      ...{ verbs: expect.arrayContaining(["list", "watch"]), shortNames: ["cm"] },
    });
  });

  const missing: [path: string, type: string][] = [
    ["/apis/nope", "text/plain; charset=utf-8"],
    ["/apis/nope/v1", "text/plain; charset=utf-8"],
    ["/apis/apps/v9", "application/json"],
    ["/api/v9", "application/json"],
  ];
  for (const [path, type] of missing) {
    it(`answers 404 as ${type} to ${path}`, async () => {
      const { send } = await world();
      const { status, headers } = await send(`GET ${path}`);
      expect([status, headers.get("content-type")]).toEqual([404, type]);
    });
  }
});
