import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  compareByPlace,
  deepFreeze,
  type KubernetesObject,
  objectKey,
  strippedObject,
  watchedObject,
} from "../../../lib/kubernetes/object.ts";

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const context = { apiVersion: "v1", kind: "ConfigMap", content: "object" } as const;

function body(metadata: Record<string, unknown> = {}): KubernetesObject {
  return {
    metadata: { name: "a", namespace: "ns", uid: "u", resourceVersion: "1", ...metadata },
    data: { k: "v" },
  };
}

describe("strippedObject", () => {
  it("fills in what the items of typed lists lack", () => {
    const { apiVersion, kind } = strippedObject(body(), context);
    expect({ apiVersion, kind }).toEqual({ apiVersion: "v1", kind: "ConfigMap" });
  });

  it("keeps the kind and apiVersion that the object has", () => {
    const stripped = strippedObject({ ...body(), apiVersion: "example.com/v1", kind: "Widget" }, context);
    expect(stripped).toMatchObject({ apiVersion: "example.com/v1", kind: "Widget" });
  });

  it("drops managedFields and the last-applied annotation, and touches nothing", () => {
    const given = body({ managedFields: [{}], annotations: { [LAST_APPLIED]: "{}", kept: "yes" } });
    const before = structuredClone(given);
    expect(strippedObject(given, context).metadata).toEqual({
      name: "a",
      namespace: "ns",
      uid: "u",
      resourceVersion: "1",
      annotations: { kept: "yes" },
    });
    expect(given).toEqual(before);
  });

  it("drops annotations that hold nothing else", () => {
    const stripped = strippedObject(body({ annotations: { [LAST_APPLIED]: "{}" } }), context);
    expect(stripped.metadata).not.toHaveProperty("annotations");
  });

  it("takes an object without metadata", () => {
    expect(strippedObject({ data: {} }, context)).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: {},
      data: {},
    });
  });
});

describe("deepFreeze", () => {
  it("freezes at every depth, arrays too, and gives back the same", () => {
    const value = { a: { b: [{ c: 1 }] }, n: null };
    expect(deepFreeze(value)).toBe(value);
    for (const part of [value, value.a, value.a.b, value.a.b[0]]) expect(Object.isFrozen(part)).toBe(true);
  });
});

describe("watchedObject", () => {
  it("has the metadata at hand and the body frozen, stripped and always the same", () => {
    const object = watchedObject(body({ labels: { app: "web" }, managedFields: [] }), context);
    expect(object).toMatchObject({
      namespace: "ns",
      name: "a",
      uid: "u",
      resourceVersion: "1",
      labels: { app: "web" },
    });
    const handedOut = object?.object();
    expect(handedOut).toMatchObject({ apiVersion: "v1", kind: "ConfigMap", data: { k: "v" } });
    expect(handedOut?.metadata).not.toHaveProperty("managedFields");
    expect(Object.isFrozen(handedOut?.data)).toBe(true);
    expect(object?.object()).toBe(handedOut);
  });

  it("neither copies nor freezes before somebody asks", () => {
    const given = body();
    const object = watchedObject(given, context);
    expect(Object.isFrozen(given.data)).toBe(false);
    expect(object?.object()?.data).toBe(given.data);
  });

  it("keeps metadata only where that is asked for", () => {
    const object = watchedObject(body({ labels: { app: "web" } }), { ...context, content: "metadata" });
    expect(object?.object()).toBe(undefined);
    expect(object?.labels).toEqual({ app: "web" });
  });

  for (const absent of [undefined, null]) {
    it(`takes ${absent} namespace, uid and labels for absent`, () => {
      const object = watchedObject(body({ namespace: absent, uid: absent, labels: absent }), context);
      expect([object?.namespace, object?.uid, object?.labels]).toEqual(["", "", {}]);
    });
  }

  for (const field of ["name", "resourceVersion"]) {
    it(`is none without ${field}`, () => {
      expect(watchedObject(body({ [field]: undefined }), context)).toBe(undefined);
      expect(watchedObject(body({ [field]: "" }), context)).toBe(undefined);
    });
  }

  it("is none without metadata", () => {
    expect(watchedObject({}, context)).toBe(undefined);
  });
});

describe("objectKey", () => {
  it("is namespace and name, the former empty at cluster scope", () => {
    expect(objectKey({ namespace: "ns", name: "a" })).toBe("ns/a");
    expect(objectKey({ namespace: "", name: "a" })).toBe("/a");
  });
});

describe("compareByPlace", () => {
  it("sorts by namespace, then by name, as bytes", () => {
    const places = ["b/a", "a-b/c", "a/z", "a/b", "/n", "a/Z", "a/b"];
    const sorted = places
      .map((place) => ({ namespace: place.split("/")[0]!, name: place.split("/")[1]! }))
      .sort(compareByPlace)
      .map(objectKey);
    expect(sorted).toEqual(["/n", "a/Z", "a/b", "a/b", "a/z", "a-b/c", "b/a"]);
  });
});
