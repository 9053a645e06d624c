import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import type { Answer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { OBJECT_META } from "./body_types.ts";
import type { Call } from "./call.ts";
import { type Decoded, decoded } from "./go_type.ts";

/**
 * The object of a request as its kind has it: with the defaults of its schema, and without fields that it does not know,
 * which are warned of or refused, as the request asks.
 */
export function structured(
  { resource, options, warnings }: Call,
  object: KubernetesObject,
  refuse: (why: string) => Error,
): KubernetesObject {
  const { value, problem, unknownFields } = bodyOf(resource, object);
  if (problem !== undefined) throw refuse(problem);
  const unknown = unknownFields.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (unknown.length > 0 && options.fieldValidation === "Strict") {
    throw refuse(`strict decoding error: ${unknown.join(", ")}`);
  }
  if (options.fieldValidation === "Warn") warnings.push(...unknown);
  return value as KubernetesObject;
}

/** An object as its kind has it, and what is wrong with it. */
function bodyOf(resource: ApiResource, object: KubernetesObject): Decoded {
  const { value, problem, unknownFields } = typedBody(resource, object);
  if (!resource.schema || problem !== undefined) return { value, problem, unknownFields };
  const admitted = resource.schema.admitted(value as KubernetesObject);
  return { value: admitted.object, problem, unknownFields: [...unknownFields, ...admitted.unknownFields] };
}

/** An object as the type of its kind has it, of a custom kind its metadata; what is wrong with it, and what is unknown. */
export function typedBody({ body }: ApiResource, object: KubernetesObject): Decoded {
  if (body) return decoded(body, object);
  const given: unknown = object.metadata ?? {};
  const metadata = decoded(OBJECT_META, isJsonObject(given) ? sortedByKey(given) : given);
  return {
    value: "metadata" in object ? { ...object, metadata: withoutNoManagers(metadata.value) } : object,
    problem: metadata.problem,
    unknownFields: metadata.unknownFields.map((field) => `metadata.${field}`),
  };
}

/** Custom objects do not tell an empty list of managers from none. */
function withoutNoManagers(metadata: unknown): unknown {
  const { managedFields, ...rest } = Object(metadata);
  return managedFields?.length > 0 ? { ...rest, managedFields } : rest;
}

/** Of a custom object the API server writes the metadata anew before it decodes it. */
function sortedByKey(value: object): object {
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** An answer that warns of something. */
export function withWarnings(answer: Answer, warnings: readonly string[]): Answer {
  if (warnings.length === 0) return answer;
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(", ");
  return { ...answer, headers: { ...answer.headers, warning } };
}
