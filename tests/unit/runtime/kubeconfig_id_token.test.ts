import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import { idTokenLogin } from "../../../runtime/kubeconfig_id_token.ts";
import { rejection } from "../../fixtures/transport_contract/observe.ts";
import { invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t";
const fresh = { rejected: false };

function entryOf(provider: unknown) {
  const user = { "auth-provider": provider };
  return parse(JSON.stringify({ users: [{ name: "me", user }] })).users.get("me")!;
}

function tokenOf(claims: object): string {
  const payload = btoa(JSON.stringify(claims)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  return `e30.${payload}.${SECRET}`;
}

describe("idTokenLogin", () => {
  it("shows the token until it expires, and then says so", async () => {
    const token = tokenOf({ exp: 1000, name: "?~>>" });
    let now = 999_999;
    const { credentials } = idTokenLogin(entryOf({ name: "oidc", config: { "id-token": token } }), {
      wallTime: () => now,
    });
    expect(await credentials?.headers(fresh)).toEqual({ authorization: `Bearer ${token}` });
    now += 1;
    const error = await rejection(credentials!.headers(fresh));
    expect(error).toBeInstanceOf(InvalidInputError);
    expect((error as InvalidInputError).field).toBe("users[0].user.auth-provider.config.id-token");
    expect(error.message).toContain("has expired, and is not refreshed here");
    expect(inspect(error, { showHidden: true })).not.toContain(SECRET);
  });

  for (const token of ["opaque", "a.b.c", tokenOf({}), tokenOf({ exp: "1" })]) {
    it(`leaves ${token} to the server, since it does not say when it ends`, async () => {
      const { credentials } = idTokenLogin(entryOf({ name: "oidc", config: { "id-token": token } }), {
        wallTime: () => Number.MAX_SAFE_INTEGER,
      });
      expect(await credentials?.headers(fresh)).toEqual({ authorization: `Bearer ${token}` });
    });
  }

  for (const { provider, field, says } of [
    { provider: SECRET, field: "", says: "must be a map" },
    { provider: { config: { "id-token": SECRET } }, field: ".name", says: "is missing" },
    { provider: { name: "gcp" }, field: ".name", says: 'is "gcp"; there is only "oidc", and exec plugins' },
    { provider: { name: "oidc" }, field: ".config.id-token", says: "is missing; log in first" },
    {
      provider: { name: "oidc", config: { "refresh-token": SECRET, "client-secret": SECRET } },
      field: ".config.id-token",
      says: "is missing",
    },
    { provider: { name: "oidc", config: SECRET }, field: ".config", says: "must be a map" },
    {
      provider: { name: "oidc", config: { "id-token": [SECRET] } },
      field: ".config.id-token",
      says: "string",
    },
    {
      provider: { name: "oidc", config: { "id-token": `a ${SECRET}` } },
      field: ".config.id-token",
      says: "must hold one token",
    },
  ]) {
    it(`refuses ${JSON.stringify(provider)}`, async () => {
      const error = await invalidInput(() => idTokenLogin(entryOf(provider), { wallTime: () => 0 }));
      expect(error.field).toBe(`users[0].user.auth-provider${field}`);
      expect(error.message).toContain(says);
      expect(inspect(error)).not.toContain(SECRET);
    });
  }
});
