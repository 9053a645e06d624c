import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Impersonation } from "../../../runtime/impersonation.ts";
import { kubeconfigConnection } from "../../../runtime/kubeconfig_connection.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { fakeHost, invalidInput, parse } from "./kubeconfig_case.ts";

const authority = await certificateAuthority("test");
const ca = authority.cert;
const { cert, key } = await authority.client({ commonName: "me" });

function connection({
  cluster,
  user,
  impersonate,
  exec = false,
}: {
  cluster: object;
  exec?: boolean;
  user?: object;
  impersonate?: Impersonation;
}) {
  const config = parse(
    JSON.stringify({
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user }],
      contexts: [{ name: "x", context: { cluster: "c", user: user && "u", namespace: "team" } }],
    }),
  );
  const host = fakeHost({ contents: { "/etc/kube/ca.crt": ca, "/etc/kube/tls.key": key } });
  return kubeconfigConnection(config, { context: "x", exec, impersonate, host });
}

describe("kubeconfigConnection", () => {
  it("joins what cluster, user and context say", async () => {
    const {
      credentials,
      clientCertificate,
      explain: _,
      ...rest
    } = await connection({
      cluster: { server: "https://prod", "certificate-authority": "ca.crt", "tls-server-name": "kube" },
      user: { "client-certificate-data": btoa(cert), "client-key": "tls.key", token: "t" },
    });
    const tls = { ca, serverName: "kube" };
    expect(rest).toEqual({ server: "https://prod", namespace: "team", tls });
    expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: "Bearer t" });
    expect(await clientCertificate?.()).toEqual({ cert, key });
  });

  it("takes as many authorities as a system has", async () => {
    const data = btoa(`${ca}\n`.repeat(400));
    expect(data.length).toBeGreaterThan(200_000);
    const cluster = { server: "https://prod", "certificate-authority-data": data };
    const exec = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: "login",
      interactiveMode: "Never",
      provideClusterInfo: true,
    };
    for (const user of [{ token: "t" }, { exec }]) {
      expect((await connection({ cluster, user, exec: true })).tls.ca).toBe(atob(data));
    }
  });

  it("is anonymous without a user", async () => {
    const cluster = { server: "http://far.example" };
    const { explain: _, ...rest } = await connection({ cluster });
    expect(rest).toEqual({ ...cluster, namespace: "team", tls: {} });
  });

  const certificate = { "client-certificate-data": btoa(cert), "client-key": "tls.key" };
  for (const user of [{ token: "s3cr3t" }, { username: "me", password: "s3cr3t" }, certificate]) {
    it(`refuses http to another machine for ${Object.keys(user)}, and takes https`, async () => {
      const error = await invalidInput(() => connection({ cluster: { server: "http://far.example" }, user }));
      expect(error.field).toBe("clusters[0].cluster.server");
      expect(error.message).toContain('clusters[0] "c": cluster.server must begin with https://');
      expect((await connection({ cluster: { server: "https://far.example" }, user })).server).toBeDefined();
    });
  }

  it("takes a token over http to this machine", async () => {
    const cluster = { server: "http://127.0.0.1:8001" };
    expect((await connection({ cluster, user: { token: "t" } })).credentials).toBeDefined();
  });

  it("takes no credentials over http through a proxy, wherever it leads", async () => {
    const cluster = { server: "http://127.0.0.1:8001", "proxy-url": "http://proxy.example:3128" };
    expect((await connection({ cluster })).proxy).toBe("http://proxy.example:3128");
    for (const user of [{ token: "t" }, { as: "jane" }]) {
      expect((await invalidInput(() => connection({ cluster, user }))).field).toBe(
        "clusters[0].cluster.server",
      );
    }
  });

  it("is whom the option names, else whom the user's `as` names, beside all else", async () => {
    const cluster = { server: "https://prod" };
    for (const { user, impersonate, expected } of [
      {
        user: { token: "t", as: "jane", "as-groups": ["a", "b"] },
        expected: { authorization: "Bearer t", "impersonate-user": "jane", "impersonate-group": ["a", "b"] },
      },
      {
        user: { token: "t", as: "jane", "as-groups": ["a", "b"] },
        impersonate: { user: "john" },
        expected: { authorization: "Bearer t", "impersonate-user": "john" },
      },
      {
        impersonate: { user: "john", uid: "7" },
        expected: { "impersonate-user": "john", "impersonate-uid": "7" },
      },
    ]) {
      const { credentials } = await connection({
        cluster,
        ...(user && { user }),
        ...(impersonate && { impersonate }),
      });
      expect(await credentials?.headers({ rejected: false })).toEqual(expected);
    }
    const both = await connection({ cluster, user: { ...certificate, as: "jane" } });
    expect(await both.clientCertificate?.()).toEqual({ cert, key });
  });
});
