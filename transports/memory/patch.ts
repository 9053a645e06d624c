import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { applyJsonPatch, mergePatch } from "../../lib/kubernetes/patch.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { type Call, existingObject } from "./call.ts";
import { inNamespace, mediaType, withMetadata } from "./request_body.ts";
import { badRequest, invalid, patchRefused, unsupportedMediaType } from "./status_error.ts";
import { checkSameName, replaceObject } from "./update.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
/** Kinds of patches that the API server knows and this one does not. */
const OTHER_PATCHES = ["application/strategic-merge-patch+json", "application/apply-patch+yaml"];

/** PATCH of an object or of a subresource. */
export function patchObject(call: Call): Answer {
  const type = mediaType(call);
  if (type !== JSON_PATCH && type !== MERGE_PATCH) throw unsupportedPatch(call, type);
  const before = existingObject(call);
  const patch = parsedPatch(call.request.body);
  const patched =
    type === JSON_PATCH ? jsonPatched(before.object, patch) : mergePatched(before.object, patch);
  const object = checkedPatched(call, patched, before.object.metadata?.uid);
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
    return asObject(applyJsonPatch(object, patch));
  } catch (error) {
    if (error instanceof InvalidInputError) throw patchRefused();
    throw error;
  }
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
function checkedPatched(call: Call, patched: KubernetesObject, uid: string | undefined): KubernetesObject {
  const { group, kind } = call.resource;
  const { name } = call.target;
  const object = withMetadata(patched, (why) => {
    const cause = { reason: "FieldValueInvalid", message: `Invalid value: ${why}`, field: "patch" } as const;
    return invalid({ group, kind, name }, [cause]);
  });
  checkSameName(call, object.metadata?.name ?? "");
  inNamespace(object, call.namespace);
  const patchedUid = object.metadata?.uid ?? "";
  if (patchedUid === "" || patchedUid === uid) return object;
  const message = `Invalid value: "${patchedUid}": field is immutable`;
  const cause = { reason: "FieldValueInvalid", message, field: "metadata.uid" } as const;
  throw invalid({ group, kind, name }, [cause, cause]); // it is found twice
}

function unsupportedPatch({ resource }: Call, type: string): Error {
  if (!resource.custom && !OTHER_PATCHES.includes(type)) {
    return unsupportedMediaType("415: Unsupported Media Type", { details: {} });
  }
  const accepted = [JSON_PATCH, MERGE_PATCH].join(", ");
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  );
}
