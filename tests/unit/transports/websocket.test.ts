import type { ServerResponse } from "node:http";
import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { Agent, WebSocket } from "undici";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { undiciTransport } from "../../../transports/undici.ts";
import { type WebSocketTransportOptions, websocketTransport } from "../../../transports/websocket.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { describeAborts } from "../../fixtures/transport_contract/aborts.ts";
import { describeConnections } from "../../fixtures/transport_contract/connections.ts";
import { type Contract, useLoopback } from "../../fixtures/transport_contract/contract.ts";
import { describeCredentials } from "../../fixtures/transport_contract/credentials.ts";
import { describeFailures } from "../../fixtures/transport_contract/failures.ts";
import { fakeCredentials } from "../../fixtures/transport_contract/fakes.ts";
import {
  decode,
  expectTransportError,
  rejection,
  thrown,
} from "../../fixtures/transport_contract/observe.ts";
import { describeOptions } from "../../fixtures/transport_contract/options.ts";
import { describeRequests } from "../../fixtures/transport_contract/requests.ts";
import type { WebSocketResponse } from "../../fixtures/websocket_response.ts";

/** Those parts that hold for streams too, which here go over a real socket. What an answer's body is, HTTP decides. */
const contract: Contract = {
  name: "websocketTransport",
  makeTransport: (options) =>
    websocketTransport({ base: undiciTransport(options), maxStreams: options.maxStreams, WebSocket }),
  verbatim: true,
};
describeOptions(contract);
describeRequests(contract);
describeFailures(contract);
describeAborts(contract);
describeCredentials(contract);
describeConnections(contract);

describe("websocketTransport: a handshake", () => {
  const t = useLoopback(contract);

  it("names the base URL's origin, and a protocol beside a bearer token", async () => {
    const headers = { authorization: "Bearer token", "x-a": "1", accept: "application/json;as=Other" };
    const { request, response } = await t.begin({ stream: true, path: "/a?watch=1" }, t.make({ headers }));
    expect(request.url).toBe("/a?watch=1");
    expect(request.headers).toMatchObject({ "x-a": "1", accept: "application/json;as=Other" });
    expect(request.headers.origin).toBe(t.server.url);
    expect(request.headers.authorization).toBe(undefined);
    expect(request.headers["sec-websocket-protocol"]).toBe(
      "base64url.bearer.authorization.k8s.io.dG9rZW4, watch",
    );
    response.end();
  });

  it("takes an Origin that is given, and other credentials as they are", async () => {
    const headers = { authorization: "Basic YTpi", origin: "https://console.example.test" };
    const { request, response } = await t.begin({ stream: true }, t.make({ headers }));
    expect(request.headers.origin).toBe("https://console.example.test");
    expect(request.headers.authorization).toBe("Basic YTpi");
    expect(request.headers["sec-websocket-protocol"]).toBe(undefined);
    response.end();
  });

  it("goes below the base URL's own path", async () => {
    const via = t.make({ baseUrl: `${t.server.url}/clusters/x` });
    const { request, response } = await t.begin({ stream: true, path: "/a?b=c" }, via);
    expect(request.url).toBe("/clusters/x/a?b=c");
    response.end();
  });

  it("cannot have a path with dot segments", async () => {
    const error = await rejection(t.transport.request({ method: "GET", path: "/a/../b", stream: true }));
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "path" });
    expect(t.server.requestCount).toBe(0);
  });

  it("cannot repeat a header", async () => {
    const error = await rejection(
      t.transport.request({ method: "GET", path: "/a", stream: true, headers: { "x-a": ["1", "2"] } }),
    );
    expect(error).toMatchObject({ code: "INVALID_INPUT", field: "headers.x-a" });
    expect(t.server.requestCount).toBe(0);
  });

  it("is what GET does; a stream by another method goes over the base", async () => {
    const { request, response } = await t.begin({ stream: true, method: "POST" });
    expect(request.headers.upgrade).toBe(undefined);
    response.end();
  });
});

