import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { canonicalize } from "../../../lib/kubernetes/identifier.ts";
import { identifierOf } from "../../../lib/kubernetes/identifier_of.ts";
import { deepFreeze } from "../../../lib/kubernetes/object.ts";
import { caught } from "../../fixtures/caught.ts";

const web = { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web", namespace: "ns" } };

describe("identifierOf", () => {
  it("names the object of a group", () => {
    const identifier = { group: "apps", version: "v1", kind: "Deployment", namespace: "ns", name: "web" };
    expect(identifierOf(web)).toEqual(identifier);
    expect(identifierOf(deepFreeze(structuredClone(web)))).toEqual(identifier);
  });

  it("leaves out the group and the namespace that an object does not have", () => {
    const node = { apiVersion: "v1", kind: "Node", metadata: { name: "one", labels: {} }, spec: {} };
    const identifier = identifierOf(node);
    expect(Object.keys(identifier).sort()).toEqual(["kind", "name", "version"]);
    expect(identifier).toEqual({ version: "v1", kind: "Node", name: "one" });
    expect(canonicalize(identifier).identifier).toEqual(identifier);
  });

  const refused: [string, unknown, string][] = [
    ["nothing", undefined, "object"],
    ["null", null, "object"],
    ["a text", "web", "object"],
    ["an object without apiVersion", { ...web, apiVersion: undefined }, "apiVersion"],
    ["an object with an empty kind", { ...web, kind: "" }, "kind"],
    ["an object without metadata", { ...web, metadata: undefined }, "metadata.name"],
    ["an object whose metadata is null", { ...web, metadata: null }, "metadata.name"],
    ["an object that has no name yet", { ...web, metadata: { generateName: "web-" } }, "metadata.name"],
    ["an object whose name is no text", { ...web, metadata: { name: 5 } }, "metadata.name"],
    ["an identifier", { version: "v1", kind: "Secret", name: "db" }, "apiVersion"],
  ];
  for (const [what, object, field] of refused) {
    it(`refuses ${what}, and names ${field}`, () => {
      const error = caught(() => identifierOf(object as never));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect((error as Error).message).toContain(field);
    });
  }
});
