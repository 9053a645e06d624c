import type { KubernetesObject } from "../../../../lib/kubernetes/object.ts";
import type { StructuralSchema } from "../../../../transports/memory/structural_schema.ts";
import { definition, type Sent, world } from "./exchange.ts";

export const APPLY = "application/apply-patch+yaml";
export const THINGS = "/apis/example.com/v1/namespaces/t/things";

const text = { type: "string" };

/** A schema with a field of each kind that apply and validation tell apart. */
export const THING_SPEC: StructuralSchema = {
  type: "object",
  properties: {
    size: { type: "integer", minimum: 1, maximum: 5 },
    colour: { type: "string", enum: ["red", "blue"] },
    tone: { type: "string", default: "warm" },
    note: { type: "string", nullable: true },
    tags: { type: "array", "x-kubernetes-list-type": "set", items: text },
    steps: { type: "array", items: { type: "integer" } },
    ports: {
      type: "array",
      "x-kubernetes-list-type": "map",
      "x-kubernetes-list-map-keys": ["port", "protocol"],
      items: {
        type: "object",
        required: ["port"],
        properties: {
          port: { type: "integer" },
          protocol: { type: "string", default: "TCP" },
          name: text,
        },
      },
    },
    limits: { type: "object", additionalProperties: text },
    pinned: { type: "object", "x-kubernetes-map-type": "atomic", additionalProperties: text },
    free: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  },
};

const STATUS: StructuralSchema = {
  type: "object",
  properties: { phase: { type: "string", enum: ["up", "down"] } },
};

/** The definition of Thing, which has a status subresource. */
export function thingDefinition(spec: StructuralSchema = THING_SPEC): KubernetesObject {
  const thing = definition("Thing", { status: true });
  const { versions, ...rest } = thing.spec as { versions: object[] };
  const schema = { openAPIV3Schema: { type: "object", properties: { spec, status: STATUS } } };
  return { ...thing, spec: { ...rest, versions: versions.map((version) => ({ ...version, schema })) } };
}

/** A Thing as one would write it. */
export function thing(name: string, spec?: object, fields: object = {}): KubernetesObject {
  return {
    apiVersion: "example.com/v1",
    kind: "Thing",
    metadata: { name },
    ...(spec && { spec }),
    ...fields,
  };
}

/** A server that serves Things, with a way to apply them. */
export async function thingWorld(spec?: StructuralSchema) {
  const { send, ...rest } = await world();
  await rest.server.create(thingDefinition(spec));
  function apply(object: KubernetesObject, { as, query = "" }: { as: string; query?: string }) {
    const path = `${THINGS}/${object.metadata?.name}?fieldManager=${as}${query}`;
    return send(`PATCH ${path}`, { type: APPLY, body: object });
  }
  function patch(name: string, body: object, { as, ...sent }: Sent & { as: string }) {
    return send(`PATCH ${THINGS}/${name}?fieldManager=${as}`, {
      type: "application/merge-patch+json",
      body,
      ...sent,
    });
  }
  return { ...rest, send, apply, patch };
}
