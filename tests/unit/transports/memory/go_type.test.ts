import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { builtInBody } from "../../../../transports/memory/body_types.ts";
import { decoded } from "../../../../transports/memory/go_type.ts";

const configMap = builtInBody("ConfigMap", []);
const lease = builtInBody("Lease", []);

describe("decoded", () => {
  const problems: [what: string, body: unknown, problem: string][] = [
    [
      "a text",
      { data: { a: 1 } },
      "json: cannot unmarshal number into Go struct field ConfigMap.data of type string",
    ],
    [
      "a map",
      { metadata: { labels: [] } },
      "json: cannot unmarshal array into Go struct field ObjectMeta.metadata.labels of type map[string]string",
    ],
    [
      "metadata",
      { metadata: "x" },
      "json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta",
    ],
    [
      "a field of an item",
      { metadata: { ownerReferences: [{ controller: "x" }] } },
      "json: cannot unmarshal string into Go struct field OwnerReference.metadata.ownerReferences.controller of type bool",
    ],
    [
      "an integer",
      { metadata: { generation: 1.5 } },
      "json: cannot unmarshal number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64",
    ],
    [
      "a time",
      { metadata: { creationTimestamp: 5 } },
      "json: cannot unmarshal number into Go struct field ObjectMeta.metadata.creationTimestamp of type string",
    ],
    ["base64", { binaryData: { a: "!" } }, "illegal base64 data at input byte 0"],
    ["the padding of base64", { binaryData: { a: "MQ=" } }, "illegal base64 data at input byte 3"],
    [
      "the first of several",
      { immutable: "x", data: [] },
      "json: cannot unmarshal string into Go struct field ConfigMap.immutable of type bool",
    ],
  ];
  for (const [what, body, problem] of problems) {
    it(`tells what is wrong with ${what} as the API server does`, () => {
      expect(decoded(configMap, body).problem).toBe(problem);
    });
  }

  it("tells a wrong time before what came before it, since that ends the decoding", () => {
    const { problem } = decoded(lease, { spec: { leaseDurationSeconds: "15", renewTime: "never" } });
    expect(problem).toBe(
      'parsing time "never" as "2006-01-02T15:04:05.000000Z07:00": cannot parse "never" as "2006"',
    );
  });

  it("tells unknown fields in the order of the body", () => {
    const body = { z: 1, metadata: { ownerReferences: [{ x: 1 }], Labels: {} }, a: 1 };
    expect(decoded(configMap, body).unknownFields).toEqual([
      "z",
      "metadata.ownerReferences[0].x",
      "metadata.Labels",
      "a",
    ]);
  });

  it("takes null for nothing, and in a map for an empty text", () => {
    const { value } = decoded(configMap, { immutable: null, data: { a: null } });
    expect(value).toEqual({ data: { a: "" } });
  });

  it("takes bytes as numbers, however many, and writes them as base64", () => {
    const { value } = decoded(configMap, { binaryData: { a: [104, 105], b: new Array(300_000).fill(0) } });
    expect(value).toEqual({ binaryData: { a: "aGk=", b: "AAAA".repeat(100_000) } });
  });

  it("writes fields in the order of the type, and times in UTC", () => {
    const spec = { leaseTransitions: 0, acquireTime: "2026-11-22T16:05:15.123456+02:00", holderIdentity: "" };
    const { value } = decoded(lease, { spec });
    expect(JSON.stringify(value)).toBe(
      '{"spec":{"holderIdentity":"","acquireTime":"2026-11-22T14:05:15.123456Z","leaseTransitions":0}}',
    );
  });
});
