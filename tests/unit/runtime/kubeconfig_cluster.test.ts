import { inspect } from "node:util";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { readCluster } from "../../../runtime/kubeconfig_cluster.ts";
import { files, invalidInput, parse } from "./kubeconfig_case.ts";

const SECRET = "s3cr3t";
const pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
const readFile = files({ "/etc/kube/ca.crt": pem, "/abs/ca.crt": `comment\n${pem}`, "/etc/kube/empty": "" });

function read(fields: Record<string, unknown>) {
  const entry = parse(JSON.stringify({ clusters: [{ name: "prod", cluster: fields }] })).clusters.get(
    "prod",
  )!;
  return readCluster(entry, readFile);
}

describe("readCluster", () => {
  const server = "https://prod:6443";
  for (const { name, fields, tls } of [
    { name: "nothing but a server", fields: {}, tls: {} },
    { name: "a relative CA file", fields: { "certificate-authority": "ca.crt" }, tls: { ca: pem } },
    {
      name: "an absolute CA file",
      fields: { "certificate-authority": "/abs/ca.crt" },
      tls: { ca: `comment\n${pem}` },
    },
    { name: "CA data", fields: { "certificate-authority-data": btoa(pem) }, tls: { ca: pem } },
    {
      name: "CA data in lines",
      fields: { "certificate-authority-data": btoa(pem).replace(/.{20}/g, "$&\n") },
      tls: { ca: pem },
    },
    {
      name: "CA data before a CA file that is not there",
      fields: { "certificate-authority-data": btoa(pem), "certificate-authority": "nowhere" },
      tls: { ca: pem },
    },
    { name: "a server name", fields: { "tls-server-name": "kube" }, tls: { serverName: "kube" } },
    {
      name: "the insecure flag",
      fields: { "insecure-skip-tls-verify": true },
      tls: { insecureSkipVerify: true },
    },
    {
      name: "a CA with the flag off",
      fields: { "insecure-skip-tls-verify": false, "certificate-authority": "ca.crt" },
      tls: { ca: pem },
    },
  ]) {
    it(`takes ${name}`, async () => {
      expect(await read({ server, ...fields })).toEqual({ server, tls });
    });
  }

  for (const server of [
    "http://127.0.0.1:8001",
    "https://[::1]:6443",
    "https://host/k8s/clusters/c-1/",
    "HTTPS://host",
  ]) {
    it(`takes the server ${server}`, async () => {
      expect((await read({ server })).server).toBe(server);
    });
  }

  for (const { name, fields, field, says } of [
    { name: "no server", fields: { server: "" }, field: "server", says: "is missing" },
    {
      name: "a server without scheme",
      fields: { server: `${SECRET}:6443` },
      field: "server",
      says: "must begin with https:// or http://",
    },
    {
      name: "another scheme",
      fields: { server: `ftp://${SECRET}` },
      field: "server",
      says: "must begin with",
    },
    {
      name: "a server that is no URL",
      fields: { server: `https://${SECRET}:port` },
      field: "server",
      says: "not a URL",
    },
    {
      name: "a password",
      fields: { server: `https://me:${SECRET}@h` },
      field: "server",
      says: "user or password",
    },
    { name: "a query", fields: { server: `https://host?token=${SECRET}` }, field: "server", says: "query" },
    { name: "a fragment", fields: { server: `https://host#${SECRET}` }, field: "server", says: "fragment" },
    {
      name: "a CA beside the insecure flag",
      fields: { "insecure-skip-tls-verify": true, "certificate-authority-data": btoa(pem) },
      field: "insecure-skip-tls-verify",
      says: "cannot stand beside a certificate authority",
    },
    {
      name: "a CA file that is not there",
      fields: { "certificate-authority": SECRET },
      field: "certificate-authority",
      says: "cannot be read (ENOENT)",
    },
    {
      name: "an empty CA file",
      fields: { "certificate-authority": "empty" },
      field: "certificate-authority",
      says: "certificate in PEM",
    },
    {
      name: "CA data that is not base64",
      fields: { "certificate-authority-data": `${SECRET}*` },
      field: "certificate-authority-data",
      says: "is not base64",
    },
    {
      name: "CA data that is no PEM",
      fields: { "certificate-authority-data": btoa(SECRET) },
      field: "certificate-authority-data",
      says: "certificate in PEM",
    },
    {
      name: "a proxy of another kind",
      fields: { "proxy-url": `ftp://me:${SECRET}@proxy` },
      field: "proxy-url",
      says: "must be an http, https or socks5 URL",
    },
  ]) {
    it(`refuses ${name}`, async () => {
      const error = await invalidInput(() => read({ server, ...fields }));
      expect(error.field).toBe(`clusters[0].cluster.${field}`);
      expect(error.message).toContain(`config: clusters[0] "prod": cluster.${field} `);
      expect(error.message).toContain(says);
      expect(inspect(error, { showHidden: true })).not.toContain(SECRET);
    });
  }

  it("takes a proxy", async () => {
    const { proxy } = await read({ server, "proxy-url": "socks5://me:pw@localhost:1080" });
    expect(proxy).toBe("socks5://me:pw@localhost:1080");
    expect(await read({ server, "proxy-url": "" })).not.toHaveProperty("proxy");
  });
});
