import { formatGroupVersion, parseGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import type { ApiResource } from "./api_resource.ts";
import { checkAction } from "./authorization.ts";
import { type Call, storedObject } from "./call.ts";
import { createFrom } from "./create.ts";
import { appliedObject } from "./field_manager.ts";
import { FieldSet, NO_FIELDS } from "./field_set.ts";
import { emptyObject, servedObject } from "./object_version.ts";
import { inNamespace, withMetadata } from "./request_body.ts";
import { badRequest, conflict, internalError, notFound } from "./status_error.ts";
import { typeProblems } from "./typed_config.ts";
import { checkSameName, checkSameUid, replaceObject } from "./update.ts";

const STATUS = FieldSet.of([["f:status"]]);
const SPEC = FieldSet.of([["f:spec"]]);
const LABELS = FieldSet.of([["f:metadata", "f:labels"]]);

/** PATCH by server-side apply: creates the object, or makes of it what the configuration says of its fields. */
export function applyObject(call: Call): Answer {
  const { resource, target, options } = call;
  const before = storedObject(call);
  if (!before && target.subresource !== "") throw notFound(resource, target.name);
  const config = configuration(call);
  const live = before ? servedObject(before, resource) : emptyObject(resource);
  const applied = appliedObject(
    {
      ...{ type: resource.fieldType, writer: call.writer, force: options.force },
      live: live as KubernetesObject,
      empty: emptyObject(resource),
      ignored: ignoredFields(call),
    },
    config,
  );
  const object = withMetadata(completed(applied, resource), badRequest);
  const { uid = "", name = "" } = config.metadata ?? {};
  if (!before && uid !== "") {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource, { name: target.name, why });
  }
  const placed = inNamespace(object, call.namespace);
  checkSameName(call, name);
  if (before) {
    checkSameUid(call, { before, uid });
    return jsonAnswer(replaceObject(call, { before, object: placed, isApplied: true }));
  }
  checkMayCreate(call);
  const { resourceVersion: _, ...metadata } = placed.metadata ?? {};
  const created = createFrom(call, { ...placed, metadata }, { isApplied: true });
  return jsonAnswer(created, { status: 201 });
}

function configuration(call: Call): KubernetesObject {
  const { resource, request } = call;
  const config = parsed(request.body);
  const { apiVersion = "", kind = "" } = config;
  if (apiVersion !== formatGroupVersion(resource) || kind !== resource.kind) {
    const { group, version } = parseGroupVersion(String(apiVersion));
    throw badRequest(`invalid object type: ${group}/${version}, Kind=${kind}`);
  }
  if (config.metadata?.managedFields) throw badRequest("metadata.managedFields must be nil");
  const problems = typeProblems(resource.fieldType, config);
  if (problems.length > 0) {
    const { namespace = "", name = "" } = config.metadata ?? {};
    const what = `${namespace}/${name}; ${resource.group}/${resource.version}, Kind=${kind}`;
    const why = problems.length === 1 ? problems[0] : ["errors:", ...problems].join("\n  ");
    throw internalError(`failed to create typed patch object (${what}): ${why}`);
  }
  return config;
}

function parsed(body: string): KubernetesObject {
  let config: unknown;
  try {
    config = JSON.parse(body);
  } catch {
    throw badRequest("error decoding YAML: error converting YAML to JSON: only JSON is read here");
  }
  if (isJsonObject(config)) return config;
  const what = Array.isArray(config) ? "array" : typeof config;
  const why = `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
}

/** The object with its defaults; a built-in one has no nulls where something was taken away. */
function completed(applied: KubernetesObject, { schema, custom }: ApiResource): KubernetesObject {
  if (custom) return schema?.defaulted(applied) ?? applied;
  return withoutNulls(applied) as KubernetesObject;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (!isJsonObject(value)) return value;
  const set = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(set.map(([name, inner]) => [name, withoutNulls(inner)]));
}

/** What the path does not let one set, and so does not let one own. */
function ignoredFields({ resource, target }: Call): FieldSet {
  if (target.subresource !== "status") {
    return resource.subresources.includes("status") ? STATUS : NO_FIELDS;
  }
  return resource.custom ? SPEC : SPEC.union(LABELS);
}

function checkMayCreate({ policy, user, target }: Call): void {
  const { group, resource, subresource, namespace, name } = target;
  checkAction(policy, { user, action: { verb: "create", group, resource, subresource, namespace, name } });
}
