import type { TLSSocket } from "node:tls";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { InvalidInputError } from "../../../lib/kubernetes/errors.ts";
import type { Transport } from "../../../lib/protocol/transport.ts";
import { type UndiciTransportOptions, undiciTransport } from "../../../transports/undici.ts";
import {
  type CertificateAuthority,
  certificateAuthority,
  type KeyPair,
} from "../../fixtures/certificates.ts";
import { connectProxy, type LoopbackProxy } from "../../fixtures/loopback_proxy.ts";
import { type LoopbackServer, loopbackServer } from "../../fixtures/loopback_server.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { decode, inspectAll, readAll, rejection, thrown } from "../../fixtures/transport_contract/observe.ts";

const HTTP = { baseUrl: "http://127.0.0.1:1" };
const PROXY = "http://me:SECRET@127.0.0.1:2";

describe("undiciTransport: a certificate that is renewed", () => {
  let authority: CertificateAuthority;
  let server: LoopbackServer;
  let current: KeyPair | undefined;
  let transport: Transport;

  beforeEach(async () => {
    authority = await certificateAuthority("ca");
    server = await loopbackServer({
      tls: {
        ...(await authority.server()),
        ca: authority.cert,
        requestCert: true,
        rejectUnauthorized: false,
      },
    });
    current = undefined;
    transport = undiciTransport({
      baseUrl: server.url,
      tls: { ca: authority.cert },
      clientCertificate: async () => current,
    });
  });
  afterEach(async () => {
    await transport.close();
    await server.close();
  });

  /** Who a request comes from, as the server sees it. */
  async function subject(): Promise<unknown> {
    const answer = transport.request({ method: "GET", path: "/a" });
    const { request, response } = await server.next();
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end("ok");
    await readAll((await answer).body);
    return subject?.CN;
  }

  itUnless({ bun: "its TLS server does not show the certificate of a client" })(
    "requests log in with the new one, also where a connection of the old one is idle",
    async () => {
      expect(await subject()).toBeUndefined();
      current = await authority.client({ commonName: "one" });
      expect([await subject(), await subject()]).toEqual(["one", "one"]);
      current = await authority.client({ commonName: "two" });
      expect([await subject(), await subject()]).toEqual(["two", "two"]);
      current = undefined;
      expect(await subject()).toBeUndefined();
    },
  );

  itUnless({ bun: "its TLS server does not show the certificate of a client" })(
    "what is under way goes on",
    async () => {
      current = await authority.client({ commonName: "one" });
      const requests = [true, false].map((stream) =>
        transport.request({ method: "GET", path: "/a", stream }),
      );
      const received = [await server.next(), await server.next()];
      for (const { response } of received) response.write("1");
      const bodies = (await Promise.all(requests)).map(({ body }) => body[Symbol.asyncIterator]());
      for (const body of bodies) expect(decode((await body.next()).value)).toBe("1");
      current = await authority.client({ commonName: "two" });
      expect(await subject()).toBe("two");
      for (const { response } of received) response.end("2");
      for (const body of bodies) {
        expect(decode((await body.next()).value)).toBe("2");
        expect((await body.next()).done).toBe(true);
      }
    },
  );

  itUnless({
    bun: "its TLS server does not show the certificate of a client",
    deno: "its TLS reads a PEM only when it connects",
  })("one that cannot be read fails its request, and the last one stays", async () => {
    current = await authority.client({ commonName: "one" });
    const good = current;
    expect(await subject()).toBe("one");
    current = { cert: good.cert, key: "SECRET" };
    const error = await rejection(transport.request({ method: "GET", path: "/a" }));
    expect((error as InvalidInputError).field).toBe("tls.key");
    expect(inspectAll([error])).not.toContain("SECRET");
    current = good;
    expect(await subject()).toBe("one");
  });

  it("what it rejects with fails the request", async () => {
    const cause = new Error("no file");
    const failing = undiciTransport({ baseUrl: server.url, clientCertificate: () => Promise.reject(cause) });
    const error = await rejection(failing.request({ method: "GET", path: "/a" }));
    expect(error.cause).toBe(cause);
    await failing.close();
    expect(server.connectionCount).toBe(0);
  });
});

describe("undiciTransport: a proxy", () => {
  let proxy: LoopbackProxy;
  let server: LoopbackServer;
  beforeEach(async () => {
    [proxy, server] = await Promise.all([connectProxy(), loopbackServer()]);
  });
  afterEach(() => Promise.all([proxy.close(), server.close()]));

  it("carries requests over http too, in a tunnel", async () => {
    const transport = undiciTransport({ baseUrl: server.url, proxy: proxy.url });
    for (const path of ["/a", "/b"]) {
      const answer = transport.request({ method: "GET", path });
      const { request, response } = await server.next();
      expect([request.url, request.headers.host]).toEqual([path, new URL(server.url).host]);
      response.end("ok");
      expect(await readAll((await answer).body)).toBe("ok");
    }
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([new URL(server.url).host]));
    await transport.close();
  });
});

describe("undiciTransport: what does not go together", () => {
  const clientCertificate = async () => undefined;
  for (const { name, options, field } of [
    { name: "a certificate that is none", options: { clientCertificate: {} }, field: "clientCertificate" },
    {
      name: "two certificates",
      options: { baseUrl: "https://127.0.0.1:1", clientCertificate, tls: { cert: "SECRET", key: "SECRET" } },
      field: "clientCertificate",
    },
    {
      name: "a certificate for http elsewhere",
      options: { baseUrl: "http://far.example", clientCertificate },
      field: "clientCertificate",
    },
    {
      name: "a certificate for http by a proxy",
      options: { clientCertificate, proxy: PROXY },
      field: "clientCertificate",
    },
    {
      name: "credentials for http by a proxy",
      options: { credentials: { headers: async () => ({}) }, proxy: PROXY },
      field: "credentials",
    },
    {
      name: "a token for http by a proxy",
      options: { headers: { authorization: "Bearer SECRET" }, proxy: PROXY },
      field: "headers.authorization",
    },
    { name: "a proxy that is none", options: { proxy: "SECRET" }, field: "proxy" },
    { name: "a proxy of another kind", options: { proxy: "ftp://SECRET" }, field: "proxy" },
    { name: "a proxy that is no text", options: { proxy: { SECRET: 1 } }, field: "proxy" },
  ]) {
    it(`refuses ${name}`, () => {
      const error = thrown(() => undiciTransport({ ...HTTP, ...options } as UndiciTransportOptions));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect((error as InvalidInputError).field).toBe(field);
      expect(inspectAll([error])).not.toContain("SECRET");
    });
  }
});
