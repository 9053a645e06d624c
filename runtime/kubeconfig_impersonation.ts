import * as v from "valibot";
import { type Impersonation, impersonatedText } from "./impersonation.ts";
import { type Entry, entryError, parseField } from "./kubeconfig_entry.ts";
import { listOf, mustBeMap, type UserFields } from "./kubeconfig_schema.ts";

const user = v.nullish(
  v.union([v.literal(""), impersonatedText], "must be a string without control characters"),
);
const groups = listOf(impersonatedText);
const extra = v.nullish(v.record(v.string(), listOf(impersonatedText), mustBeMap), {});

/**
 * Whom a user entry is to be, by `as`, `as-uid`, `as-groups` and `as-user-extra`; undefined for oneself.
 *
 * @throws {InvalidInputError} that names the field at fault
 */
export function readImpersonation(entry: Entry<UserFields>): Impersonation | undefined {
  const impersonation = {
    user: parseField(entry, { field: "as", schema: user }) ?? "",
    uid: parseField(entry, { field: "as-uid", schema: user }) || undefined,
    groups: parseField(entry, { field: "as-groups", schema: groups }),
    extra: parseField(entry, { field: "as-user-extra", schema: extra }),
  };
  if (impersonation.user !== "") return impersonation;
  const others = {
    "as-uid": impersonation.uid !== undefined,
    "as-groups": impersonation.groups.length > 0,
    "as-user-extra": Object.keys(impersonation.extra).length > 0,
  };
  for (const [field, given] of Object.entries(others)) {
    if (given) throw entryError(entry, { field: "as", problem: `is missing beside ${field}` });
  }
  return undefined;
}
