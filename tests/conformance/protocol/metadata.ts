import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession } from "../session.ts";
import { invalid } from "./expected.ts";

type Cause = readonly [reason: string, field: string, message: string];

const NAME_PART =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const LABEL_VALUE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

function wrong(field: string, value: string, why: string): Cause {
  return ["FieldValueInvalid", field, `Invalid value: ${JSON.stringify(value)}: ${why}`];
}

const LONG = "a".repeat(64);
const CASES: readonly [title: string, metadata: object, causes: readonly Cause[]][] = [
  ["a label's key with a blank", { labels: { "a b": "1" } }, [wrong("metadata.labels", "a b", NAME_PART)]],
  [
    "a label's key of 64 characters",
    { labels: { [LONG]: "" } },
    [wrong("metadata.labels", LONG, "name part must be no more than 63 bytes")],
  ],
  ["a label with a blank", { labels: { a: "b c" } }, [wrong("metadata.labels", "b c", LABEL_VALUE)]],
  [
    "a label of 64 characters",
    { labels: { a: LONG } },
    [wrong("metadata.labels", LONG, "must be no more than 63 bytes")],
  ],
  [
    "an annotation's key with a blank",
    { annotations: { "a b": "" } },
    [wrong("metadata.annotations", "a b", NAME_PART)],
  ],
  [
    "a finalizer without a domain",
    { finalizers: ["plain"] },
    [
      wrong(
        "metadata.finalizers[0]",
        "plain",
        "name is neither a standard finalizer name nor is it fully qualified",
      ),
    ],
  ],
  [
    "an owner without a uid",
    { ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: "p" }] },
    [wrong("metadata.ownerReferences.uid", "", "must not be empty")],
  ],
];

export function metadataCases(open: OpenSession): void {
  describe("metadata", () => {
    for (const [title, metadata, causes] of CASES) {
      it(`with ${title} is invalid`, async () => {
        const api = await open();
        const reply = await api.send("POST", api.configMaps, {
          body: { metadata: { name: "one", ...metadata } },
        });
        expect([reply.status, reply.text]).toEqual([
          422,
          invalid({ kind: "ConfigMap", name: "one" }, causes),
        ]);
      });
    }

    it("with a generateName that makes no name is invalid twice, in the name that was made", async () => {
      const api = await open();
      const { status, json } = await api.send("POST", api.configMaps, {
        body: { metadata: { generateName: "Up-" } },
      });
      const { name, causes } = json.details as { name: string; causes: { field: string }[] };
      expect([status, causes.map(({ field }) => field)]).toEqual([
        422,
        ["metadata.generateName", "metadata.name"],
      ]);
      expect(name).toMatch(/^Up-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    });

    it("with a long generateName has it cut, so that five characters find room", async () => {
      const api = await open();
      const generateName = "y".repeat(60);
      const { metadata } = await api.create(api.configMaps, { metadata: { generateName } });
      expect(metadata.generateName).toBe(generateName);
      expect(metadata.name).toMatch(/^y{58}[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    });
  });

  describe("the generation of a Deployment", () => {
    it("counts changes of its spec and its annotations, not of its labels or its status", async () => {
      const api = await open();
      const deployments = api.path("deployments", "apps/v1");
      const labels = { app: "web" };
      const template = { metadata: { labels }, spec: { containers: [{ name: "c", image: "i" }] } };
      const spec = { replicas: 1, selector: { matchLabels: labels }, template };
      const made = await api.create(deployments, {
        metadata: { name: "web" },
        spec,
        status: { replicas: 5 },
      });
      const path = `${deployments}/web`;
      const generations = [made.metadata.generation];
      for (const [at, body] of [
        [path, { metadata: { labels: { a: "b" } } }],
        [path, { metadata: { annotations: { a: "b" } } }],
        [path, { spec: { replicas: 2 } }],
        [path, { status: { replicas: 9 } }],
        [`${path}/status`, { status: { replicas: 2 }, spec: { replicas: 7 } }],
      ] as const) {
        generations.push((await api.patch(at, body)).metadata.generation);
      }
      expect(generations).toEqual([1, 1, 2, 3, 3, 3]);
      const { json } = await api.get(path);
      expect([(json.spec as typeof spec).replicas, json.status]).toEqual([2, { replicas: 2 }]);
    });
  });
}
