const text = { type: "string" };
const integer = { type: "integer" };

const port = {
  type: "object",
  required: ["name"],
  properties: { name: text, port: { ...integer, default: 80 }, host: text },
};

const spec = {
  type: "object",
  required: ["size"],
  properties: {
    size: { ...integer, minimum: 1, maximum: 9 },
    colour: { ...text, enum: ["red", "blue"], default: "red" },
    code: { ...text, pattern: "^[a-z]+$", minLength: 2, maxLength: 4 },
    seen: { ...text, format: "date-time" },
    note: { ...text, nullable: true },
    share: { "x-kubernetes-int-or-string": true },
    ports: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["name"],
      maxItems: 3,
      items: port,
    },
    tags: { type: "array", "x-kubernetes-list-type": "set", items: text },
    steps: { type: "array", items: text },
    counts: { type: "object", additionalProperties: integer },
    pinned: { type: "object", "x-kubernetes-map-type": "atomic", properties: { a: text, b: text } },
    free: {
      type: "object",
      "x-kubernetes-preserve-unknown-fields": true,
      properties: { known: { type: "object", properties: { x: integer } } },
    },
    choice: {
      type: "object",
      properties: { a: text, b: text },
      oneOf: [{ required: ["a"] }, { required: ["b"] }],
    },
    template: {
      type: "object",
      "x-kubernetes-embedded-resource": true,
      "x-kubernetes-preserve-unknown-fields": true,
    },
  },
};

const status = {
  type: "object",
  properties: { phase: { ...text, default: "new" }, count: integer },
};

/** The schema of the kind Moon: a field for each thing that schemas can ask. */
export const MOON_SCHEMA = {
  openAPIV3Schema: { type: "object", required: ["spec"], properties: { spec, status } },
};