describe("websocketTransport: an abort", () => {
  const t = useLoopback(contract);

  /** Has the peer never answer again, not even a close. */
  function silence(response: ServerResponse): void {
    response.socket?.removeAllListeners("data").resume();
  }

  it("frees the connection though the peer stays silent", async () => {
    const controller = new AbortController();
    const { response, closed } = await t.beginStream({ signal: controller.signal });
    silence(response);
    controller.abort();
    expect(await closed).toBe("cut off");
  });

  const itDispatches = itUnless({ bun: "its undici is its own, which has no dispatchers" });
  itDispatches("leaves a dispatcher that was given, and its other sockets", async () => {
    const dispatcher = new Agent();
    const base = undiciTransport({ baseUrl: t.server.url });
    const via = websocketTransport({ base, WebSocket, socketOptions: { dispatcher } });
    const controller = new AbortController();
    const silent = await t.beginStream({ signal: controller.signal }, via);
    silence(silent.response);
    const other = await t.beginStream({}, via);
    controller.abort();
    expect(await silent.closed).toBe("cut off");
    other.response.write("more\n");
    expect(decode((await other.chunks.next()).value)).toBe("more\n");
    other.response.end();
    const { response } = await t.beginStream({}, via);
    response.end();
    await via.close();
    await dispatcher.close();
  });

  it("frees a connection whose handshake is not answered", async () => {
    const controller = new AbortController();
    const { response, answer } = await t.begin({ stream: true, signal: controller.signal });
    const failed = rejection(answer);
    const closed = new Promise((resolve) => response.socket?.once("close", resolve));
    silence(response);
    controller.abort(new Error("enough"));
    await closed;
    expect((await failed).message).toBe("enough");
  });
});

describe("websocketTransport: messages", () => {
  const t = useLoopback(contract);

  it("are lines, and all that wait are one chunk", async () => {
    const { response, chunks } = await t.beginStream();
    const first = chunks.next();
    for (const line of ["with its newline\n", "without", `${"ä€".repeat(50_000)}\n`]) response.write(line);
    response.end();
    let text = decode((await first).value);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) text += decode(next.value);
    expect(text).toBe(`with its newline\nwithout\n${"ä€".repeat(50_000)}\n`);
  });

  it("that came before a break are read before it is told", async () => {
    const { response, chunks, closed } = await t.beginStream();
    response.write("second\n");
    response.socket?.end();
    await closed;
    expect(decode((await chunks.next()).value)).toBe("second\n");
    expectTransportError(await rejection(chunks.next()));
  });

  for (const code of [1001, 1006, 1011]) {
    it(`end cleanly with code 1000 only, not with ${code}`, async () => {
      const { response, chunks } = await t.beginStream();
      (response as unknown as WebSocketResponse).close(code);
      expectTransportError(await rejection(chunks.next()));
    });
  }
});

