import { expect } from "@std/expect";
import { describe } from "@std/testing/bdd";
import { connect } from "../../../runtime/deno.ts";
import { certificateAuthority } from "../../fixtures/certificates.ts";
import { useFetchStandIn } from "../../fixtures/fetch_stand_in.ts";
import { kubeconfigOf } from "../../fixtures/kubeconfig_of.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { readAll } from "../../fixtures/transport_contract/observe.ts";
import { invalidInput } from "./kubeconfig_case.ts";

const server = "https://127.0.0.1:1";
const it = itUnless({ deno: "a stand-in takes its place" });

/** As Deno's, but it connects nowhere. */
class Client {
  readonly options: object;
  closed = false;

  constructor(options: object) {
    this.options = options;
  }

  close(): void {
    this.closed = true;
  }
}

describe("connect for Deno", () => {
  const standIn = useFetchStandIn();

  /** From now on this seems to be Deno; answers the HTTP clients that are made. */
  function becomeDeno(): readonly Client[] {
    const clients: Client[] = [];
    standIn.become("Deno", {
      createHttpClient(options: object) {
        const client = new Client(options);
        clients.push(client);
        return client;
      },
    });
    return clients;
  }

  it("gives Deno's fetch an HTTP client of its own, and closes that with the transport", async () => {
    const clients = becomeDeno();
    const authority = await certificateAuthority("ca");
    const { cert, key } = await authority.client({ commonName: "me" });
    const cluster = { server, "certificate-authority-data": btoa(authority.cert) };
    const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
    const { transport } = await connect({ kubeconfigText: kubeconfigOf(cluster, user) });
    const { body } = await transport.request({ method: "GET", path: "/a", stream: true });
    expect(await readAll(body)).toBe("ok");
    expect(clients.map(({ options }) => options)).toEqual([
      { http2: false, caCerts: [authority.cert], cert, key },
    ]);
    expect(standIn.calls.map(({ client, redirect }) => [client, redirect])).toEqual([[clients[0], "manual"]]);
    await transport.close();
    expect(clients[0]?.closed).toBe(true);
  });

  for (const { name, cluster, user } of [
    { name: "a server name", cluster: { "tls-server-name": "localhost" } },
    { name: "a server that is not checked", cluster: { "insecure-skip-tls-verify": true } },
    { name: "a proxy", cluster: { "proxy-url": "http://127.0.0.1:1" } },
    { name: "several groups", user: { token: "t", as: "jane", "as-groups": ["a", "b"] } },
  ]) {
    it(`leaves ${name} to undici`, async () => {
      const clients = becomeDeno();
      const kubeconfigText = kubeconfigOf({ server, ...cluster }, user);
      const { transport } = await connect({ kubeconfigText });
      await transport.request({ method: "GET", path: "/a" }).catch(() => {});
      expect([clients.length, standIn.calls.length]).toEqual([0, 0]);
      await transport.close();
    });
  }

  it("refuses another runtime, and says what to import there", async () => {
    const error = await invalidInput(() => connect({ kubeconfigText: kubeconfigOf({ server }) }));
    expect(error.field).toBe("runtime");
    expect(error.message).toContain("kubernetes-dependency-watches/connect");
  });
});
