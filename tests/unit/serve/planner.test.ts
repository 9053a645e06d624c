import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { canonicalize, type ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { plan } from "../../../lib/serve/planner.ts";

const pods = { group: "", version: "v1", resource: "pods", namespaced: true };

function planned(id: ObjectIdentifier) {
  const { key, identifier } = canonicalize(id);
  return plan({ identifiers: new Map([[key, { identifier, resource: pods }]]), content: "metadata" }).get(
    key,
  );
}

describe("plan", () => {
  const base = { resource: { group: "", version: "v1", resource: "pods" }, kind: "Pod", content: "metadata" };
  const cases: [string, ObjectIdentifier, object][] = [
    [
      "a name becomes a field selector",
      { version: "v1", kind: "Pod", namespace: "ns", name: "a" },
      { ...base, namespace: "ns", fieldSelector: "metadata.name=a" },
    ],
    [
      "what field selectors take as syntax is escaped",
      { version: "v1", kind: "Pod", namespace: "ns", name: "a,b=c\\d" },
      { ...base, namespace: "ns", fieldSelector: "metadata.name=a\\,b\\=c\\\\d" },
    ],
    [
      "a selector becomes a label selector",
      { version: "v1", kind: "Pod", selector: "b=2,a=1" },
      { ...base, labelSelector: "a=1,b=2" },
    ],
    [
      "the empty selector asks for all",
      { version: "v1", kind: "Pod", namespace: "ns", selector: "" },
      { ...base, namespace: "ns" },
    ],
  ];
  for (const [what, id, spec] of cases) {
    it(what, () => {
      expect(planned(id)).toEqual(spec);
    });
  }
});
