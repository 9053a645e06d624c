import { formatGroupVersion, parseGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import type { Call } from "./call.ts";
import { goKind } from "./go_type.ts";
import { badRequest, invalid, unknownFormat } from "./status_error.ts";
import { structured } from "./structured_body.ts";

/** What the API server reads first, as its messages name it. */
const TYPE_META =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }';
/** Where the API server's own list of kinds is, as its messages name it. */
const SCHEME = "pkg/api/legacyscheme/scheme.go:30";
const SUMMARY_LENGTH = 30;
const utf8 = new TextEncoder();

/** The media type of a body, in lower case and without parameters; "" where none is named. */
export function mediaType({ request }: Pick<Call, "request">): string {
  const [type = ""] = (request.headers.get("content-type") ?? "").split(";");
  return type.trim().toLowerCase();
}

/**
 * The object in the body of a POST or PUT, in the namespace of the path.
 *
 * @throws StatusError for another media type, for what is no object, and for one of another kind or namespace.
 */
export function bodyObject(call: Call): KubernetesObject {
  const type = mediaType(call);
  if (type !== "" && type !== "application/json") {
    throw unknownFormat();
  }
  const { kind, version } = call.resource;
  const object = parsedObject(call);
  checkKind(object, call);
  const refuse = (why: string) =>
    badRequest(`${object.kind || kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
  return inNamespace(structured(call, object, refuse), call.namespace);
}

function parsedObject({ request: { body }, resource }: Call): KubernetesObject {
  return jsonObject(body, (why) =>
    badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${summary(body)})`,
    ),
  );
}

/** The object that a body is, as far as its kind can be read from it; null is an empty one. */
export function jsonObject(body: string, refuse: (why: string) => Error): JsonObject {
  const refused = (why: string) => refuse(`couldn't get version/kind; json parse error: ${why}`);
  const object = parsed(body);
  if (object === undefined)
    throw refused(body === "" ? "unexpected end of JSON input" : "the body is no JSON");
  if (object === null) return {};
  if (!isJsonObject(object)) {
    throw refused(`json: cannot unmarshal ${goKind(object)} into Go value of type ${TYPE_META}`);
  }
  for (const field of ["kind", "apiVersion"]) {
    const value = object[field] ?? "";
    if (typeof value !== "string") {
      throw refused(`json: cannot unmarshal ${goKind(value)} into Go struct field .${field} of type string`);
    }
  }
  return object;
}

/** The beginning of a body as a message tells it: as it is, or in hexadecimal digits where it does not begin like JSON. */
function summary(body: string): string {
  if (body === "") return "<empty>";
  const bytes = utf8.encode(body);
  const start = bytes.subarray(0, SUMMARY_LENGTH);
  const more = bytes.length > SUMMARY_LENGTH ? " ..." : "";
  if (body.startsWith("{")) return new TextDecoder().decode(start) + more;
  return Array.from(start, (byte) => byte.toString(16).padStart(2, "0")).join("") + more;
}

/** Puts the path's namespace into an object that names none, and refuses one that names another; without one there is none. */
export function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const own = object.metadata?.namespace ?? "";
  if (namespace === "") return withoutNamespace(object);
  if (own !== "" && own !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return { ...object, metadata: { ...object.metadata, namespace } };
}

function withoutNamespace(object: KubernetesObject): KubernetesObject {
  const { namespace: _, ...metadata } = object.metadata ?? {};
  return { ...object, metadata };
}

/** Custom objects must say their kind; built-in ones may leave it out, but not say another. */
function checkKind(object: KubernetesObject, { resource, request, options }: Call): void {
  const { kind = "", apiVersion = "" } = object;
  const { group, version } = resource;
  const expected = formatGroupVersion(resource);
  if (!resource.custom) {
    const asked = { kind: kind || resource.kind, apiVersion: apiVersion || expected };
    if (asked.kind === resource.kind && asked.apiVersion === expected) return;
    const why = `no kind "${asked.kind}" is registered for version "${asked.apiVersion}" in scheme "${SCHEME}"`;
    const asVersion = parseGroupVersion(asked.apiVersion).version;
    throw badRequest(
      `${asked.kind} in version "${asVersion}" cannot be handled as a ${resource.kind}: ${why}`,
    );
  }
  if (kind === "") {
    const why = `Object 'Kind' is missing in '${request.body}'`;
    // Where it looks for unknown fields, the API server no longer knows of what kind the body was to be.
    throw badRequest(
      options.fieldValidation === "Ignore"
        ? `${resource.kind} in version "${version}" cannot be handled as a ${resource.kind}: ${why}`
        : `the object provided is unrecognized (must be of type ${resource.kind}): ${why} (${summary(request.body)})`,
    );
  }
  if (apiVersion !== expected) {
    throw badRequest(
      `the API version in the data (${apiVersion}) does not match the expected API version (${expected})`,
    );
  }
  if (kind !== resource.kind) {
    const message = `Invalid value: "${kind}": must be ${resource.kind}`;
    throw invalid({ group, kind, name: object.metadata?.name ?? "" }, [
      { reason: "FieldValueInvalid", message, field: "kind" },
    ]);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
