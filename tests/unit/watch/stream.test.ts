import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { describeStream, type StreamSpec } from "../../../lib/watch/stream.ts";

describe("describeStream", () => {
  const nodes: StreamSpec = {
    resource: { group: "", version: "v1", resource: "nodes" },
    kind: "Node",
    content: "metadata",
  };
  const cases: [fields: Partial<StreamSpec>, text: string][] = [
    [{}, "Node"],
    [{ fieldSelector: "metadata.name=n1" }, "Node (metadata.name=n1)"],
    [{ kind: "Pod", namespace: "default", labelSelector: "app=web,tier" }, "Pod in default (app=web,tier)"],
    [
      { kind: "Pod", namespace: "default", fieldSelector: "metadata.name=a", labelSelector: "app=web" },
      "Pod in default (metadata.name=a,app=web)",
    ],
  ];
  for (const [fields, text] of cases) {
    it(`says ${text}`, () => {
      expect(describeStream({ ...nodes, ...fields })).toBe(text);
    });
  }
});
