import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ProtocolError } from "../../../lib/kubernetes/errors.ts";
import {
  isAggregated,
  isWatchable,
  readAggregated,
  readLegacy,
} from "../../../lib/protocol/discovery_documents.ts";

const verbs = ["get", "list", "watch"];

function refusal(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return error;
  }
}

describe("isAggregated", () => {
  const types: readonly (readonly [string | null, boolean])[] = [
    ["application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList", true],
    ["application/json; as=APIGroupDiscoveryList; v=v2; g=apidiscovery.k8s.io", true],
    ["application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList", false],
    ["application/json", false],
    [null, false],
  ];
  for (const [type, aggregated] of types) {
    it(`is ${aggregated} for ${type}`, () => {
      expect(isAggregated(type)).toBe(aggregated);
    });
  }
});

describe("readAggregated", () => {
  it("reads the core group, whose metadata has no name", () => {
    const responseKind = { group: "", version: "", kind: "ConfigMap" };
    const resources = [
      { resource: "configmaps", responseKind, scope: "Namespaced", verbs, shortNames: ["cm"] },
    ];
    const items = [{ metadata: {}, versions: [{ version: "v1", resources, freshness: "Current" }] }];
    const served = readAggregated({ items }, "/api").get("v1");
    expect(served?.complete).toBe(true);
    expect(served?.byKind.get("ConfigMap")).toEqual({
      ...{ group: "", version: "v1", resource: "configmaps", namespaced: true, kind: "ConfigMap", verbs },
    });
  });

  it("reads groups, their versions and scopes", () => {
    const own = { group: "example.com", version: "v1", kind: "Widget" };
    const resources = [
      {
        resource: "widgets",
        responseKind: own,
        scope: "Cluster",
        verbs,
        subresources: [{ subresource: "status" }],
      },
    ];
    const versions = [{ version: "v1", resources }, { version: "v2" }];
    const catalog = readAggregated({ items: [{ metadata: { name: "example.com" }, versions }] }, "/apis");
    expect([...catalog.keys()]).toEqual(["example.com/v1", "example.com/v2"]);
    expect(catalog.get("example.com/v1")?.byKind.get("Widget")?.namespaced).toBe(false);
  });

  it("does not take a version without resources for complete when it is stale", () => {
    const versions = [{ version: "v1", freshness: "Stale" }];
    const catalog = readAggregated(
      { items: [{ metadata: { name: "dead.example.com" }, versions }] },
      "/apis",
    );
    expect(catalog.get("dead.example.com/v1")?.complete).toBe(false);
  });

  it("leaves out what is no kind of the group and version", () => {
    const kinds = [undefined, null, { kind: "" }, { group: "autoscaling", version: "v1", kind: "Scale" }];
    const resources = kinds.map((responseKind) => ({
      resource: "things",
      responseKind,
      scope: "Cluster",
      verbs,
    }));
    const versions = [{ version: "v1", resources }];
    const catalog = readAggregated({ items: [{ metadata: { name: "example.com" }, versions }] }, "/apis");
    expect(catalog.get("example.com/v1")?.byKind.size).toBe(0);
  });

  it("takes null for nothing", () => {
    expect(readAggregated({ items: null }, "/apis").size).toBe(0);
    const versions = [{ version: "v1", resources: null }];
    expect(readAggregated({ items: [{ metadata: null, versions }] }, "/api").get("v1")?.byKind.size).toBe(0);
  });

  it("does not take another document for an empty one", () => {
    for (const body of [{}, { kind: "APIGroupList", groups: [] }]) {
      expect(refusal(() => readAggregated(body, "/apis"))).toBeInstanceOf(ProtocolError);
      expect(refusal(() => readLegacy(body, "/apis/a/v1", { group: "a", version: "v1" }))).toBeInstanceOf(
        ProtocolError,
      );
    }
  });

  it("names the place of what is broken", () => {
    const resources = [{ resource: "pods", verbs: "all" }];
    const error = refusal(() =>
      readAggregated({ items: [{ versions: [{ version: "v1", resources }] }] }, "/api"),
    );
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toContain("Cannot discover /api: ");
    expect((error as Error).message).toContain("items.0.versions.0.resources.0.verbs");
  });
});

describe("readLegacy", () => {
  const owner = { group: "apps", version: "v1" };

  it("reads the resources of its group and version, and no subresources", () => {
    const resources = [
      { name: "deployments/scale", namespaced: true, kind: "Scale", verbs },
      { name: "deployments/status", namespaced: true, kind: "Deployment", verbs: ["get"] },
      { name: "deployments", namespaced: true, kind: "Deployment", verbs },
    ];
    const { byKind, complete } = readLegacy({ resources }, "/apis/apps/v1", owner);
    expect(complete).toBe(true);
    expect([...byKind.keys()]).toEqual(["Deployment"]);
    expect(byKind.get("Deployment")).toEqual({
      ...{ ...owner, resource: "deployments", namespaced: true, kind: "Deployment", verbs },
    });
  });

  it("prefers a resource that can be watched where two have one kind, else the first", () => {
    const create = { name: "processedtemplates", kind: "Template", verbs: ["create"] };
    const watchable = { name: "templates", kind: "Template", verbs };
    const other = { ...watchable, name: "othertemplates" };
    for (const [resources, resource] of [
      [[create, watchable, other], "templates"],
      [[watchable, create], "templates"],
      [[create, { ...create, name: "othertemplates" }], "processedtemplates"],
    ] as const) {
      expect(readLegacy({ resources }, "/apis/apps/v1", owner).byKind.get("Template")?.resource).toBe(
        resource,
      );
    }
  });

  it("names the place of what is broken", () => {
    const error = refusal(() => readLegacy({ resources: [{ name: "pods", verbs }] }, "/api/v1", owner));
    expect(error).toBeInstanceOf(ProtocolError);
    expect((error as Error).message).toContain("resources.0.kind");
  });
});

describe("isWatchable", () => {
  it("wants both verbs", () => {
    const resource = { group: "", version: "v1", resource: "things", namespaced: true, kind: "Thing" };
    const verbs = [["list", "watch"], ["list"], ["watch"], []];
    expect(verbs.map((some) => isWatchable({ ...resource, verbs: some }))).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });
});
