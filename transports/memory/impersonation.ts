import { serviceAccountOf, type UserInfo, userNamed } from "./authentication.ts";
import { type AccessPolicy, checkAction, type ResourceAction } from "./authorization.ts";
import { badRequest } from "./status_error.ts";

const UIDS = { group: "authentication.k8s.io", resource: "uids" } as const;

/**
 * Who a request is to be answered for: whom its Impersonate headers name, or else who asks. `Impersonate-Extra` headers
 * are not looked at.
 *
 * @throws StatusError 403 for whom the user may not impersonate, 400 for a group without a user
 */
export function impersonated(
  asker: UserInfo,
  { headers, policy }: { headers: { get(name: string): string | null }; policy: AccessPolicy },
): UserInfo {
  const username = headers.get("impersonate-user") ?? "";
  const uid = headers.get("impersonate-uid") || undefined;
  const groups = (headers.get("impersonate-group") ?? "")
    .split(",")
    .map((group) => group.trim())
    .filter((group) => group !== "");
  const others = [
    ...groups.map((name) => ({ kind: "Group", ...impersonation({ resource: "groups", name }) })),
    ...(uid === undefined ? [] : [{ kind: "UID", ...impersonation({ ...UIDS, name: uid }) }]),
  ];
  if (username === "") {
    const [other] = others;
    if (other === undefined) return asker;
    throw badRequest(`requested [{${other.kind}  ${other.name}    }] without impersonating a user`);
  }
  const account = serviceAccountOf(username);
  const user = impersonation(
    account ? { resource: "serviceaccounts", ...account } : { resource: "users", name: username },
  );
  for (const action of [user, ...others]) checkAction(policy, { user: asker, action });
  return userNamed(username, { uid, groups });
}

function impersonation(
  what: Pick<ResourceAction, "resource" | "name"> & Partial<ResourceAction>,
): ResourceAction {
  return { verb: "impersonate", group: "", subresource: "", namespace: "", ...what };
}
