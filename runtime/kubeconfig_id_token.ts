import * as v from "valibot";
import { bearerHeader, bearerToken } from "./bearer_token.ts";
import type { Login } from "./connection.ts";
import type { Host } from "./host.ts";
import { type Entry, entryError, parseField } from "./kubeconfig_entry.ts";
import { mustBeMap, requiredText, text, type UserFields } from "./kubeconfig_schema.ts";

const schema = v.object(
  { name: requiredText, config: v.nullish(v.object({ "id-token": text }, mustBeMap), {}) },
  mustBeMap,
);

/**
 * The login of the `auth-provider` of a user entry: the id-token of `oidc`, as it stands there. It is never refreshed;
 * once it has expired each request fails, as with kubectl where it has no refresh-token.
 *
 * @throws {InvalidInputError} for another provider and for an entry without a token
 */
export function idTokenLogin(entry: Entry<UserFields>, { wallTime }: Pick<Host, "wallTime">): Login {
  const { name, config } = parseField(entry, { field: "auth-provider", schema });
  if (name !== "oidc") {
    throw entryError(entry, {
      field: "auth-provider.name",
      problem: `is ${JSON.stringify(name)}; there is only "oidc", and exec plugins for all others`,
    });
  }
  const field = "auth-provider.config.id-token";
  if (config["id-token"] === undefined)
    throw entryError(entry, { field, problem: "is missing; log in first" });
  const token = bearerToken(config["id-token"]);
  if (token === undefined) {
    throw entryError(entry, { field, problem: "must hold one token, of printable ASCII without spaces" });
  }
  const expiry = expiryOf(token);
  return {
    credentials: {
      async headers() {
        if (expiry === undefined || wallTime() < expiry) return bearerHeader(token);
        throw entryError(entry, {
          field,
          problem: "has expired, and is not refreshed here; log in again, or use an exec plugin",
        });
      },
    },
  };
}

/** When a token ends, in milliseconds since 1970; undefined where it does not say: the server judges it then. */
function expiryOf(token: string): number | undefined {
  const [, payload = ""] = token.split(".");
  try {
    const claims: unknown = JSON.parse(atob(payload.replaceAll("-", "+").replaceAll("_", "/")));
    return v.parse(v.object({ exp: v.number() }), claims).exp * 1000;
  } catch {
    return undefined;
  }
}
