import type { Login } from "./answer.ts";
import { unauthorized } from "./status_error.ts";

/** A user that the server knows. */
export interface KnownUser {
  /** Such as `system:serviceaccount:default:app`. */
  readonly name: string;
  /** What its requests say as `Authorization: Bearer <token>`; without one it comes in by `transport(name)` only. */
  readonly token?: string;
  /** Beside `system:authenticated`, which every known user is in. Members of `system:masters` may do everything. */
  readonly groups?: readonly string[];
}

/** Who asks, once that is known. */
export interface UserInfo {
  /** Such as `system:anonymous`. */
  readonly username: string;
  /** Where the user has one. */
  readonly uid?: string;
  /** All of them, those that the server adds included. */
  readonly groups: readonly string[];
}

export const SUPERUSER: UserInfo = {
  username: "kubernetes-admin",
  groups: ["system:masters", "system:authenticated"],
};
const ANONYMOUS = "system:anonymous";

/**
 * Finds out who asks. Without a list of users nobody is asked for a token.
 *
 * @throws StatusError 401 for who is not among the users
 */
export function authenticate(login: Login, users: readonly KnownUser[] | undefined): UserInfo {
  if (login === "superuser") return SUPERUSER;
  if ("name" in login) {
    const { name } = login;
    if (users === undefined || name === ANONYMOUS) return userNamed(name);
    return knownUser(users.find((user) => user.name === name));
  }
  if (users === undefined) return SUPERUSER;
  const token = bearerToken(login.authorization ?? "");
  return token === "" ? userNamed(ANONYMOUS) : knownUser(users.find((user) => user.token === token));
}

/** A user by name alone, with the groups that the name itself brings. */
export function userNamed(
  username: string,
  { uid, groups = [] }: { uid?: string | undefined; groups?: readonly string[] } = {},
): UserInfo {
  const { namespace } = serviceAccountOf(username) ?? {};
  const own =
    namespace === undefined ? [] : ["system:serviceaccounts", `system:serviceaccounts:${namespace}`];
  const everybodys = username === ANONYMOUS ? "system:unauthenticated" : "system:authenticated";
  return {
    username,
    ...(uid !== undefined && { uid }),
    groups: [...new Set([...(groups.length > 0 ? groups : own), everybodys])],
  };
}

/** The user name of a service account. */
export function serviceAccountName(namespace: string, name: string): string {
  return `system:serviceaccount:${namespace}:${name}`;
}

/** The service account whose user name this is. */
export function serviceAccountOf(username: string): { namespace: string; name: string } | undefined {
  const { namespace, name } =
    /^system:serviceaccount:(?<namespace>[^:]+):(?<name>[^:]+)$/.exec(username)?.groups ?? {};
  return namespace === undefined || name === undefined ? undefined : { namespace, name };
}

export function isAnonymous({ username }: UserInfo): boolean {
  return username === ANONYMOUS;
}

/** The name that a login stands for; undefined for the superuser's, and where nobody is known by it. */
export function loginName(login: Login, users: readonly KnownUser[] | undefined): string | undefined {
  if (login === "superuser") return undefined;
  if ("name" in login) return login.name;
  if (users === undefined) return undefined;
  const token = bearerToken(login.authorization ?? "");
  return token === "" ? ANONYMOUS : users.find((user) => user.token === token)?.name;
}

function knownUser(user: KnownUser | undefined): UserInfo {
  if (user === undefined) throw unauthorized();
  return userNamed(user.name, user);
}

/** The token of a header; "" for one of another scheme, which counts as none. */
function bearerToken(authorization: string): string {
  const [scheme = "", token = ""] = authorization.trim().split(" ");
  return scheme.toLowerCase() === "bearer" ? token : "";
}
