import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { collectionPath, groupVersionPath, objectPath, withQuery } from "../../../lib/kubernetes/path.ts";

const pods = { group: "", version: "v1", resource: "pods" };
const deployments = { group: "apps", version: "v1", resource: "deployments" };

function refusal(make: () => string): unknown {
  try {
    return make();
  } catch (error) {
    return error;
  }
}

describe("groupVersionPath", () => {
  it("has /api for the core group and /apis for the others", () => {
    expect(groupVersionPath(pods)).toBe("/api/v1");
    expect(groupVersionPath({ group: "example.com", version: "v1beta1" })).toBe("/apis/example.com/v1beta1");
  });
});

describe("collectionPath", () => {
  it("names all namespaces, or one", () => {
    expect(collectionPath(pods)).toBe("/api/v1/pods");
    expect(collectionPath(pods, "t")).toBe("/api/v1/namespaces/t/pods");
    expect(collectionPath(deployments, "t")).toBe("/apis/apps/v1/namespaces/t/deployments");
  });

  for (const namespace of ["", ".", "..", "\ud800"]) {
    it(`refuses the namespace ${JSON.stringify(namespace)}`, () => {
      const error = refusal(() => collectionPath(pods, namespace));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).toBe("namespace");
    });
  }
});

describe("objectPath", () => {
  it("names an object, with or without a namespace, and its subresource", () => {
    expect(objectPath(pods, { namespace: "t", name: "p" })).toBe("/api/v1/namespaces/t/pods/p");
    expect(objectPath({ ...pods, resource: "nodes" }, { name: "n" })).toBe("/api/v1/nodes/n");
    expect(objectPath(deployments, { namespace: "t", name: "d", subresource: "status" })).toBe(
      "/apis/apps/v1/namespaces/t/deployments/d/status",
    );
  });

  const names: readonly (readonly [string, string])[] = [
    ["a/b", "a%2Fb"],
    ["../secrets/x", "..%2Fsecrets%2Fx"],
    ["a?watch=1", "a%3Fwatch%3D1"],
    ["a#b", "a%23b"],
    ["%2e%2e", "%252e%252e"],
    ["system:node", "system%3Anode"],
    ["ü", "%C3%BC"],
    ["...", "..."],
  ];
  for (const [name, encoded] of names) {
    it(`keeps ${JSON.stringify(name)} one segment`, () => {
      const path = objectPath(pods, { namespace: "t", name });
      expect(path).toBe(`/api/v1/namespaces/t/pods/${encoded}`);
      expect(new URL(path, "http://127.0.0.1").pathname).toBe(path);
    });
  }

  for (const name of ["", ".", ".."]) {
    it(`refuses the name ${JSON.stringify(name)}, which would change the path`, () => {
      const error = refusal(() => objectPath(pods, { namespace: "t", name }));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).toBe("name");
    });
  }
});

describe("withQuery", () => {
  it("leaves a path alone when there is nothing to ask", () => {
    expect(withQuery("/api/v1/pods", {})).toBe("/api/v1/pods");
    expect(withQuery("/api/v1/pods", { limit: undefined })).toBe("/api/v1/pods");
  });

  it("encodes what it appends, and keeps an empty value", () => {
    const path = withQuery("/p", {
      watch: true,
      limit: 500,
      labelSelector: "a in (b,c),d=é&x",
      continue: "",
    });
    const query = new URL(path, "http://127.0.0.1").searchParams;
    expect([...query]).toEqual([
      ["watch", "true"],
      ["limit", "500"],
      ["labelSelector", "a in (b,c),d=é&x"],
      ["continue", ""],
    ]);
  });

  it("appends to a query", () => {
    expect(withQuery("/p?a=1", { b: 2 })).toBe("/p?a=1&b=2");
  });
});
