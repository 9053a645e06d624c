import { objectKey } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { serviceAccountName, type UserInfo } from "./authentication.ts";
import type { Decision, PathAction, ResourceAction } from "./authorization.ts";
import type { ObjectVersion } from "./object_version.ts";
import type { Store } from "./store.ts";

export const RBAC_GROUP = "rbac.authorization.k8s.io";

/** The rules that one binding gives to a user, or that there are none to give. */
interface Grant {
  /** What the reason says of it, such as `RoleBinding "b/ns" of Role "r" to User "u"`. */
  readonly words: string;
  readonly rules: readonly JsonObject[] | { readonly missing: string };
}

/** Judges by the Roles, ClusterRoles and their bindings in the store, as they are when it is asked. */
export function rolesDecision(
  store: Store,
  { user, action }: { user: UserInfo; action: ResourceAction | PathAction },
): Decision {
  const missing = new Set<string>();
  for (const { words, rules } of grants(store, { user, action })) {
    if ("missing" in rules) missing.add(rules.missing);
    else if (rules.some((rule) => allows(rule, action))) {
      return { allowed: true, reason: `RBAC: allowed by ${words}` };
    }
  }
  const problems = [...missing];
  const said = problems.length > 1 ? `[${problems.join(", ")}]` : problems.join("");
  return { allowed: false, reason: said === "" ? "" : `RBAC: ${said}` };
}

/** What a user is given: by bindings of the cluster for everything, by those of a namespace for what is in it. */
function* grants(
  store: Store,
  { user, action }: { user: UserInfo; action: ResourceAction | PathAction },
): Generator<Grant> {
  const namespace = "namespace" in action ? action.namespace : "";
  const bindings = [
    ...objects(store, "clusterrolebindings"),
    ...objects(store, "rolebindings").filter(
      (binding) => namespace !== "" && binding.namespace === namespace,
    ),
  ];
  for (const binding of bindings) {
    const { subjects, roleRef } = binding.object;
    const subject = list(subjects).find((one) => isMeant(one, { user, namespace: binding.namespace }));
    if (subject === undefined || !isJsonObject(roleRef)) continue;
    const { kind, name } = roleRef;
    const bound = binding.namespace === "" ? "ClusterRoleBinding" : "RoleBinding";
    const place = binding.namespace === "" ? binding.name : `${binding.name}/${binding.namespace}`;
    yield {
      words: `${bound} "${place}" of ${kind} "${name}" to ${subjectWords(subject, binding.namespace)}`,
      rules: rulesOf(store, { kind, name, namespace: binding.namespace }),
    };
  }
}

function rulesOf(
  store: Store,
  { kind, name, namespace }: { kind: unknown; name: unknown; namespace: string },
): Grant["rules"] {
  const isClusters = kind === "ClusterRole";
  const collection = store.collection({ group: RBAC_GROUP, resource: isClusters ? "clusterroles" : "roles" });
  const role = collection.get(objectKey({ namespace: isClusters ? "" : namespace, name: String(name) }));
  if (role === undefined) {
    return { missing: `${isClusters ? "clusterrole" : "role"}.${RBAC_GROUP} "${name}" not found` };
  }
  return list(role.object.rules);
}

/** Whether one subject of a binding, in `namespace` where the binding has one, is this user or a group of it. */
function isMeant(subject: JsonObject, { user, namespace }: { user: UserInfo; namespace: string }): boolean {
  const { kind, name } = subject;
  if (kind === "User") return name === user.username;
  if (kind === "Group") return user.groups.some((group) => group === name);
  const place = String(subject.namespace ?? namespace);
  return kind === "ServiceAccount" && user.username === serviceAccountName(place, String(name));
}

function subjectWords({ kind, name, namespace: own }: JsonObject, namespace: string): string {
  return kind === "ServiceAccount" ? `ServiceAccount "${name}/${own ?? namespace}"` : `${kind} "${name}"`;
}

function allows(rule: JsonObject, action: ResourceAction | PathAction): boolean {
  if (!isAmong(rule.verbs, action.verb)) return false;
  if ("path" in action) return texts(rule.nonResourceURLs).some((url) => coversPath(url, action.path));
  const { group, resource, subresource, name } = action;
  const names = texts(rule.resourceNames);
  return (
    isAmong(rule.apiGroups, group) &&
    texts(rule.resources).some((one) => coversResource(one, { resource, subresource })) &&
    (names.length === 0 || names.includes(name))
  );
}

function coversResource(
  rule: string,
  { resource, subresource }: Pick<ResourceAction, "resource" | "subresource">,
): boolean {
  if (rule === "*") return true;
  if (subresource === "") return rule === resource;
  return rule === `${resource}/${subresource}` || rule === `*/${subresource}`;
}

/** A star at the end stands for whatever follows. */
function coversPath(url: string, path: string): boolean {
  return url.endsWith("*") ? path.startsWith(url.replace(/\*+$/, "")) : url === path;
}

function isAmong(values: unknown, wanted: string): boolean {
  return texts(values).some((value) => value === "*" || value === wanted);
}

function objects(store: Store, resource: string): readonly ObjectVersion[] {
  return store.collection({ group: RBAC_GROUP, resource }).values();
}

/** What is stored here was not validated: whatever has another form is taken for nothing. */
function list(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((text) => typeof text === "string") : [];
}
