import * as v from "valibot";
import type { TransportHeaders } from "../lib/protocol/transport.ts";
import { byteString } from "../transports/http/byte_string.ts";
import type { Login } from "./connection.ts";

/** Whom to be in place of oneself; the user's own rights must allow the verb `impersonate`. */
export interface Impersonation {
  /** The name, such as `system:serviceaccount:default:app`. */
  readonly user: string;
  /** Of the user. */
  readonly uid?: string | undefined;
  /** All of them: none comes by itself. */
  readonly groups?: readonly string[] | undefined;
  /** More that authenticators say of a user, such as `{ scopes: ["view"] }`. */
  readonly extra?: Readonly<Record<string, readonly string[]>> | undefined;
}

/** Text that a header can carry once it is encoded. */
export const impersonatedText = v.pipe(
  v.string("must be a string"),
  v.nonEmpty("must not be empty"),
  v.check((text) => !/\p{Cc}/u.test(text), "must hold no control character"),
);

/** The login, as somebody else. */
export function impersonating(login: Login, impersonation: Impersonation): Login {
  const headers = impersonationHeaders(impersonation);
  return {
    ...login,
    repeatsHeaders: Object.values(headers).some((values) => Array.isArray(values) && values.length > 1),
    credentials: {
      ...login.credentials,
      headers: async (options) => ({ ...(await login.credentials?.headers(options)), ...headers }),
    },
  };
}

/** The headers that the API server reads; a group and a value each have one of their own. */
export function impersonationHeaders({
  user,
  uid,
  groups = [],
  extra = {},
}: Impersonation): TransportHeaders {
  return {
    "impersonate-user": byteString(user),
    ...(uid !== undefined && { "impersonate-uid": byteString(uid) }),
    ...(groups.length > 0 && { "impersonate-group": groups.map(byteString) }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `impersonate-extra-${headerName(key)}`,
        values.map(byteString),
      ]),
    ),
  };
}

/** Percent-encodes what the name of a header cannot hold; the API server decodes it. */
function headerName(key: string): string {
  return byteString(key).replace(
    /[^!#$&'*+\-.^_`|~0-9A-Za-z]/g,
    (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}
