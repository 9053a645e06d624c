import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { applyJsonPatch, type JsonPatchOperation, mergePatch } from "../../lib/kubernetes/patch.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { applyObject } from "./apply.ts";
import { type Call, existingObject } from "./call.ts";
import { invalidValue } from "./field_cause.ts";
import { goKind, withoutNulls } from "./go_type.ts";
import { jsonText } from "./json_text.ts";
import { servedObject } from "./object_version.ts";
import { withOwnersOnce } from "./owner_references.ts";
import { inNamespace, mediaType } from "./request_body.ts";
import { badRequest, invalid, patchRefused, unsupportedMediaType } from "./status_error.ts";
import { structured } from "./structured_body.ts";
import { checkSameName, replaceObject } from "./update.ts";
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
  const patched = (type === JSON_PATCH ? jsonPatched : mergePatched)(call, { old, patch });
  const object = checkedPatched(call, patched);
  return jsonAnswer(replaceObject(call, { before, object }));
}

function parsedPatch(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    const why = body === "" ? "unexpected end of JSON input" : "the body is no JSON";
    throw badRequest(`error decoding patch: ${why}`);
  }
}

function jsonPatched(
  { options }: Call,
  { old: object, patch }: { old: unknown; patch: unknown },
): KubernetesObject {
  if (patch === null) return asObject(object);
  const isIgnoring = options.fieldValidation === "Ignore";
  const [list, item] = isIgnoring
    ? ["jsonpatch.Patch", "jsonpatch.Operation"]
    : ["[]handlers.jsonPatchOp", "handlers.jsonPatchOp"];
  if (!Array.isArray(patch)) throw undecodable(patch, { type: list, isIgnoring });
  const odd = patch.find((operation) => operation !== null && !isJsonObject(operation));
  if (odd !== undefined) throw undecodable(odd, { type: item, isIgnoring });
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

/** Where it ignores unknown fields, the API server does not read a patch twice, and the second reading has other words. */
function undecodable(value: unknown, { type, isIgnoring }: { type: string; isIgnoring: boolean }): Error {
  const why = `json: cannot unmarshal ${goKind(value)} into Go value of type ${type}`;
  return badRequest(isIgnoring ? why : `error decoding patch: ${why}`);
}

/** To the API server, a member that an object lacks is null, as is a value that an operation lacks: a `replace` of it is an `add`, a `copy` adds null, and a `test` finds it. */
function asServerReads(operation: JsonPatchOperation, document: unknown): JsonPatchOperation {
  if (isSetting(operation) && operation.value === undefined) {
    return asServerReads({ ...operation, value: null }, document);
  }
  if (operation?.op === "replace" && holderOf(operation.path, document)) return { ...operation, op: "add" };
  if (operation?.op === "test" && (operation.value ?? null) === null) {
    const holder = holderOf(operation.path, document);
    if (holder && !Object.hasOwn(holder.object, holder.member))
      return { op: "test", path: "", value: document };
  }
  if (operation?.op !== "copy") return operation;
  const { path, from } = operation;
  const holder = holderOf(from, document);
  return holder && !Object.hasOwn(holder.object, holder.member)
    ? { op: "add", path, value: null }
    : operation;
}

function isSetting(
  operation: JsonPatchOperation | null,
): operation is Extract<JsonPatchOperation, { value: unknown }> {
  return (operation?.op === "add" || operation?.op === "replace") && typeof operation.path === "string";
}

/** The object in which a pointer says a member is; undefined where it is in none. */
function holderOf(pointer: unknown, document: unknown): { object: object; member: string } | undefined {
  if (typeof pointer !== "string" || !pointer.startsWith("/")) return undefined;
  const tokens = pointer.split("/").map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
  const object = tokens
    .slice(1, -1)
    .reduce((value: unknown, token) => Object(value)[token] as unknown, document);
  return isJsonObject(object) ? { object, member: tokens.at(-1) ?? "" } : undefined;
}

function mergePatched({ options }: Call, { old, patch }: { old: unknown; patch: unknown }): KubernetesObject {
  if (!isJsonObject(patch)) {
    if (options.fieldValidation === "Ignore") throw badRequest("Invalid JSON Patch");
    throw undecodable(patch, { type: "map[string]interface {}", isIgnoring: false });
  }
  return asObject(mergePatch(old, withoutNullsInLists(patch, old)));
}

/**
 * The patch as the API server reads it: null takes members away in the objects of a list, too, though a list is replaced
 * as a whole; but not where the list takes the place of an object.
 */
function withoutNullsInLists(patch: unknown, target: unknown): unknown {
  if (Array.isArray(patch)) return isJsonObject(target) ? patch : patch.map(withoutNulls);
  if (!isJsonObject(patch)) return patch;
  const members = isJsonObject(target) ? target : {};
  return Object.fromEntries(
    Object.entries(patch).map(([name, value]) => [name, withoutNullsInLists(value, members[name])]),
  );
}

function asObject(value: unknown): KubernetesObject {
  if (!isJsonObject(value)) throw patchRefused();
  return value;
}

/** A patch may not make another object of it. */
function checkedPatched(call: Call, patched: KubernetesObject): KubernetesObject {
  const written = sortedByKey(patched) as KubernetesObject;
  const object = structured(call, written, (why) =>
    invalid({ group: "", kind: "", name: "" }, [invalidValue("patch", jsonText(written), why)]),
  );
  checkSameKind(call, object);
  const placed = inNamespace(object, call.namespace);
  checkSameName(call, placed.metadata?.name ?? "");
  return withOwnersOnce(placed, { warnings: call.warnings, moment: "when written" });
}

/** What was patched is written anew before it is read. */
function sortedByKey(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedByKey);
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, sortedByKey(inner)]));
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
