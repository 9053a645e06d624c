import { expect } from "@std/expect";
import { afterEach, it } from "@std/testing/bdd";
import { TransportError } from "../../lib/kubernetes/errors.ts";
import { certificateAuthority } from "../fixtures/certificates.ts";
import { until } from "../fixtures/control_plane.ts";
import { credentialsWorld, whoAmI } from "../fixtures/credentials_world.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import {
  connectProxy,
  type LoopbackProxy,
  type LoopbackProxyOptions,
  socksProxy,
} from "../fixtures/loopback_proxy.ts";
import { inspectAll, rejection } from "../fixtures/transport_contract/observe.ts";

const LOGIN = "us:er:pa ss@wörd"; // a user that is called us

describeReal("proxies to the API server", () => {
  const world = credentialsWorld(async () => ({ users: [{ name: "jane" }] }));
  const proxies: LoopbackProxy[] = [];
  afterEach(async () => {
    await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
  });

  async function started(proxy: Promise<LoopbackProxy>): Promise<LoopbackProxy> {
    proxies.push(await proxy);
    return proxy;
  }

  function withLogin(url: string, user: string, password: string): string {
    return url.replace("://", `://${encodeURIComponent(user)}:${encodeURIComponent(password)}@`);
  }

  const target = () => new URL(world.controlPlane.server).host;

  for (const { name, start } of [
    { name: "an http proxy", start: connectProxy },
    { name: "a socks5 proxy", start: socksProxy },
    {
      name: "an https proxy",
      async start(options?: LoopbackProxyOptions) {
        const authority = await certificateAuthority("proxy");
        const proxy = await connectProxy({ ...options, tls: await authority.server() });
        return Object.assign(proxy, { ca: authority.cert });
      },
    },
  ]) {
    /** What a cluster says to be reached through `proxy`. */
    const cluster = (proxy: LoopbackProxy & { ca?: string }, url = proxy.url) => ({
      "proxy-url": url,
      "certificate-authority-data": btoa(`${world.controlPlane.ca}\n${proxy.ca ?? ""}`),
    });

    it(`${name} carries a token`, async () => {
      const proxy = await started(start());
      const user = { token: world.controlPlane.token("jane") };
      const transport = await world.connect({ user, cluster: cluster(proxy) });
      expect(await whoAmI(transport)).toMatchObject({ username: "jane" });
      expect(proxy.asked).toEqual([{ target: target(), login: undefined }]);
    });

    it(`${name} carries a client certificate`, async () => {
      const proxy = await started(start());
      const { cert, key } = await world.controlPlane.clientCertificate({ commonName: "carol" });
      const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
      const transport = await world.connect({ user, cluster: cluster(proxy) });
      expect(await whoAmI(transport)).toMatchObject({ username: "carol" });
    });

    it(`${name} carries streams, which end with the request and with the transport`, async () => {
      const proxy = await started(start());
      const { cert, key } = world.controlPlane.admin;
      const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
      const transport = await world.connect({ user, cluster: cluster(proxy) });
      const path = "/api/v1/namespaces?watch=true";
      const first = new AbortController();
      const streams = await Promise.all(
        [first.signal, undefined].map(async (signal) => {
          const request = { method: "GET", path, stream: true, ...(signal && { signal }) };
          const chunks = (await transport.request(request)).body[Symbol.asyncIterator]();
          expect((await chunks.next()).done).toBe(false);
          return chunks;
        }),
      );
      expect(await whoAmI(transport)).toMatchObject({ username: "admin" });
      expect(proxy.openCount).toBe(3);
      first.abort();
      await until(() => proxy.openCount === 2, { what: "the tunnel of an aborted stream to end" });
      await transport.close();
      await until(() => proxy.openCount === 0, { what: "all tunnels to end" });
      await expect(drain(streams)).rejects.toThrow();
    });

    it(`${name} that goes away breaks its streams off`, async () => {
      const proxy = await started(start());
      const { cert, key } = world.controlPlane.admin;
      const user = { "client-certificate-data": btoa(cert), "client-key-data": btoa(key) };
      const transport = await world.connect({ user, cluster: cluster(proxy) });
      const request = { method: "GET", path: "/api/v1/namespaces?watch=true", stream: true };
      const chunks = (await transport.request(request)).body[Symbol.asyncIterator]();
      expect((await chunks.next()).done).toBe(false);
      await proxy.close();
      expect(await rejection(drain([chunks]))).toBeInstanceOf(TransportError);
      expect(await rejection(whoAmI(transport))).toBeInstanceOf(TransportError);
    });

    it(`${name} is told user and password, and no error shows them`, async () => {
      const proxy = await started(start({ login: LOGIN }));
      const user = { token: world.controlPlane.token("jane") };
      const good = withLogin(proxy.url, "us", "er:pa ss@wörd");
      const transport = await world.connect({ user, cluster: cluster(proxy, good) });
      expect(await whoAmI(transport)).toMatchObject({ username: "jane" });
      expect(proxy.asked).toEqual([{ target: target(), login: LOGIN }]);
      for (const url of [proxy.url, withLogin(proxy.url, "us", "s3cr3t")]) {
        const refused = await world.connect({ user, cluster: cluster(proxy, url) });
        const error = await rejection(whoAmI(refused));
        expect(error).toBeInstanceOf(TransportError);
        expect(error.message).toContain(`Cannot connect through the proxy ${proxy.url}: it `);
        const shown = inspectAll([error, refused]);
        for (const secret of ["s3cr3t", user.token, btoa("us:s3cr3t")]) expect(shown).not.toContain(secret);
      }
    });

    it(`${name} that is silent is let go with the request`, async () => {
      const proxy = await started(start({ silent: true }));
      const transport = await world.connect({ user: { token: "t" }, cluster: cluster(proxy) });
      const controller = new AbortController();
      const answer = transport.request({
        method: "GET",
        path: "/api/v1/namespaces?watch=true",
        stream: true,
        signal: controller.signal,
      });
      const other = rejection(whoAmI(transport));
      await until(() => proxy.openCount === 2, { what: "both connections to the proxy" });
      controller.abort("enough");
      expect(await rejection(answer)).toBe("enough");
      await until(() => proxy.openCount === 1, { what: "the connection of the aborted stream to end" });
      await transport.close();
      expect(await other).toBeInstanceOf(TransportError);
      await until(() => proxy.openCount === 0, { what: "the other connection to end" });
    });
  }

  it("an https proxy that nobody vouches for gets nothing", async () => {
    const stranger = await certificateAuthority("stranger");
    const proxy = await started(connectProxy({ tls: await stranger.server() }));
    const user = { token: world.controlPlane.token("jane") };
    const error = await rejection(whoAmI(await world.connect({ user, cluster: { "proxy-url": proxy.url } })));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe(`Cannot connect through the proxy ${proxy.url}: it opened no tunnel`);
    expect(proxy.asked).toEqual([]);
  });

  it("a proxy that is not there is an error", async () => {
    const proxy = await connectProxy();
    await proxy.close();
    const transport = await world.connect({ cluster: { "proxy-url": proxy.url } });
    expect(await rejection(whoAmI(transport))).toBeInstanceOf(TransportError);
  });
});

async function drain(streams: readonly AsyncIterator<Uint8Array>[]): Promise<void> {
  for (const chunks of streams) while (!(await chunks.next()).done);
}
