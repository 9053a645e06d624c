import { parseFieldSelector, pinnedName } from "./field_selector.ts";
import type { RequestTarget, Verb } from "./request_info.ts";
import { forbidden, unauthorized } from "./status_error.ts";

/** What a user wants to do, in the words of permissions. Absent parts are "". */
export interface AccessRequest {
  readonly user: string;
  readonly verb: Verb;
  readonly group: string;
  /** The plural, such as `pods`. */
  readonly resource: string;
  /** Such as `status`. */
  readonly subresource: string;
  readonly namespace: string;
  /** The object; also the one that a list or a watch pins by `metadata.name`. */
  readonly name: string;
}

/** Who is known, and who may do what. */
export interface AccessPolicy {
  /** Undefined: everybody is known. */
  readonly users: ReadonlySet<string> | undefined;
  authorize(request: AccessRequest): boolean;
}

/** Refuses a user who is not known. The superuser always is. */
export function checkUser(user: string | undefined, { users }: AccessPolicy): void {
  if (user !== undefined && users && !users.has(user)) throw unauthorized();
}

/** Refuses what the user may not do: before anything is known to exist, as the API server does. */
export function checkAccess(
  user: string | undefined,
  { policy, target, query }: { policy: AccessPolicy; target: RequestTarget; query: URLSearchParams },
): void {
  if (user === undefined) return;
  const { verb, group, resource, subresource, namespace } = target;
  const name = target.name || pinnedName(parseFieldSelector(query.get("fieldSelector") ?? ""));
  if (policy.authorize({ user, verb, group, resource, subresource, namespace, name })) return;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const why = `User "${user}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
  throw forbidden({ group, resource }, { name, why });
}
