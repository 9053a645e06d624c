import { isAnonymous, type KnownUser, type UserInfo } from "./authentication.ts";
import { parseFieldSelector, pinnedName } from "./field_selector.ts";
import { uselessHookAnswer } from "./hook_answer.ts";
import type { RequestInfo, RequestTarget } from "./request_info.ts";
import { forbidden, forbiddenPath } from "./status_error.ts";

/** Something that a resource is asked for, in the words of permissions. Absent parts are "". */
export interface ResourceAction {
  /** Such as `list`, or `impersonate`. */
  readonly verb: string;
  /** Of the resource; also "" for the core group. */
  readonly group: string;
  /** The plural, such as `pods`. */
  readonly resource: string;
  /** Such as `status`. */
  readonly subresource: string;
  /** Where the object or the collection is. */
  readonly namespace: string;
  /** The object; also the one that a list or a watch pins by `metadata.name`. */
  readonly name: string;
}

/** Something that a path is asked for which is no resource's, such as `/version`. */
export interface PathAction {
  /** The method in lower case. */
  readonly verb: string;
  readonly path: string;
}

/** What a user wants to do to a resource. */
export interface AccessRequest extends ResourceAction {
  /** Who asks. */
  readonly user: string;
  /** The groups of who asks. */
  readonly groups: readonly string[];
}

/** Whether something is allowed, and why; "" where there is nothing to say. */
export interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

/** Who is known, and who may do what. */
export interface AccessPolicy {
  /** Undefined: whoever comes is trusted. */
  readonly users: readonly KnownUser[] | undefined;
  /** Undefined: no roles are looked at. */
  readonly roles: ((user: UserInfo, action: ResourceAction | PathAction) => Decision) | undefined;
  /** The hook of the server's owner, where there is one. */
  readonly authorize: ((request: AccessRequest) => boolean) | undefined;
}

const ALLOWED: Decision = { allowed: true, reason: "" };
const REFUSED: Decision = { allowed: false, reason: "" };
/** What a stranger may read where no roles say it. */
const PUBLIC_PATHS = ["/healthz", "/livez", "/readyz", "/version"];

/**
 * Asks all who may allow something, one after the other: the first who does decides.
 *
 * @throws StatusError 500 for a hook that returns neither true nor false
 */
export function decide(
  { roles, authorize }: AccessPolicy,
  { user, action }: { user: UserInfo; action: ResourceAction | PathAction },
): Decision {
  if (user.groups.includes("system:masters")) return ALLOWED;
  const byRoles = roles?.(user, action) ?? REFUSED;
  if (byRoles.allowed) return byRoles;
  if (authorize && "resource" in action) {
    const { username, groups } = user;
    const given: unknown = authorize({ user: username, groups, ...action });
    // A promise is true of itself: it would allow everything.
    if (typeof given !== "boolean") {
      throw uselessHookAnswer("authorize", { given, wanted: "return true or false" });
    }
    return given ? ALLOWED : byRoles;
  }
  if (roles) return byRoles;
  if ("path" in action && PUBLIC_PATHS.includes(action.path)) return ALLOWED;
  return isAnonymous(user) ? REFUSED : ALLOWED;
}

/** Refuses what the user may not do to a resource: before anything is known to exist, as the API server does. */
export function checkAccess(
  policy: AccessPolicy,
  { user, target, query }: { user: UserInfo; target: RequestTarget; query: URLSearchParams },
): void {
  const { verb, group, resource, subresource, namespace } = target;
  const name = target.name || selectedName(query.get("fieldSelector") ?? "");
  checkAction(policy, { user, action: { verb, group, resource, subresource, namespace, name } });
}

/** The one name that a field selector leaves; a broken selector is refused later, to those who may ask. */
function selectedName(fieldSelector: string): string {
  try {
    return pinnedName(parseFieldSelector(fieldSelector));
  } catch {
    return "";
  }
}

/** Refuses an action that is not allowed. */
export function checkAction(
  policy: AccessPolicy,
  { user, action }: { user: UserInfo; action: ResourceAction },
): void {
  const { allowed, reason } = decide(policy, { user, action });
  if (allowed) return;
  const { verb, group, resource, subresource, namespace, name } = action;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const why = `User "${user.username}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
  throw forbidden({ group, resource }, { name, why: because(why, reason) });
}

/** Refuses a path that the user may not ask for. */
export function checkPathAccess(
  policy: AccessPolicy,
  { user, info: { method, path } }: { user: UserInfo; info: RequestInfo },
): void {
  const action = { verb: method.toLowerCase(), path };
  const { allowed, reason } = decide(policy, { user, action });
  if (allowed) return;
  throw forbiddenPath(because(`User "${user.username}" cannot ${action.verb} path "${path}"`, reason));
}

function because(what: string, reason: string): string {
  return reason === "" ? what : `${what}: ${reason}`;
}
