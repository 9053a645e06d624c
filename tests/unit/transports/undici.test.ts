import type { TLSSocket } from "node:tls";
import { inspect } from "node:util";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { InvalidInputError, ProtocolError, TransportError } from "../../../lib/kubernetes/errors.ts";
import type { Transport } from "../../../lib/protocol/transport.ts";
import type { TlsOptions } from "../../../transports/http/secure_context.ts";
import { undiciTransport } from "../../../transports/undici.ts";
import {
  type CertificateAuthority,
  certificateAuthority,
  type KeyPair,
} from "../../fixtures/certificates.ts";
import { type LoopbackServer, loopbackServer, type Received } from "../../fixtures/loopback_server.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { describeTransportContract } from "../../fixtures/transport_contract.ts";

describeTransportContract("undiciTransport", undiciTransport, { verbatim: true });

describe("undiciTransport: TLS", () => {
  let authority: CertificateAuthority;
  let other: CertificateAuthority;
  let client: KeyPair;
  let server: LoopbackServer;
  const made: Transport[] = [];

  beforeEach(async () => {
    authority = await certificateAuthority("ca");
    other = await certificateAuthority("another ca");
    client = await authority.client({ commonName: "me", organizations: ["us"] });
    const { cert, key } = await authority.server();
    server = await loopbackServer({
      tls: { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: false },
    });
  });

  afterEach(async () => {
    await Promise.all(made.splice(0).map((transport) => transport.close()));
    await server.close();
  });

  function make(tls?: TlsOptions, baseUrl = server.url): Transport {
    const transport = undiciTransport({ baseUrl, tls });
    made.push(transport);
    return transport;
  }

  /** The TLS connection of a request that gets through. */
  async function connect(tls: TlsOptions, baseUrl?: string): Promise<TLSSocket> {
    const answer = make(tls, baseUrl).request({ method: "GET", path: "/a" });
    const failed = answer.then(() => new Promise<never>(() => {}));
    const { request, response } = await Promise.race([server.next(), failed]);
    response.end("ok");
    expect((await answer).status).toBe(200);
    return request.socket as TLSSocket;
  }

  async function failure(tls?: TlsOptions): Promise<TransportError> {
    const error = await make(tls)
      .request({ method: "GET", path: "/a" })
      .catch((error) => error);
    expect(error).toBeInstanceOf(TransportError);
    expect(inspect(error, { showHidden: true, depth: 10 })).not.toContain("PRIVATE KEY");
    expect(server.requestCount).toBe(0);
    return error;
  }

  itUnless({ bun: "its TLS server does not show the protocol of a connection" })(
    "ca: a server of that authority is trusted",
    async () => {
      const socket = await connect({ ca: authority.cert });
      expect(socket.alpnProtocol).toBe("http/1.1");
      expect(socket.authorized).toBe(false); // no client certificate was sent
    },
  );

  it("ca, cert and key may be bytes, and ca several certificates", async () => {
    const bytes = (text: string) => new TextEncoder().encode(text);
    const socket = await connect({
      ca: bytes(`${other.cert}\n${authority.cert}`),
      cert: bytes(client.cert),
      key: bytes(client.key),
    });
    expect(socket.authorized).toBe(true);
  });

  it("a server of another authority is not trusted", async () => {
    for (const tls of [{ ca: other.cert }, {}, undefined]) {
      const error = await failure(tls);
      expect(error.message).toMatch(
        /^Cannot GET \/a at https:\/\/127\.0\.0\.1:\d+: no answer came \([A-Z_]+\)$/,
      );
    }
  });

  itUnless({ bun: "its TLS server does not show the certificate of a client" })(
    "cert and key: the server sees the client's certificate",
    async () => {
      const socket = await connect({ ca: authority.cert, ...client });
      expect(socket.authorized).toBe(true);
      expect(socket.getPeerCertificate().subject).toMatchObject({ CN: "me", O: "us" });
    },
  );

  it("a server that requires a certificate lets nobody else in", async () => {
    await server.close();
    const { cert, key } = await authority.server();
    server = await loopbackServer({
      tls: { cert, key, ca: authority.cert, requestCert: true, rejectUnauthorized: true },
    });
    await failure({ ca: authority.cert });
    await failure({ ca: authority.cert, ...(await other.client({ commonName: "me" })) });
    await connect({ ca: authority.cert, ...client });
  });

  it("serverName: is sent, and is what the certificate must be for", async () => {
    const socket = await connect({ ca: authority.cert, serverName: "localhost" });
    expect((socket as TLSSocket & { servername: string }).servername).toBe("localhost");
    const error = await failureAfter({ ca: authority.cert, serverName: "kubernetes.default.svc" });
    expect(error.message).toContain("(ERR_TLS_CERT_ALTNAME_INVALID)");
  });

  async function failureAfter(tls: TlsOptions): Promise<TransportError> {
    const before = server.requestCount;
    const error = await make(tls)
      .request({ method: "GET", path: "/a" })
      .catch((error) => error);
    expect(error).toBeInstanceOf(TransportError);
    expect(server.requestCount).toBe(before);
    return error;
  }

  it("insecureSkipVerify: any server will do", async () => {
    await connect({ insecureSkipVerify: true });
    await connect({ insecureSkipVerify: true, serverName: "kubernetes.default.svc" });
    await failureAfter({ insecureSkipVerify: false });
  });

  it("an abort frees the connection", async () => {
    const controller = new AbortController();
    const answer = make({ ca: authority.cert, ...client }).request({
      method: "GET",
      path: "/a",
      stream: true,
      signal: controller.signal,
    });
    const { response, closed } = await server.next();
    response.write("first\n");
    const chunks = (await answer).body[Symbol.asyncIterator]();
    await chunks.next();
    const pending = chunks.next();
    controller.abort("enough");
    expect(await pending.catch((reason) => reason)).toBe("enough");
    expect(await closed).toBe("cut off");
  });

  async function expectRefusals(cases: readonly (readonly [tls: unknown, field: string])[]): Promise<void> {
    for (const [tls, field] of cases) {
      const error = await Promise.resolve()
        .then(() => make(tls as TlsOptions))
        .catch((error) => error);
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error.field).toBe(field);
      expect(error.message).toContain(`Cannot use ${field}: it `);
      const seen = inspect(error, { showHidden: true, depth: 10 });
      expect(seen).not.toContain("SECRET");
      expect(seen).not.toContain("PRIVATE KEY");
    }
  }

  it("what does not go together, and what is no option, is refused and not repeated", () =>
    expectRefusals([
      [{ ca: "" }, "tls.ca"],
      [{ ca: 5 }, "tls.ca"],
      [{ cert: client.cert }, "tls.key"],
      [{ key: client.key }, "tls.cert"],
      [{ ca: authority.cert, insecureSkipVerify: true }, "tls.insecureSkipVerify"],
      [{ insecureSkipVerify: "yes" }, "tls.insecureSkipVerify"],
      [{ serverName: "" }, "tls.serverName"],
      [{ rejectUnauthorized: false }, "tls.rejectUnauthorized"],
    ]));

  itUnless({ deno: "its TLS reads a PEM only when it connects" })(
    "what is no PEM, or the key of another certificate, is refused and not repeated",
    async () => {
      const wrong = await authority.client({ commonName: "SECRET" });
      await expectRefusals([
        [{ ca: "SECRET" }, "tls.ca"],
        [{ cert: "SECRET", key: client.key }, "tls.cert"],
        [{ cert: client.cert, key: "SECRET" }, "tls.key"],
        [{ cert: client.cert, key: wrong.key }, "tls.key"],
      ]);
    },
  );

  it("a client certificate goes only to an https base URL, or to this machine", () => {
    expect(() => make(client, "http://10.0.0.1")).toThrow("Cannot use tls.cert");
    make(client, "http://127.0.0.1:1");
  });
});

