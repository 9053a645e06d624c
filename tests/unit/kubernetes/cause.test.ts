import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { objectCause } from "../../../lib/kubernetes/cause.ts";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { WatchedObject } from "../../../lib/kubernetes/object.ts";
import { configMap } from "../../fixtures/objects.ts";

const watched: ObjectIdentifier = {
  version: "v1",
  kind: "ConfigMap",
  namespace: "default",
  name: "settings",
};
const before = configMap({ version: 1, data: { color: "red" } });
const after = configMap({ version: 2, data: { color: "blue" } });

describe("objectCause", () => {
  it("says what happened, and leaves out what is absent", () => {
    const cause = objectCause({ type: "DELETED", watched, before, after: undefined, relisted: true });
    expect(Object.keys(cause).sort()).toEqual(["before", "relisted", "type", "watched"]);
    expect(cause).toMatchObject({ type: "DELETED", watched, before, relisted: true });
    expect(Object.isFrozen(cause)).toBe(true);
  });

  it("computes the patch of a MODIFIED when it is read, once", () => {
    let bodiesRead = 0;
    function counted(object: WatchedObject): WatchedObject {
      return {
        ...object,
        object() {
          bodiesRead += 1;
          return object.object();
        },
      };
    }
    const cause = objectCause({
      type: "MODIFIED",
      watched,
      before: counted(before),
      after: counted(after),
      relisted: false,
    });
    expect(bodiesRead).toBe(0);
    const { patch } = cause;
    expect(patch).toEqual([
      { op: "replace", path: "/data/color", value: "blue" },
      { op: "replace", path: "/metadata/resourceVersion", value: "2" },
    ]);
    expect(cause.patch).toBe(patch);
    expect(bodiesRead).toBe(2);
    expect(Object.isFrozen(patch?.[0])).toBe(true);
  });

  it("does not enumerate the patch", () => {
    const cause = objectCause({ type: "MODIFIED", watched, before, after, relisted: false });
    const names: string[] = [];
    for (const name in cause) names.push(name);
    expect(names.sort()).toEqual(["after", "before", "relisted", "type", "watched"]);
    expect({ ...cause }).not.toHaveProperty("patch");
  });

  const metadataOnly = configMap({ version: 2, content: "metadata" });
  const without: [what: string, fields: Parameters<typeof objectCause>[0]][] = [
    ["an ADDED", { type: "ADDED", watched, after, relisted: false }],
    ["a DELETED", { type: "DELETED", watched, before, relisted: false }],
    [
      "a MODIFIED without the body after",
      { type: "MODIFIED", watched, before, after: metadataOnly, relisted: false },
    ],
    [
      "a MODIFIED without the body before",
      { type: "MODIFIED", watched, before: metadataOnly, after, relisted: false },
    ],
  ];
  for (const [what, fields] of without) {
    it(`has no patch for ${what}`, () => {
      expect(objectCause(fields).patch).toBe(undefined);
    });
  }
});
