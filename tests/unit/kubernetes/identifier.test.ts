import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import {
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  formatIdentifier,
  type ObjectIdentifier,
  validateIdentifier,
} from "../../../lib/kubernetes/identifier.ts";

const secret: ObjectIdentifier = { version: "v1", kind: "Secret", namespace: "ns", name: "db" };

function errorOf(work: () => unknown): InvalidInputError {
  try {
    work();
  } catch (error) {
    if (error instanceof InvalidInputError) return error;
    throw error;
  }
  throw new Error("nothing was thrown");
}

describe("validateIdentifier", () => {
  const valid: Record<string, ObjectIdentifier> = {
    "an object": secret,
    "a cluster-scoped object": { version: "v1", kind: "Node", name: "n1" },
    "a selector": { group: "apps", version: "v1", kind: "Deployment", selector: "app=web,tier in (a,b)" },
    "the empty selector, which selects all": { version: "v1", kind: "Pod", selector: "" },
    "a name beside an empty selector": { ...secret, selector: "" },
    "undefined and empty optional fields": { ...secret, group: "", selector: undefined },
    "a name with a colon, as RBAC has": {
      group: "rbac.authorization.k8s.io",
      version: "v1",
      kind: "ClusterRole",
      name: "system:node",
    },
  };
  for (const [what, id] of Object.entries(valid)) {
    it(`takes ${what}`, () => {
      expect(validateIdentifier(id)).toBeUndefined();
    });
  }

  const invalid: { what: string; id: unknown; field: string; says: string }[] = [
    { what: "no object", id: undefined, field: "", says: "must be an object" },
    { what: "null", id: null, field: "", says: "must be an object" },
    {
      what: "no version",
      id: { kind: "Secret", name: "db" },
      field: "version",
      says: "version: it is required",
    },
    { what: "an empty version", id: { ...secret, version: "" }, field: "version", says: "required" },
    {
      what: "a version with its group",
      id: { version: "apps/v1", kind: "Deployment", name: "web" },
      field: "version",
      says: 'give group "apps" and version "v1" apart',
    },
    {
      what: "an apiVersion in place of the version",
      id: { apiVersion: "v1", kind: "Secret", name: "db" },
      field: "version",
      says: "has group and version, not apiVersion; identifierOf(object)",
    },
    {
      what: "a whole object",
      id: { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" } },
      field: "version",
      says: "identifierOf",
    },
    { what: "no kind", id: { version: "v1", name: "db" }, field: "kind", says: "kind" },
    {
      what: "a kind that is no text",
      id: { ...secret, kind: 1 },
      field: "kind",
      says: "kind: it is required, and must be a string",
    },
    {
      what: "neither name nor selector",
      id: { version: "v1", kind: "Secret" },
      field: "name",
      says: "a name or a selector",
    },
    {
      what: "both name and selector",
      id: { ...secret, selector: "a=b" },
      field: "selector",
      says: "not both",
    },
    {
      what: "a broken selector",
      id: { version: "v1", kind: "Pod", selector: "a in" },
      field: "selector",
      says: "selector",
    },
    { what: "a name that would change the path", id: { ...secret, name: "a/b" }, field: "name", says: '"/"' },
    { what: "the name ..", id: { ...secret, name: ".." }, field: "name", says: '".."' },
    {
      what: "a namespace that would change the path",
      id: { ...secret, namespace: "a/b" },
      field: "namespace",
      says: '"/"',
    },
  ];
  for (const { what, id, field, says } of invalid) {
    it(`refuses ${what}`, () => {
      const error = errorOf(() => validateIdentifier(id as ObjectIdentifier));
      expect(error.code).toBe("INVALID_INPUT");
      expect(error.field).toBe(field);
      expect(error.message).toContain(says);
    });
  }
});

describe("formatIdentifier", () => {
  const cases: [ObjectIdentifier, string][] = [
    [secret, "GroupVersion=v1, Kind=Secret, Namespace=ns, Name=db"],
    [
      { group: "apps", version: "v1", kind: "Deployment", namespace: "ns", name: "n" },
      "GroupVersion=apps/v1, Kind=Deployment, Namespace=ns, Name=n",
    ],
    [
      { version: "v1", kind: "Pod", namespace: "ns", selector: "a=b" },
      "GroupVersion=v1, Kind=Pod, Namespace=ns, Name=, Selector=a=b",
    ],
    [{ version: "v1", kind: "Node", name: "n" }, "GroupVersion=v1, Kind=Node, Namespace=, Name=n"],
  ];
  for (const [id, text] of cases) {
    it(`gives ${text}`, () => {
      expect(formatIdentifier(id)).toBe(text);
    });
  }
});

describe("canonicalize", () => {
  const pods = { version: "v1", kind: "Pod", namespace: "ns" };
  const same: [string, ObjectIdentifier, ObjectIdentifier][] = [
    ["the order of a selector", { ...pods, selector: "b=2,a=1" }, { ...pods, selector: "a=1,b=2" }],
    ["empty and absent fields", { ...secret, group: "" }, { ...secret, group: undefined, selector: "" }],
  ];
  for (const [what, one, other] of same) {
    it(`gives one key whatever ${what}`, () => {
      expect(canonicalize(one).key).toBe(canonicalize(other).key);
    });
  }

  const different: [string, ObjectIdentifier, ObjectIdentifier][] = [
    ["name", secret, { ...secret, name: "other" }],
    ["namespace", secret, { ...secret, namespace: "other" }],
    ["group", secret, { ...secret, group: "example.com" }],
    ["selector", { ...pods, selector: "" }, { ...pods, selector: "a" }],
    ["name against selector", { ...pods, name: "a" }, { ...pods, selector: "a" }],
  ];
  for (const [what, one, other] of different) {
    it(`tells identifiers apart by ${what}`, () => {
      expect(canonicalize(one).key).not.toBe(canonicalize(other).key);
    });
  }

  it("drops the namespace of a cluster-scoped kind, and only of one", () => {
    const node: ObjectIdentifier = { version: "v1", kind: "Node", namespace: "ns", name: "n" };
    expect(canonicalize(node, { namespaced: false }).identifier).toEqual({
      version: "v1",
      kind: "Node",
      name: "n",
    });
    expect(canonicalize(secret, { namespaced: true }).identifier).toEqual(secret);
  });

  it("refuses a name without a namespace for a namespaced kind", () => {
    const id: ObjectIdentifier = { version: "v1", kind: "Secret", name: "db" };
    expect(errorOf(() => canonicalize(id, { field: "watched", namespaced: true })).field).toBe(
      "watched.namespace",
    );
    const canonical = canonicalize(id).identifier;
    expect(errorOf(() => canonicalize(canonical, { namespaced: true })).field).toBe("namespace");
  });

  it("answers a frozen copy that it knows again", () => {
    const { key, identifier } = canonicalize(secret);
    expect(Object.isFrozen(identifier)).toBe(true);
    expect(identifier).not.toBe(secret);
    expect(canonicalize(identifier)).toEqual({ key, identifier });
    expect(canonicalize(identifier).identifier).toBe(identifier);
  });

  it("names the argument in the field", () => {
    const error = errorOf(() =>
      canonicalize({ version: "v1", kind: "Pod", selector: "!" }, { field: "watched[1]" }),
    );
    expect(error.field).toBe("watched[1].selector");
  });
});

describe("canonicalizeForGet and canonicalizeForList", () => {
  it("refuse what the other one is for", () => {
    expect(errorOf(() => canonicalizeForGet({ version: "v1", kind: "Pod", selector: "a" })).field).toBe(
      "selector",
    );
    expect(errorOf(() => canonicalizeForList(secret)).field).toBe("name");
  });

  it("list takes no selector as every object", () => {
    const every = canonicalize({ version: "v1", kind: "Pod", namespace: "ns", selector: "" });
    expect(canonicalizeForList({ version: "v1", kind: "Pod", namespace: "ns" }).key).toBe(every.key);
  });
});
