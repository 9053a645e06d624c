import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type PodTemplateLike, referencesOf } from "../../../examples/rollout_controller/references.ts";

type Spec = PodTemplateLike["spec"];

const configMap = (name: string, optional = false) => ({ kind: "ConfigMap", name, optional });
const secret = (name: string, optional = false) => ({ kind: "Secret", name, optional });

const cases: { name: string; spec: Spec; expected: unknown[] }[] = [
  {
    name: "env valueFrom of a ConfigMap",
    spec: { containers: [{ env: [{ valueFrom: { configMapKeyRef: { name: "app" } } }] }] },
    expected: [configMap("app")],
  },
  {
    name: "env valueFrom of a Secret",
    spec: { containers: [{ env: [{ valueFrom: { secretKeyRef: { name: "db" } } }] }] },
    expected: [secret("db")],
  },
  {
    name: "envFrom of both",
    spec: { containers: [{ envFrom: [{ secretRef: { name: "db" } }, { configMapRef: { name: "app" } }] }] },
    expected: [configMap("app"), secret("db")],
  },
  {
    name: "an init container",
    spec: { initContainers: [{ envFrom: [{ secretRef: { name: "migrate" } }] }] },
    expected: [secret("migrate")],
  },
  {
    name: "a ConfigMap volume and a Secret volume",
    spec: { volumes: [{ configMap: { name: "files" } }, { secret: { secretName: "tls" } }] },
    expected: [configMap("files"), secret("tls")],
  },
  {
    name: "a projected volume",
    spec: {
      volumes: [{ projected: { sources: [{ secret: { name: "b" } }, { configMap: { name: "a" } }, {}] } }],
    },
    expected: [configMap("a"), secret("b")],
  },
  {
    name: "one object named in many places, once",
    spec: {
      initContainers: [{ envFrom: [{ secretRef: { name: "db" } }] }],
      containers: [{ env: [{ valueFrom: { secretKeyRef: { name: "db" } } }] }],
      volumes: [{ secret: { secretName: "db" } }],
    },
    expected: [secret("db")],
  },
  {
    name: "a ConfigMap and a Secret of one name, twice",
    spec: { containers: [{ envFrom: [{ configMapRef: { name: "x" } }, { secretRef: { name: "x" } }] }] },
    expected: [configMap("x"), secret("x")],
  },
  {
    name: "optional ones, where every mention is",
    spec: {
      containers: [
        {
          env: [{ valueFrom: { configMapKeyRef: { name: "app", optional: true } } }],
          envFrom: [
            { secretRef: { name: "db", optional: true } },
            { secretRef: { name: "db", optional: false } },
          ],
        },
      ],
      volumes: [
        { configMap: { name: "app", optional: true } },
        { secret: { secretName: "tls", optional: true } },
        {
          projected: {
            sources: [{ configMap: { name: "late" } }, { configMap: { name: "late", optional: true } }],
          },
        },
      ],
    },
    expected: [configMap("app", true), configMap("late"), secret("db"), secret("tls", true)],
  },
  {
    name: "plain values, other volumes and missing names as nothing",
    spec: { containers: [{ env: [{}, { valueFrom: {} }], envFrom: [{ configMapRef: {} }] }], volumes: [{}] },
    expected: [],
  },
  { name: "an empty template", spec: undefined, expected: [] },
];

describe("referencesOf", () => {
  for (const { name, spec, expected } of cases) {
    it(`takes ${name}`, () => {
      expect(referencesOf(spec ? { spec } : {})).toEqual(expected);
    });
  }

  it("keeps one order, however the template is written", () => {
    const a = { secret: { secretName: "a" } };
    const b = { secret: { secretName: "b" } };
    expect(referencesOf({ spec: { volumes: [b, a] } })).toEqual(referencesOf({ spec: { volumes: [a, b] } }));
  });
});
