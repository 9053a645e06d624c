import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { applyJsonPatch, type JsonPatchOperation, mergePatch } from "../../lib/kubernetes/patch.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { applyObject } from "./apply.ts";
import { type Call, existingObject } from "./call.ts";
import { invalidValue } from "./field_cause.ts";
import { type ObjectVersion, servedObject } from "./object_version.ts";
import { inNamespace, mediaType, withMetadata } from "./request_body.ts";
import { badRequest, invalid, patchRefused, unsupportedMediaType } from "./status_error.ts";
import { structured } from "./structured_body.ts";
import { checkSameName, checkSameUid, replaceObject } from "./update.ts";
import { APPLY_PATCH } from "./write_options.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
/** Kinds of patches that the API server knows and this one does not. */
const STRATEGIC_PATCH = "application/strategic-merge-patch+json";

/** PATCH of an object or of a subresource. */
export function patchObject(call: Call): Answer {
  const type = mediaType(call);
  if (type === APPLY_PATCH) return applyObject(call);
  if (type !== JSON_PATCH && type !== MERGE_PATCH) throw unsupportedPatch(call, type);
  const before = existingObject(call);
  const old = servedObject(before, call.resource);
  const patch = parsedPatch(call.request.body);
  const patched = type === JSON_PATCH ? jsonPatched(old, patch) : mergePatched(old, patch);
  const object = checkedPatched(call, { before, patched });
  return jsonAnswer(replaceObject(call, { before, object }));
}

function parsedPatch(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    throw badRequest("error decoding patch: the body is no JSON");
  }
}

function jsonPatched(object: unknown, patch: unknown): KubernetesObject {
  if (!Array.isArray(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal object into Go value of type []handlers.jsonPatchOp",
    );
  }
  try {
    return asObject(
      patch.reduce(
        (patched, operation) => applyJsonPatch(patched, [asServerReads(operation, patched)]),
        object,
      ),
    );
  } catch (error) {
    if (error instanceof InvalidInputError) throw patchRefused();
    throw error;
  }
}

/** To the API server, a `replace` of a member that its object lacks is an `add`. */
function asServerReads(operation: JsonPatchOperation, document: unknown): JsonPatchOperation {
  if (operation?.op !== "replace" || typeof operation.path !== "string") return operation;
  const [, ...parents] = operation.path.split("/").slice(0, -1);
  const parent = parents.reduce(
    (value: unknown, token) => Object(value)[token.replaceAll("~1", "/").replaceAll("~0", "~")] as unknown,
    document,
  );
  return operation.path !== "" && isJsonObject(parent) ? { ...operation, op: "add" } : operation;
}

function mergePatched(object: unknown, patch: unknown): KubernetesObject {
  if (!isJsonObject(patch)) {
    throw badRequest(
      "error decoding patch: json: cannot unmarshal array into Go value of type map[string]interface {}",
    );
  }
  return asObject(mergePatch(object, patch));
}

function asObject(value: unknown): KubernetesObject {
  if (!isJsonObject(value)) throw patchRefused();
  return value;
}

/** A patch may not make another object of it. */
function checkedPatched(
  call: Call,
  { before, patched }: { before: ObjectVersion; patched: KubernetesObject },
): KubernetesObject {
  const { group, kind } = call.resource;
  const { name } = call.target;
  checkSameKind(call, patched);
  const object = withMetadata(patched, (why) => {
    const cause = { reason: "FieldValueInvalid", message: `Invalid value: ${why}`, field: "patch" } as const;
    return invalid({ group, kind, name }, [cause]);
  });
  checkSameName(call, object.metadata?.name ?? "");
  inNamespace(object, call.namespace);
  checkSameUid(call, { before, uid: object.metadata?.uid ?? "" });
  return structured(call, object, (why) =>
    invalid({ group: "", kind: "", name: "" }, [invalidValue("patch", JSON.stringify(patched), why)]),
  );
}

function checkSameKind({ resource, target }: Call, { kind = "", apiVersion = "" }: KubernetesObject): void {
  const expected = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
  const causes = Object.entries({ kind, apiVersion }).flatMap(([field, value]) => {
    const must = expected[field as keyof typeof expected];
    const message = `Invalid value: "${value}": must be ${must}`;
    return value === must ? [] : [{ reason: "FieldValueInvalid", message, field } as const];
  });
  if (causes.length > 0) throw invalid({ group: resource.group, kind, name: target.name }, causes);
}

function unsupportedPatch({ resource }: Call, type: string): Error {
  if (!resource.custom && type !== STRATEGIC_PATCH) {
    return unsupportedMediaType("415: Unsupported Media Type", { details: {} });
  }
  const accepted = [JSON_PATCH, MERGE_PATCH, APPLY_PATCH].join(", ");
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}
