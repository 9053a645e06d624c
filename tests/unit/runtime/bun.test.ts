import { expect } from "@std/expect";
import { describe } from "@std/testing/bdd";
import { connect } from "../../../runtime/bun.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { useFetchStandIn } from "../../fixtures/fetch_stand_in.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { readAll } from "../../fixtures/transport_contract/observe.ts";
import { invalidInput } from "./kubeconfig_case.ts";

const server = "https://127.0.0.1:1";
const it = itUnless({ bun: "a stand-in takes its place" });

describe("connect for Bun", () => {
  const standIn = useFetchStandIn();

  /** What Bun's fetch is told of TLS for these fields. */
  async function tlsOf(cluster: object, user?: object): Promise<unknown> {
    const { transport } = await connect({ kubeconfigText: kubeconfigOf({ server, ...cluster }, user) });
    const { body } = await transport.request({ method: "GET", path: "/a" });
    expect(await readAll(body)).toBe("ok");
    await transport.close();
    return standIn.calls.at(-1)?.tls;
  }

  it("tells Bun's fetch of the CA, the certificate and the server name", async () => {
    standIn.become("Bun", {});
    const authority = await certificateAuthority("ca");
    const { cert, key } = await authority.client({ commonName: "me" });
    const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
    const ca = { "certificate-authority-data": btoa(authority.cert) };
    expect(await tlsOf({ ...ca, "tls-server-name": "kubernetes" }, user)).toEqual({
      ca: authority.cert,
      serverName: "kubernetes",
      cert,
      key,
      rejectUnauthorized: true,
    });
    expect(await tlsOf({ "insecure-skip-tls-verify": true })).toEqual({ rejectUnauthorized: false });
    expect(standIn.calls[0]).toMatchObject({ redirect: "manual", timeout: false });
  });

  for (const { name, cluster, user } of [
    { name: "a proxy", cluster: { "proxy-url": "http://127.0.0.1:1" } },
    { name: "several groups", user: { token: "t", as: "jane", "as-groups": ["a", "b"] } },
  ]) {
    it(`leaves ${name} to undici`, async () => {
      standIn.become("Bun", {});
      const { transport } = await connect({ kubeconfigText: kubeconfigOf({ server, ...cluster }, user) });
      await transport.request({ method: "GET", path: "/a" }).catch(() => {});
      expect(standIn.calls.length).toBe(0);
      await transport.close();
    });
  }

  it("refuses another runtime, and says what to import there", async () => {
    const error = await invalidInput(() => connect({ kubeconfigText: kubeconfigOf({ server }) }));
    expect(error.field).toBe("runtime");
    expect(error.message).toContain("kubernetes-dependency-watches/connect");
  });
});
