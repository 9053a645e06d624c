import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { readUser } from "../../../runtime/kubeconfig_user.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { fakeHost, files, invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t";
const authority = await certificateAuthority("test");
const { cert, key } = await authority.client({ commonName: "me" });
const other = await authority.client({ commonName: "me" });
const cluster = () => ({ server: "https://prod" });

function read(fields: Record<string, unknown>, contents: Record<string, string> = {}) {
  const entry = parse(JSON.stringify({ users: [{ name: "me", user: fields }] })).users.get("me")!;
  const host = fakeHost({
    contents: {
      "/etc/kube/tls.crt": cert,
      "/etc/kube/tls.key": key,
      "/etc/kube/other.key": other.key,
      "/etc/kube/spaced": "a b",
      ...contents,
    },
  });
  return readUser(entry, { host, exec: true, cluster });
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
      const { credentials, clientCertificate } = await read(fields, { "/etc/kube/token": " filed\n" });
      expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: expected });
      expect(clientCertificate).toBeUndefined();
    });
  }

  it("reads a token file again after a rejection", async () => {
    const contents = { "/etc/kube/token": "old" };
    const { credentials } = await readUser(
      parse('{"users": [{"name": "me", "user": {"tokenFile": "token"}}]}').users.get("me")!,
      { host: fakeHost({ readFile: async (path) => files(contents)(path) }), exec: true, cluster },
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
      const { clientCertificate } = await read(fields);
      expect(await clientCertificate?.()).toEqual({ cert, key });
    });
  }

  it("takes a client certificate beside a token", async () => {
    const { clientCertificate, credentials } = await read({
      "client-certificate": "tls.crt",
      "client-key": "tls.key",
      token: "t",
    });
    expect(await clientCertificate?.()).toEqual({ cert, key });
    expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: "Bearer t" });
  });

  it("does not run a plugin where there is something else, as kubectl does not", async () => {
    for (const fields of [
      { token: "t" },
      { username: "me" },
      { "client-certificate": "tls.crt", "client-key": "tls.key" },
    ]) {
      const { credentials } = await read({ ...fields, exec: { command: "never" } });
      await credentials?.headers({ rejected: true });
    }
  });

  for (const fields of [{}, { exec: null, "auth-provider": null, token: "" }]) {
    it(`takes ${JSON.stringify(fields)} as anonymous`, async () => {
      expect(await read(fields)).toEqual({});
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
      name: "a key of another certificate",
      fields: { "client-certificate": "tls.crt", "client-key": "other.key" },
      field: "client-key",
      says: "or not that of the client certificate",
    },
    {
      name: "a broken certificate",
      fields: {
        "client-certificate-data": btoa(`-----BEGIN CERTIFICATE-----\n${SECRET}`),
        "client-key": "tls.key",
      },
      field: "client-certificate-data",
      says: "holds no certificate that can be read",
    },
    {
      name: "exec beside an auth-provider",
      fields: { exec: { command: SECRET }, "auth-provider": { name: SECRET } },
      field: "auth-provider",
      says: "cannot stand beside exec",
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

  it("runs no command where that is forbidden", async () => {
    const entry = parse(JSON.stringify({ users: [{ name: "me", user: { exec: { command: SECRET } } }] }));
    const error = await invalidInput(() =>
      readUser(entry.users.get("me")!, { host: fakeHost({}), exec: false, cluster }),
    );
    expect(error.field).toBe("users[0].user.exec");
    expect(error.message).toContain("the option exec: false forbids");
    expect(inspect(error)).not.toContain(SECRET);
  });
});
