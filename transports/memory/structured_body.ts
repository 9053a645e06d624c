import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { Answer } from "./answer.ts";
import type { Call } from "./call.ts";
import { METADATA_FIELDS } from "./object_version.ts";

/**
 * The object of a request as the schema of its kind has it: with its defaults, and without fields that it does not
 * know, which are warned of or refused, as the request asks.
 */
export function structured(
  { resource, options, warnings }: Call,
  object: KubernetesObject,
  refuse: (why: string) => Error,
): KubernetesObject {
  if (!resource.schema) return object;
  const { object: admitted, unknownFields } = resource.schema.admitted(object);
  const unknownMetadata = Object.keys(object.metadata ?? {}).filter(
    (name) => !METADATA_FIELDS.includes(name),
  );
  const unknown = [...unknownMetadata.map((name) => `metadata.${name}`), ...unknownFields];
  const problems = unknown.map((field) => `unknown field ${JSON.stringify(field)}`);
  if (problems.length === 0) return admitted;
  if (options.fieldValidation === "Strict") throw refuse(`strict decoding error: ${problems.join(", ")}`);
  if (options.fieldValidation === "Warn") warnings.push(...problems);
  return admitted;
}

/** An answer that warns of something. */
export function withWarnings(answer: Answer, warnings: readonly string[]): Answer {
  if (warnings.length === 0) return answer;
  const warning = warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(", ");
  return { ...answer, headers: { ...answer.headers, warning } };
}
