import process from "node:process";
import { expect } from "@std/expect";
import { afterEach, describe, it } from "@std/testing/bdd";
import { InvalidInputError, TransportError } from "../../../lib/kubernetes/errors.ts";
import { type FetchTransportOptions, fetchTransport } from "../../../transports/fetch.ts";
import { collectGarbage } from "../../fixtures/collect_garbage.ts";
import { loopbackServer } from "../../fixtures/loopback_server.ts";
import { withoutProxies } from "../../fixtures/proxy_variables.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { describeTransportContract } from "../../fixtures/transport_contract.ts";

describeTransportContract("fetchTransport", fetchTransport, { verbatim: false });

describe("fetchTransport: fetch", () => {
  const baseUrl = "https://10.0.0.1:6443/x";

  it("is the one that is given, called with a URL, no redirects and no timeout", async () => {
    const calls: [string, RequestInit][] = [];
    const transport = fetchTransport({
      baseUrl,
      fetch: async (url, init) => {
        calls.push([url, init]);
        return new Response("ok");
      },
    });
    const { body } = await transport.request({ method: "PUT", path: "/a?b=c", body: "1", stream: true });
    for await (const chunk of body) expect(new TextDecoder().decode(chunk)).toBe("ok");
    expect(calls.length).toBe(1);
    expect(calls[0]?.[0]).toBe("https://10.0.0.1:6443/x/a?b=c");
    expect(calls[0]?.[1]).toMatchObject({ method: "PUT", body: "1", redirect: "manual", timeout: false });
  });

  it("must be a function", () => {
    const options = { baseUrl, fetch: "fetch" } as unknown as FetchTransportOptions;
    expect(() => fetchTransport(options)).toThrow(InvalidInputError);
  });

  it("that hides a redirect leads to an error that says so", async () => {
    const hidden = { status: 0, type: "opaqueredirect", body: null, headers: new Headers() } as Response;
    const transport = fetchTransport({ baseUrl, fetch: async () => hidden });
    const error = await transport.request({ method: "GET", path: "/a" }).catch((error) => error);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.cause.message).toContain("redirect");
  });

  it("whose answer fails with what is no Error is a TransportError", async () => {
    const transport = fetchTransport({ baseUrl, fetch: () => Promise.reject("text") });
    const error = await transport.request({ method: "GET", path: "/a" }).catch((error) => error);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe("Cannot GET /a at https://10.0.0.1:6443/x: no answer came");
    expect(error.cause).toBe("text");
  });

  it("that ignores the abort has its late answer cancelled", async () => {
    const controller = new AbortController();
    let answerLate: (response: Response) => void = () => {};
    const fetch = () => new Promise<Response>((resolve) => (answerLate = resolve));
    const transport = fetchTransport({ baseUrl, fetch });
    const answer = transport.request({ method: "GET", path: "/a", signal: controller.signal });
    await new Promise((resolve) => setImmediate(resolve));
    controller.abort("enough");
    expect(await answer.catch((reason) => reason)).toBe("enough");
    await new Promise<void>((cancel) =>
      answerLate(new Response(new ReadableStream({ cancel: () => cancel() }))),
    );
  });

  it("that loses its signal to the garbage collector is stopped by an abort all the same", async () => {
    const server = await loopbackServer();
    const transport = fetchTransport({
      baseUrl: server.url,
      fetch: (url, init) => fetch(new Request(url, init)),
    });
    const controller = new AbortController();
    const answer = transport.request({
      method: "GET",
      path: "/a",
      stream: true,
      signal: controller.signal,
    });
    const { response, closed } = await server.next();
    response.write("first\n");
    const chunks = (await answer).body[Symbol.asyncIterator]();
    await chunks.next();
    for (let turn = 0; turn < 10; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      collectGarbage();
    }
    controller.abort();
    expect(await closed).toBe("cut off");
    await transport.close();
    await server.close();
  });
});

describe("fetchTransport: proxies of the environment", () => {
  const env = process.env;
  const headers = { authorization: "Bearer SECRET" };
  afterEach(() => {
    process.env = env;
  });

  const it = itUnless({ deno: "it refuses such credentials" });
  it("see no credentials that go over http to this machine", async () => {
    const [server, proxy] = [await loopbackServer(), await loopbackServer()];
    process.env = { ...withoutProxies(env), HTTP_PROXY: proxy.url };
    const transport = fetchTransport({ baseUrl: server.url, headers });
    const answer = transport.request({ method: "GET", path: "/a" });
    const { request, response } = await Promise.race([server.next(), proxy.next()]);
    expect(request.headers.host).toBe(new URL(server.url).host);
    expect(request.url).toBe("/a");
    expect(proxy.requestCount).toBe(0);
    response.end();
    await answer;
    await Promise.all([transport.close(), server.close(), proxy.close()]);
  });
});

describe("fetchTransport: limits", () => {
  const given = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  afterEach(() => {
    if (given) Object.defineProperty(globalThis, "navigator", given);
    else Reflect.deleteProperty(globalThis, "navigator");
  });

  const limits: [userAgent: string, streams: number | undefined][] = [
    ["Bun/1.4.5", 240],
    ["Cloudflare-Workers", 4],
    ["Deno/2.9.6", undefined],
    ["Node.js/24", undefined],
  ];
  for (const [userAgent, streams] of limits) {
    it(`are what leaves room for plain requests on ${userAgent}`, () => {
      Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
      expect(fetchTransport({ baseUrl: "https://10.0.0.1" }).limits?.streams).toBe(streams);
      expect(fetchTransport({ baseUrl: "https://10.0.0.1", maxStreams: 9 }).limits?.streams).toBe(9);
    });
  }

  for (const [userAgent, shared] of [
    ["Bun/1.4.5", true],
    ["Cloudflare-Workers", false], // whose connections are counted for each invocation
  ] as const) {
    it(`are ${shared ? "one for all transports" : "each transport's own"} on ${userAgent}`, () => {
      Object.defineProperty(globalThis, "navigator", { value: { userAgent }, configurable: true });
      const [one, other] = ["https://10.0.0.1", "https://10.0.0.2"].map((baseUrl) =>
        fetchTransport({ baseUrl }),
      );
      expect(one?.limits === other?.limits).toBe(shared);
      expect(fetchTransport({ baseUrl: "https://10.0.0.1", maxStreams: 240 }).limits).not.toBe(one?.limits);
    });
  }
});