describe("websocketTransport: a socket", () => {
  class FakeSocket extends EventTarget {
    static last = new FakeSocket();
    closed = false;

    constructor() {
      super();
      FakeSocket.last = this;
      queueMicrotask(() => this.dispatchEvent(new Event("open")));
    }

    close(): void {
      this.closed = true;
    }

    send(data: unknown): void {
      this.dispatchEvent(Object.assign(new Event("message"), { data }));
    }
  }
  const baseUrl = "http://127.0.0.1:1";
  const make = (options: Partial<WebSocketTransportOptions> = {}) =>
    websocketTransport({ base: undiciTransport({ baseUrl }), WebSocket: FakeSocket, ...options });

  async function open(): Promise<{ socket: FakeSocket; chunks: AsyncIterator<Uint8Array> }> {
    const { body } = await make().request({ method: "GET", path: "/a", stream: true });
    return { socket: FakeSocket.last, chunks: body[Symbol.asyncIterator]() };
  }

  it("whose messages nobody reads is given up before they fill the memory", async () => {
    const { socket, chunks } = await open();
    const megabyte = "x".repeat(1024 * 1024);
    for (let sent = 0; sent < 100 && !socket.closed; sent++) socket.send(megabyte);
    expect(socket.closed).toBe(true);
    expect((await chunks.next()).value?.length).toBeLessThan(70 * 1024 * 1024);
    expectTransportError(await rejection(chunks.next()));
  });

  it("that sends bytes is given up: they are no JSON", async () => {
    const { socket, chunks } = await open();
    socket.send(new ArrayBuffer(1));
    expect(socket.closed).toBe(true);
    socket.dispatchEvent(Object.assign(new Event("close"), { code: 1000 }));
    expectTransportError(await rejection(chunks.next()));
  });

  const failures: [what: string, event: Event][] = [
    ["an error and no close, as on Node", new Event("error")],
    ["a close with 1000, as in a browser", Object.assign(new Event("close"), { code: 1000 })],
  ];
  for (const [what, event] of failures) {
    it(`that fails before it is open with ${what} asks the base`, async () => {
      class FailingSocket extends EventTarget {
        constructor() {
          super();
          queueMicrotask(() => this.dispatchEvent(event));
        }

        close(): void {}
      }
      const base = memoryApiServer().transport();
      const transport = make({ base, baseUrl, WebSocket: FailingSocket });
      const path = "/apis/example.com/v1/widgets?watch=1";
      expect((await transport.request({ method: "GET", path, stream: true })).status).toBe(404);
    });
  }

  it("gets the socketOptions beside protocols and headers", async () => {
    const made: unknown[] = [];
    class Recording extends FakeSocket {
      constructor(...args: unknown[]) {
        super();
        made.push(...args);
      }
    }
    const tls = { ca: "PEM" };
    await make({ WebSocket: Recording, socketOptions: { tls, headers: {} } }).request({
      method: "GET",
      path: "/a",
      stream: true,
    });
    const headers = { accept: "application/json", origin: baseUrl };
    expect(made).toMatchObject(["ws://127.0.0.1:1/a", { tls, protocols: [], headers }]);
  });

  it("that can be terminated is, after its close, as it may wait for the peer", async () => {
    const calls: string[] = [];
    class Terminable extends FakeSocket {
      override close(): void {
        calls.push("close");
      }

      terminate(): void {
        calls.push("terminate");
      }
    }
    const controller = new AbortController();
    const { signal } = controller;
    await make({ WebSocket: Terminable }).request({ method: "GET", path: "/a", stream: true, signal });
    controller.abort();
    expect(calls).toEqual(["close", "terminate"]);
  });

  const invalid: [what: string, options: Record<string, unknown>, field: string][] = [
    ["no base", { base: undefined }, "base"],
    ["a base that is none", { base: {} }, "base"],
    ["no baseUrl where the base does not tell its own", { base: memoryApiServer().transport() }, "baseUrl"],
    ["headers of its own without baseUrl", { headers: { "x-a": "1" } }, "headers"],
    ["credentials of its own without baseUrl", { credentials: fakeCredentials().credentials }, "credentials"],
    ["a WebSocket that is none", { WebSocket: "WebSocket" }, "WebSocket"],
    ["socketOptions that are none", { socketOptions: "tls" }, "socketOptions"],
    ["an option that is none", { tls: {} }, "tls"],
  ];
  for (const [what, options, field] of invalid) {
    it(`is not made with ${what}`, () => {
      expect(thrown(() => make(options))).toMatchObject({ code: "INVALID_INPUT", field });
    });
  }

  it("is made with options that are undefined", () => {
    make({ headers: undefined, credentials: undefined, baseUrl: undefined, maxStreams: undefined });
  });

  it("is missing on Node 20 unless one is given", () => {
    const given = globalThis.WebSocket;
    Reflect.deleteProperty(globalThis, "WebSocket");
    try {
      const error = thrown(() => websocketTransport({ base: undiciTransport({ baseUrl }) }));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field: "WebSocket" });
    } finally {
      if (given) globalThis.WebSocket = given;
    }
  });
});
