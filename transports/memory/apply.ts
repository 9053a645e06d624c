import { parse } from "yaml";
import { formatGroupVersion, parseGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import { type Answer, jsonAnswer } from "./answer.ts";
import { checkAction } from "./authorization.ts";
import { type Call, storedObject } from "./call.ts";
import { createFrom } from "./create.ts";
import { appliedObject } from "./field_manager.ts";
import { FieldSet, NO_FIELDS } from "./field_set.ts";
import { emptyObject, servedObject } from "./object_version.ts";
import { inNamespace } from "./request_body.ts";
import { badRequest, conflict, internalError, notFound } from "./status_error.ts";
import { typedBody } from "./structured_body.ts";
import { typeProblems } from "./typed_config.ts";
import { checkSameName, replaceObject } from "./update.ts";

const STATUS = FieldSet.of([["f:status"]]);
const SPEC = FieldSet.of([["f:spec"]]);
const LABELS = FieldSet.of([["f:metadata", "f:labels"]]);

/** PATCH by server-side apply: creates the object, or makes of it what the configuration says of its fields. */
export function applyObject(call: Call): Answer {
  const { resource, target, options } = call;
  const before = storedObject(call);
  if (!before && target.subresource !== "") throw notFound(resource, target.name);
  const config = configuration(call);
  const head = { kind: resource.kind, apiVersion: formatGroupVersion(resource) };
  const live = before ? servedObject(before, resource) : head;
  const applied = appliedObject(
    {
      ...{ type: resource.fieldType, writer: call.writer, force: options.force },
      live: live as KubernetesObject,
      empty: emptyObject(resource),
      ignored: ignoredFields(call),
    },
    config,
  );
  const object = typed(call, { config, applied: resource.schema?.defaulted(applied) ?? applied });
  const { uid = "", name = "" } = config.metadata ?? {};
  if (!before && uid !== "") {
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    throw conflict(resource, { name: target.name, why });
  }
  const placed = inNamespace(object, call.namespace);
  checkSameName(call, name);
  if (before) return jsonAnswer(replaceObject(call, { before, object: placed, isApplied: true }));
  checkMayCreate(call);
  const { resourceVersion: _, ...metadata } = placed.metadata ?? {};
  const created = createFrom(call, { ...placed, metadata }, { isApplied: true });
  return jsonAnswer(created, { status: 201 });
}

/** The applied object as its kind has it; what a schema cannot say, such as base64, is refused here. */
function typed(
  { resource }: Call,
  { config, applied }: { config: KubernetesObject; applied: KubernetesObject },
): KubernetesObject {
  const { value, problem } = typedBody(resource, applied);
  if (problem === undefined) return value as KubernetesObject;
  const type = `${resource.group}/${resource.version}, Kind=${resource.kind}`;
  throw internalError(
    `failed to convert new object (${placeOf(config)}; ${type}) to proper version: ` +
      `unable to convert unstructured object to ${type}: ${problem.startsWith("illegal base64") ? "error decoding from json: " : ""}${problem}`,
  );
}

function placeOf({ metadata: { namespace = "", name = "" } = {} }: KubernetesObject): string {
  return `${namespace}/${name}`;
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
    const what = `${placeOf(config)}; ${resource.group}/${resource.version}, Kind=${kind}`;
    const why = problems.length === 1 ? problems[0] : ["errors:", ...problems].join("\n  ");
    throw internalError(`failed to create typed patch object (${what}): ${why}`);
  }
  return config;
}

function parsed(body: string): KubernetesObject {
  let config: unknown;
  try {
    config = readYaml(body);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw badRequest(`error decoding YAML: error converting YAML to JSON: yaml: ${why}`);
  }
  if (isJsonObject(config)) return config;
  const what = Array.isArray(config) ? "array" : typeof config;
  const why = `json: cannot unmarshal ${what} into Go value of type map[string]interface {}`;
  throw badRequest(`error decoding YAML: error unmarshaling JSON: while decoding JSON: ${why}`);
}

/** YAML as the API server reads it: as it was before version 1.2. Most clients send JSON, which is read first. */
function readYaml(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return parse(text, { version: "1.1", strict: true, logLevel: "error" });
  }
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
