import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { kubeconfigConnection } from "../../../runtime/kubeconfig_connection.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { files, invalidInput, parse } from "./kubeconfig_case.ts";

const cert = "-----BEGIN CERTIFICATE-----\nc\n";
const key = "-----BEGIN EC PARAMETERS-----\np\n-----BEGIN EC PRIVATE KEY-----\nk\n";
const readFile = files({ "/etc/kube/ca.crt": cert, "/etc/kube/tls.key": key });

function connection({ cluster, user }: { cluster: object; user?: object }) {
  const config = parse(
    JSON.stringify({
      clusters: [{ name: "c", cluster }],
      users: [{ name: "u", user }],
      contexts: [{ name: "x", context: { cluster: "c", user: user && "u", namespace: "team" } }],
    }),
  );
  return kubeconfigConnection(config, { context: "x", readFile, clock: new FakeClock() });
}

describe("kubeconfigConnection", () => {
  it("joins what cluster, user and context say", async () => {
    const {
      credentials,
      explain: _,
      ...rest
    } = await connection({
      cluster: { server: "https://prod", "certificate-authority": "ca.crt", "tls-server-name": "kube" },
      user: { "client-certificate-data": btoa(cert), "client-key": "tls.key", token: "t" },
    });
    const tls = { ca: cert, serverName: "kube", cert, key };
    expect(rest).toEqual({ server: "https://prod", namespace: "team", tls });
    expect(await credentials?.headers({ rejected: false })).toEqual({ authorization: "Bearer t" });
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
});
