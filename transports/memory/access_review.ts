import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import type { ReviewCall } from "./api_resource.ts";
import type { UserInfo } from "./authentication.ts";
import { decide, type PathAction, type ResourceAction } from "./authorization.ts";
import type { ResourceRow } from "./resource_row.ts";
import { type InvalidCause, invalid } from "./status_error.ts";
import { timestamp } from "./write.ts";

const SPEC_FIELDS = ["resourceAttributes", "nonResourceAttributes", "user", "groups", "extra", "uid"];
const RESOURCE_FIELDS = ["namespace", "verb", "group", "version", "resource", "subresource", "name"];
const PATH_FIELDS = ["path", "verb"];
const ONLY_ASKED = { namespaced: false, verbs: ["create"] } as const;

/** The kinds of authentication.k8s.io: a POST tells who is asking. */
export const AUTHENTICATION_ROWS: readonly ResourceRow[] = [
  {
    ...ONLY_ASKED,
    kind: "SelfSubjectReview",
    resource: "selfsubjectreviews",
    review: (_object, { user, cluster }) => ({
      metadata: { creationTimestamp: timestamp(cluster) },
      status: { userInfo: user },
    }),
  },
];

/** The kinds of authorization.k8s.io: a POST tells whether something is allowed. */
export const AUTHORIZATION_ROWS: readonly ResourceRow[] = [
  {
    ...ONLY_ASKED,
    kind: "LocalSubjectAccessReview",
    resource: "localsubjectaccessreviews",
    namespaced: true,
    review: othersReview,
  },
  {
    ...ONLY_ASKED,
    kind: "SelfSubjectAccessReview",
    resource: "selfsubjectaccessreviews",
    review: (object, call) => answered(object, { call, user: call.user }),
  },
  {
    ...ONLY_ASKED,
    kind: "SubjectAccessReview",
    resource: "subjectaccessreviews",
    review: othersReview,
  },
];

/** A review about the user that its spec names. */
function othersReview(object: KubernetesObject, call: ReviewCall): KubernetesObject {
  const { user, groups } = specOf(object);
  return answered(object, {
    call,
    user: { username: text(user), groups: Array.isArray(groups) ? groups.map(text) : [] },
  });
}

/** The review with its answer. */
function answered(
  object: KubernetesObject,
  { call, user }: { call: ReviewCall; user: UserInfo },
): KubernetesObject {
  const spec = specOf(object);
  const causes = problems(spec, { call, user });
  if (causes.length > 0) throw invalid({ group: call.resource.group, kind: "", name: "" }, causes);
  const { resourceAttributes: ofResource, nonResourceAttributes: ofPath } = spec;
  const action = isJsonObject(ofResource) ? resourceAction(ofResource) : pathAction(ofPath);
  const { allowed, reason } = decide(call.policy, { user, action });
  return {
    metadata: object.metadata ?? {},
    spec: inOrder(
      {
        ...spec,
        ...(isJsonObject(ofResource) && { resourceAttributes: inOrder(ofResource, RESOURCE_FIELDS) }),
        ...(isJsonObject(ofPath) && { nonResourceAttributes: inOrder(ofPath, PATH_FIELDS) }),
      },
      SPEC_FIELDS,
    ),
    status: { allowed, ...(reason !== "" && { reason }) },
  };
}

function problems(
  { resourceAttributes: ofResource, nonResourceAttributes: ofPath }: JsonObject,
  { call: { resource, namespace }, user }: { call: ReviewCall; user: UserInfo },
): InvalidCause[] {
  const causes: InvalidCause[] = [];
  if (ofResource && ofPath) {
    const { path: Path, verb: Verb } = pathAction(ofPath);
    const shown = JSON.stringify({ Path, Verb });
    causes.push(
      wrong("nonResourceAttributes", shown, "cannot be specified in combination with resourceAttributes"),
    );
  }
  if (!ofResource && !ofPath) {
    const why = "exactly one of nonResourceAttributes or resourceAttributes must be specified";
    causes.push(wrong("resourceAttributes", "null", why));
  }
  if (user.username === "" && user.groups.length === 0) {
    causes.push(wrong("user", '""', "at least one of user or group must be specified"));
  }
  const asked = isJsonObject(ofResource) ? text(ofResource.namespace) : namespace;
  if (resource.namespaced && asked !== namespace) {
    causes.push(wrong("resourceAttributes.namespace", `"${asked}"`, "must match metadata.namespace"));
  }
  return causes;
}

function resourceAction(attributes: JsonObject): ResourceAction {
  const { verb, group, resource, subresource, namespace, name } = attributes;
  return {
    ...{ verb: text(verb), group: text(group), resource: text(resource), subresource: text(subresource) },
    ...{ namespace: text(namespace), name: text(name) },
  };
}

function pathAction(attributes: unknown): PathAction {
  const { verb, path } = isJsonObject(attributes) ? attributes : {};
  return { verb: text(verb), path: text(path) };
}

function specOf({ spec }: KubernetesObject): JsonObject {
  return isJsonObject(spec) ? spec : {};
}

function inOrder(value: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(fields.flatMap((field) => (value[field] ? [[field, value[field]]] : [])));
}

function wrong(field: string, value: string, why: string): InvalidCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${value}: ${why}`, field: `spec.${field}` };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
