import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { readUser } from "../../../runtime/kubeconfig_user.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { files, invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t";
const cert = "-----BEGIN CERTIFICATE-----\nc\n-----END CERTIFICATE-----\n";
const key = "-----BEGIN PRIVATE KEY-----\nk\n-----END PRIVATE KEY-----\n";

function read(fields: Record<string, unknown>, contents: Record<string, string> = {}) {
  const entry = parse(JSON.stringify({ users: [{ name: "me", user: fields }] })).users.get("me")!;
  const readFile = files({
    "/etc/kube/tls.crt": cert,
    "/etc/kube/tls.key": key,
    "/etc/kube/spaced": "a b",
    ...contents,
  });
  return readUser(entry, { readFile, clock: new FakeClock() });
}

describe("readUser", () => {
  for (const { name, fields, expected } of [
    { name: "a token", fields: { token: "abc" }, expected: "Bearer abc" },
    { name: "a token with a line end", fields: { token: "abc\n" }, expected: "Bearer abc" },
    {
      name: "a token file, before a token",
      fields: { token: "no", tokenFile: "token" },
      expected: "Bearer filed",
    },
    {
      name: "a password",
      fields: { username: "me", password: "pä:ss" },
      expected: `Basic ${btoa("me:p\xc3\xa4:ss")}`,
    },
    { name: "a user without password", fields: { username: "me" }, expected: `Basic ${btoa("me:")}` },
  ]) {
    it(`takes ${name}`, async () => {
      const { credentials, tls } = await read(fields, { "/etc/kube/token": " filed\n" });
      expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: expected });
      expect(tls).toEqual({});
    });
  }

  it("reads a token file again after a rejection", async () => {
    const contents = { "/etc/kube/token": "old" };
    const { credentials } = await readUser(
      parse('{"users": [{"name": "me", "user": {"tokenFile": "token"}}]}').users.get("me")!,
      { readFile: async (path) => files(contents)(path), clock: new FakeClock() },
    );
    contents["/etc/kube/token"] = "new";
    expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: "Bearer old" });
    expect(await credentials?.headers({ rejected: true })).toEqual({ authorization: "Bearer new" });
  });

  for (const { name, fields } of [
    { name: "files", fields: { "client-certificate": "tls.crt", "client-key": "tls.key" } },
    { name: "data", fields: { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) } },
    { name: "one of each", fields: { "client-certificate": "tls.crt", "client-key-data": btoa(key) } },
    {
      name: "data before files that are not there",
      fields: {
        "client-certificate-data": btoa(cert),
        "client-certificate": "x",
        "client-key-data": btoa(key),
        "client-key": "y",
      },
    },
  ]) {
    it(`takes a client certificate from ${name}`, async () => {
      expect(await read(fields)).toEqual({ tls: { cert, key } });
    });
  }

  it("takes a client certificate beside a token", async () => {
    const { tls, credentials } = await read({
      "client-certificate": "tls.crt",
      "client-key": "tls.key",
      token: "t",
    });
    expect(tls).toEqual({ cert, key });
    expect(credentials).toBeDefined();
  });

  for (const fields of [{}, { exec: null, "auth-provider": {}, as: "", "as-groups": [], token: "" }]) {
    it(`takes ${JSON.stringify(fields)} as anonymous`, async () => {
      expect(await read(fields)).toEqual({ tls: {} });
    });
  }

  for (const { name, fields, field, says } of [
    {
      name: "a certificate without key",
      fields: { "client-certificate": "tls.crt" },
      field: "client-key",
      says: "is missing beside client-certificate",
    },
    {
      name: "a key without certificate",
      fields: { "client-key-data": btoa(key) },
      field: "client-certificate",
      says: "is missing beside client-key",
    },
    {
      name: "a key where its path should stand",
      fields: { "client-certificate": "tls.crt", "client-key": `-----BEGIN ${SECRET}` },
      field: "client-key",
      says: "cannot be read (ENOENT)",
    },
    {
      name: "key data that is not base64",
      fields: { "client-certificate": "tls.crt", "client-key-data": `-----BEGIN ${SECRET}` },
      field: "client-key-data",
      says: "is not base64",
    },
    {
      name: "a certificate where the key should be",
      fields: { "client-certificate": "tls.crt", "client-key": "tls.crt" },
      field: "client-key",
      says: "must hold a private key in PEM",
    },
    {
      name: "a key where the certificate should be",
      fields: { "client-certificate-data": btoa(key), "client-key": "tls.key" },
      field: "client-certificate-data",
      says: "must hold a certificate in PEM",
    },
    {
      name: "a token in two lines",
      fields: { token: `a\n${SECRET}` },
      field: "token",
      says: "must hold one token",
    },
    {
      name: "a token file that is not there",
      fields: { tokenFile: SECRET },
      field: "tokenFile",
      says: "(ENOENT)",
    },
    {
      name: "a token file with two words",
      fields: { tokenFile: "spaced" },
      field: "tokenFile",
      says: "one token",
    },
    {
      name: "a token beside a password",
      fields: { token: SECRET, username: "me", password: SECRET },
      field: "token",
      says: "cannot stand beside username and password",
    },
    {
      name: "a token file beside a password alone",
      fields: { tokenFile: "token", password: SECRET },
      field: "tokenFile",
      says: "cannot stand beside",
    },
    { name: "a password without user", fields: { password: SECRET }, field: "username", says: "is missing" },
    {
      name: "a colon in the user's name",
      fields: { username: `a:${SECRET}` },
      field: "username",
      says: "colon",
    },
    {
      name: "exec",
      fields: { token: "t", exec: { command: SECRET } },
      field: "exec",
      says: "not supported yet",
    },
    {
      name: "auth-provider",
      fields: { "auth-provider": { name: SECRET } },
      field: "auth-provider",
      says: "not supported",
    },
    { name: "as", fields: { token: "t", as: "jane" }, field: "as", says: "not supported yet" },
    { name: "as-uid", fields: { "as-uid": 0 }, field: "as-uid", says: "not supported yet" },
    { name: "as-groups", fields: { "as-groups": ["g"] }, field: "as-groups", says: "not supported yet" },
    {
      name: "as-user-extra",
      fields: { "as-user-extra": { a: ["b"] } },
      field: "as-user-extra",
      says: "not supported yet",
    },
  ]) {
    it(`refuses ${name}`, async () => {
      const error = await invalidInput(() => read(fields));
      expect(error.field).toBe(`users[0].user.${field}`);
      expect(error.message).toContain(`config: users[0] "me": user.${field} `);
      expect(error.message).toContain(says);
      expect(inspect(error, { showHidden: true, depth: 9 })).not.toContain(SECRET);
    });
  }

  it("shows no secret when what it answers is inspected", async () => {
    for (const fields of [{ token: SECRET }, { username: "me", password: SECRET }, { tokenFile: "token" }]) {
      const { credentials } = await read(fields, { "/etc/kube/token": SECRET });
      expect(inspect(credentials, { showHidden: true, depth: 9 })).not.toContain(SECRET);
    }
  });
});
