/** The group of the custom kinds that the sequences use. */
export const GROUP = "differential.example.com";

const text = { type: "string" };
const number = { type: "integer" };

/** A kind that takes any fields: Widget. And one whose schema has no defaults and knows each field: Gadget. */
export const DEFINITIONS = [
  definition("widgets", "Widget", {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  }),
  definition(
    "gadgets",
    "Gadget",
    {
      openAPIV3Schema: {
        type: "object",
        properties: {
          spec: {
            type: "object",
            required: ["size"],
            properties: {
              size: { ...number, minimum: 0, maximum: 9 },
              colour: { ...text, enum: ["red", "green"] },
              note: { ...text, nullable: true, maxLength: 8, pattern: "^[a-z ]*$" },
              parts: {
                type: "array",
                maxItems: 4,
                "x-kubernetes-list-type": "map",
                "x-kubernetes-list-map-keys": ["name"],
                items: {
                  type: "object",
                  required: ["name"],
                  properties: { name: text, count: number },
                },
              },
              tags: { type: "array", "x-kubernetes-list-type": "set", items: text },
              points: { type: "array", items: number },
              extra: { type: "object", additionalProperties: text },
              whole: {
                type: "object",
                "x-kubernetes-map-type": "atomic",
                properties: { a: text, b: text },
              },
              port: { "x-kubernetes-int-or-string": true },
            },
          },
          status: {
            type: "object",
            properties: { ready: { type: "boolean" }, phase: { ...text, enum: ["New", "Done"] } },
          },
        },
      },
    },
    { subresources: { status: {} }, selectableFields: [{ jsonPath: ".spec.colour" }] },
  ),
] as const;

function definition(plural: string, kind: string, schema: object, version: object = {}) {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${GROUP}` },
    spec: {
      group: GROUP,
      scope: "Namespaced",
      names: { plural, kind },
      versions: [{ name: "v1", served: true, storage: true, schema, ...version }] as const,
    },
  };
}
