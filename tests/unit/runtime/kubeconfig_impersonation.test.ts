import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { impersonating, impersonationHeaders } from "../../../runtime/impersonation.ts";
import { readImpersonation } from "../../../runtime/kubeconfig_impersonation.ts";
import { invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t";

function read(user: object) {
  return readImpersonation(parse(JSON.stringify({ users: [{ name: "me", user }] })).users.get("me")!);
}

describe("readImpersonation", () => {
  it("takes user, uid, groups and extra", () => {
    const user = { as: "jane", "as-uid": 7, "as-groups": ["a", 5], "as-user-extra": { scopes: ["x", true] } };
    expect(read(user)).toEqual({
      user: "jane",
      uid: "7",
      groups: ["a", "5"],
      extra: { scopes: ["x", "true"] },
    });
  });

  for (const user of [
    {},
    { as: "", "as-uid": "", "as-groups": [], "as-user-extra": {} },
    { as: null, "as-uid": null, "as-groups": null, "as-user-extra": null },
  ]) {
    it(`takes ${JSON.stringify(user)} as oneself`, () => {
      expect(read(user)).toBeUndefined();
    });
  }

  for (const { user, field, says } of [
    { user: { "as-uid": SECRET }, field: "as", says: "is missing beside as-uid" },
    { user: { "as-groups": [SECRET] }, field: "as", says: "is missing beside as-groups" },
    { user: { "as-user-extra": { [SECRET]: [] } }, field: "as", says: "is missing beside as-user-extra" },
    { user: { as: [SECRET] }, field: "as", says: "must be a string" },
    { user: { as: `a\n${SECRET}` }, field: "as", says: "control character" },
    { user: { as: "a", "as-uid": [SECRET] }, field: "as-uid", says: "must be a string" },
    { user: { as: "a", "as-groups": SECRET }, field: "as-groups", says: "must be a list" },
    { user: { as: "a", "as-groups": ["a", ""] }, field: "as-groups[1]", says: "must not be empty" },
    { user: { as: "a", "as-groups": [`a\r${SECRET}`] }, field: "as-groups[0]", says: "control character" },
    { user: { as: "a", "as-user-extra": [SECRET] }, field: "as-user-extra.0", says: "must be a list" },
    { user: { as: "a", "as-user-extra": { a: SECRET } }, field: "as-user-extra.a", says: "must be a list" },
    { user: { as: "a", "as-user-extra": { a: ["", "b"] } }, field: "as-user-extra.a[0]", says: "be empty" },
  ]) {
    it(`refuses ${JSON.stringify(user)}`, async () => {
      const error = await invalidInput(() => read(user));
      expect(error.field).toBe(`users[0].user.${field}`);
      expect(error.message).toContain(says);
      expect(inspect(error)).not.toContain(SECRET);
    });
  }
});

describe("impersonationHeaders", () => {
  it("names the user alone where there is no more", () => {
    expect(impersonationHeaders({ user: "jane" })).toEqual({ "impersonate-user": "jane" });
    expect(impersonationHeaders({ user: "jane", groups: [], extra: {} })).toEqual({
      "impersonate-user": "jane",
    });
  });

  it("writes text as the bytes of its UTF-8, and escapes what no name of a header can hold", () => {
    const headers = impersonationHeaders({
      user: "jörg",
      uid: "ü",
      groups: ["a,b", "é"],
      extra: { "example.org/A b%": ["ñ", "2"] },
    });
    expect(headers).toEqual({
      "impersonate-user": "j\u00c3\u00b6rg",
      "impersonate-uid": "\u00c3\u00bc",
      "impersonate-group": ["a,b", "\u00c3\u00a9"],
      "impersonate-extra-example.org%2FA%20b%25": ["\u00c3\u00b1", "2"],
    });
  });
});

describe("impersonating", () => {
  it("asks the login's own credentials each time", async () => {
    const asked: unknown[] = [];
    const clientCertificate = async () => undefined;
    const close = () => {};
    const login = impersonating(
      {
        credentials: {
          async headers(options) {
            asked.push(options);
            return { authorization: `Bearer ${asked.length}` };
          },
          close,
        },
        clientCertificate,
      },
      { user: "jane" },
    );
    const options = { rejected: true, signal: new AbortController().signal };
    expect(await login.credentials?.headers(options)).toEqual({
      authorization: "Bearer 1",
      "impersonate-user": "jane",
    });
    expect(asked).toEqual([options]);
    expect(login.clientCertificate).toBe(clientCertificate);
    expect(login.credentials?.close).toBe(close);
  });
});
