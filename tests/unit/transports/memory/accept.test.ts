import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { namesType, negotiated, type Transformation, wishOf } from "../../../../transports/memory/accept.ts";

const TABLE = "application/json;as=Table;g=meta.k8s.io;v=v1";
const table: Transformation = { kind: "Table", version: "v1" };
const json = { type: "application/json", pretty: false, as: undefined };

describe("negotiated", () => {
  const cases: [accept: string, format: object | undefined][] = [
    ["", json],
    ["  ", json],
    ["*/*", json],
    ["application/*", json],
    ["application/yaml", { ...json, type: "application/yaml" }],
    ["application/yaml;q=0.5, application/json", json],
    ["*/*, application/yaml", { ...json, type: "application/yaml" }],
    ["application/*, application/yaml", { ...json, type: "application/yaml" }],
    ["application/json;q=nonsense", json],
    ["application/json;q=0.1,application/yaml;q=0.2", { ...json, type: "application/yaml" }],
    ["application/json;pretty=1", { ...json, pretty: true }],
    ["application/json;pretty=0", json],
    [TABLE, { ...json, as: table }],
    ["application/yaml;as=Table;g=meta.k8s.io;v=v1", { type: "application/yaml", pretty: false, as: table }],
    [`${TABLE.replace("v1", "v1beta1")},${TABLE}`, { ...json, as: { kind: "Table", version: "v1beta1" } }],
    [`${TABLE.replace("v=v1", "v=v7")},${TABLE}`, { ...json, as: table }],
    [`${TABLE.replace("Table", "Chair")}`, undefined],
    ["application/json;g=meta.k8s.io", undefined],
    ["application/json;stream=watch", json],
    ["application/json;stream=other", undefined],
    ["text/html", undefined],
    ["application/vnd.kubernetes.protobuf", undefined],
    ["nonsense,,;", undefined],
  ];
  for (const [accept, format] of cases) {
    it(`takes ${accept || "nothing"} for ${JSON.stringify(format)}`, () => {
      expect(negotiated({ accept, pretty: false }, { transforms: () => true })).toEqual(format);
    });
  }

  it("passes over what cannot be transformed", () => {
    const wish = { accept: `${TABLE},application/json`, pretty: true };
    expect(negotiated(wish, { transforms: () => false })).toEqual({ ...json, pretty: true });
    expect(negotiated({ ...wish, accept: TABLE }, { transforms: () => false })).toBeUndefined();
  });
});

describe("namesType", () => {
  it("looks at the exact names alone", () => {
    const named = (accept: string) => namesType(accept, ["application/json"]);
    expect(["", "*/*", "text/html, application/json;q=0"].map(named)).toEqual([true, true, true]);
    expect(["application/*", "text/*", "APPLICATION/JSON", "nonsense"].map(named)).toEqual([
      ...[false, false, false, false],
    ]);
  });
});

describe("wishOf", () => {
  const cases: [path: string, agent: string, pretty: boolean][] = [
    ["/api", "kubectl/1", false],
    ["/api", "curl/8.0", true],
    ["/api", "Wget/1", true],
    ["/api", "Mozilla/5.0 (X11)", true],
    ["/api?pretty", "curl/8.0", true],
    ["/api?pretty=false", "curl/8.0", false],
    ["/api?limit=1&pretty=T", "", true],
    ["/api?pretty=2", "", false],
  ];
  for (const [path, agent, pretty] of cases) {
    it(`${pretty ? "indents" : "does not indent"} ${path} for ${agent || "nobody"}`, () => {
      const headers = { get: (name: string) => (name === "user-agent" ? agent : null) };
      expect(wishOf({ path, headers })).toEqual({ accept: "", pretty });
    });
  }
});
