import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import type { Call } from "./call.ts";
import { badRequest, invalid, unsupportedMediaType } from "./status_error.ts";
import { structured } from "./structured_body.ts";

const METADATA_TYPES: readonly {
  type: string;
  fields: readonly string[];
  accepts(value: unknown): boolean;
}[] = [
  {
    type: "string",
    fields: ["name", "generateName", "namespace", "uid", "resourceVersion"],
    accepts: isText,
  },
  {
    type: "map[string]string",
    fields: ["labels", "annotations"],
    accepts: (value) => isJsonObject(value) && Object.values(value).every(isText),
  },
  {
    type: "[]string",
    fields: ["finalizers"],
    accepts: (value) => Array.isArray(value) && value.every(isText),
  },
];

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
    throw unsupportedMediaType(
      "the body of the request was in an unknown format - accepted media types include: application/json",
    );
  }
  const { kind, version } = call.resource;
  const { body } = call.request;
  const object = parsed(body);
  if (!isJsonObject(object)) {
    const why =
      body === "" ? "unexpected end of JSON input (<empty>)" : `the body is no JSON object (${body})`;
    const unrecognized = `the object provided is unrecognized (must be of type ${kind})`;
    throw badRequest(`${unrecognized}: couldn't get version/kind; json parse error: ${why}`);
  }
  checkKind(object, call);
  const refuse = (why: string) =>
    badRequest(`${kind} in version "${version}" cannot be handled as a ${kind}: ${why}`);
  return inNamespace(structured(call, withMetadata(object, refuse), refuse), call.namespace);
}

/** The object with the nulls of its metadata left out; a field of another type than it must be of is refused. */
export function withMetadata(object: KubernetesObject, refuse: (why: string) => Error): KubernetesObject {
  const given = object.metadata ?? {};
  if (!isJsonObject(given)) throw refuse(mistyped("metadata", "v1.ObjectMeta"));
  const metadata = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  for (const { type, fields, accepts } of METADATA_TYPES) {
    const field = fields.find((name) => metadata[name] !== undefined && !accepts(metadata[name]));
    if (field) throw refuse(mistyped(`ObjectMeta.metadata.${field}`, type));
  }
  return { ...object, metadata };
}

/** Puts the path's namespace into an object that names none, and refuses one that names another. */
export function inNamespace(object: KubernetesObject, namespace: string): KubernetesObject {
  const own = object.metadata?.namespace ?? "";
  if (own !== "" && own !== namespace) {
    throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
  }
  return namespace === "" ? object : { ...object, metadata: { ...object.metadata, namespace } };
}

/** Custom objects must say their kind; built-in ones may leave it out, but not say another. */
function checkKind(object: KubernetesObject, { resource, request }: Call): void {
  const { kind = "", apiVersion = "" } = object;
  const { group, version } = resource;
  const expected = formatGroupVersion(resource);
  if (!resource.custom) {
    if ((kind === "" || kind === resource.kind) && (apiVersion === "" || apiVersion === expected)) return;
    throw badRequest(
      `${kind} in version "${apiVersion}" cannot be handled as a ${resource.kind}: it must be a ${resource.kind} in ${version}`,
    );
  }
  if (kind === "") {
    const text = request.body;
    throw badRequest(
      `the object provided is unrecognized (must be of type ${resource.kind}): Object 'Kind' is missing in '${text}' (${text})`,
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

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function mistyped(field: string, type: string): string {
  return `json: cannot unmarshal into Go struct field ${field} of type ${type}`;
}
