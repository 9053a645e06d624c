import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import type { Call } from "./call.ts";
import { invalidValue, unsupportedValue } from "./field_cause.ts";
import { jsonObject, mediaType } from "./request_body.ts";
import { isTrue } from "./request_info.ts";
import { badRequest, type InvalidCause, invalid, unknownFormat } from "./status_error.ts";

/** What becomes of the objects that have the deleted one as their owner. */
export type PropagationPolicy = "Foreground" | "Background" | "Orphan";

/** How something is to be deleted. */
export interface DeleteOptions {
  readonly dryRun: boolean;
  /** What must be true of the object: its `uid`, its `resourceVersion`. */
  readonly preconditions: JsonObject;
  /** Whether those who ask for it by its old name are told that it is not yet done: 202 for what something holds. */
  readonly isCascading: boolean;
  /** Undefined: as the object's finalizers have it. */
  readonly policy: PropagationPolicy | undefined;
}

const POLICIES: readonly unknown[] = ["Foreground", "Background", "Orphan"];

/**
 * Reads the options of a DELETE: from its body, or where it has none from the query.
 *
 * @throws StatusError (400) for a body that is no object, (422) for options that say what they may not
 */
export function deleteOptions({ request, query, dryRun }: Call): DeleteOptions {
  const hasBody = request.body !== "";
  if (hasBody && !["", "application/json"].includes(mediaType({ request }))) throw unknownFormat();
  const given = hasBody ? jsonObject(request.body, badRequest) : fromQuery(query);
  const { propagationPolicy, orphanDependents, preconditions, dryRun: asked = [] } = given;
  const causes = policyCauses({ propagationPolicy, orphanDependents });
  const stages: readonly unknown[] = Array.isArray(asked) ? asked : [asked];
  if (!stages.every((stage) => stage === "All")) causes.push(unsupportedValue("dryRun", stages, ["All"]));
  if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind: "DeleteOptions", name: "" }, causes);
  return {
    dryRun: hasBody ? stages.length > 0 : dryRun,
    isCascading: orphanDependents === false,
    preconditions: isJsonObject(preconditions) ? preconditions : {},
    policy: (propagationPolicy ?? policyOf(orphanDependents)) as PropagationPolicy | undefined,
  };
}

function fromQuery(query: URLSearchParams): JsonObject {
  return {
    propagationPolicy: query.get("propagationPolicy") ?? undefined,
    orphanDependents: query.has("orphanDependents") ? isTrue(query, "orphanDependents") : undefined,
  };
}

function policyCauses({ propagationPolicy, orphanDependents }: JsonObject): InvalidCause[] {
  if (propagationPolicy === undefined || propagationPolicy === null) return [];
  const field = "propagationPolicy";
  const causes: InvalidCause[] = [];
  if (orphanDependents !== undefined) {
    const why = "orphanDependents and deletionPropagation cannot be both set";
    causes.push(invalidValue(field, propagationPolicy, why));
  }
  if (!POLICIES.includes(propagationPolicy)) {
    causes.push(unsupportedValue(field, propagationPolicy, [...POLICIES, "nil"]));
  }
  return causes;
}

function policyOf(orphanDependents: unknown): PropagationPolicy | undefined {
  if (typeof orphanDependents !== "boolean") return undefined;
  return orphanDependents ? "Orphan" : "Background";
}