describe("undiciTransport: close", () => {
  it("ends idle connections too", async () => {
    const server = await loopbackServer();
    const transport = undiciTransport({ baseUrl: server.url });
    const answer = transport.request({ method: "GET", path: "/a" });
    const { request, response } = await server.next();
    const gone = new Promise((resolve) => request.socket.once("close", resolve));
    response.writeHead(200, { connection: "keep-alive", "keep-alive": "timeout=600" }).end("ok");
    for await (const chunk of (await answer).body) expect(chunk.length).toBe(2);
    await transport.close();
    await gone;
    await server.close();
  });
});

describe("undiciTransport: encodings", () => {
  it("one that was not asked for is a ProtocolError, and frees the connection", async () => {
    const server = await loopbackServer();
    const transport = undiciTransport({ baseUrl: server.url });
    const answer = transport.request({ method: "GET", path: "/a" }).catch((error) => error);
    const { response, closed } = await server.next();
    response.writeHead(200, { "content-encoding": "br" }).write("x");
    expect(await answer).toBeInstanceOf(ProtocolError);
    expect(await closed).toBe("cut off");
    await transport.close();
    await server.close();
  });
});

describe("undiciTransport: connections", () => {
  let server: LoopbackServer;
  let transport: Transport;
  let other: Transport;
  /** The connections that carried a request. */
  let used: Set<unknown>;

  beforeEach(async () => {
    server = await loopbackServer();
    transport = undiciTransport({ baseUrl: server.url });
    other = undiciTransport({ baseUrl: server.url });
    used = new Set();
  });

  afterEach(async () => {
    await Promise.all([transport.close(), other.close()]);
    await server.close();
  });

  async function next(): Promise<Received> {
    const received = await server.next();
    used.add(received.request.socket);
    return received;
  }

  /** Whatever the first transport was about to open has been opened when another one's requests are answered. */
  async function roundTripsOfAnother(): Promise<void> {
    for (let round = 0; round < 5; round += 1) {
      const answer = other.request({ method: "GET", path: "/plain" });
      (await next()).response.end("ok");
      for await (const _ of (await answer).body);
    }
  }

  for (const phase of ["before its headers", "in its body"] as const) {
    it(`opens none for a stream that was aborted ${phase}`, async () => {
      const controller = new AbortController();
      const answer = transport.request({
        method: "GET",
        path: "/s",
        stream: true,
        signal: controller.signal,
      });
      const received = await next();
      if (phase === "in its body") {
        received.response.write("first");
        const body = (await answer).body[Symbol.asyncIterator]();
        await body.next();
        controller.abort("enough");
      } else {
        controller.abort("enough");
        await answer.catch(() => {});
      }
      expect(await received.closed).toBe("cut off");
      await roundTripsOfAnother();
      expect(server.connectionCount - used.size).toBe(0);
    });
  }

  itUnless({ bun: "its server does not tell how a connection was closed" })(
    "ends that of a stream with its answer",
    async () => {
      const answer = transport.request({ method: "GET", path: "/s", stream: true });
      const { request, response } = await next();
      const closed = new Promise((resolve) => request.socket.once("close", resolve));
      response.end("all");
      for await (const _ of (await answer).body);
      expect(await closed).toBe(false);
    },
  );
});
