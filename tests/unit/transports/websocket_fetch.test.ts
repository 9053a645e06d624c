import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { websocketTransport } from "../../../transports/websocket.ts";
import { until } from "../../fixtures/control_plane_until.ts";
import { decode, expectTransportError, rejection } from "../../fixtures/transport_contract/observe.ts";

const PATH = "/api/v1/namespaces/default/configmaps?watch=1";
const TOKEN = { authorization: "Bearer token" };

/** What workerd's fetch answers a handshake with: it sends nothing before it is accepted. */
class Upgraded extends EventTarget {
  calls: string[] = [];

  accept(): void {
    this.calls.push("accept");
  }

  close(): void {
    this.calls.push("close");
  }

  send(type: string, fields: object): void {
    this.dispatchEvent(Object.assign(new Event(type), fields));
  }
}

/** A handshake as it was asked for, to be answered by the test. */
interface Handshake {
  readonly url: string;
  readonly init: RequestInit;
  answer(response: object): void;
  fail(error: Error): void;
}

describe("websocketTransport in workerd, whose WebSocket sends no Origin", () => {
  const given = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  let handshakes: Handshake[];

  beforeEach(() => {
    handshakes = [];
    const value = { userAgent: "Cloudflare-Workers" };
    Object.defineProperty(globalThis, "navigator", { value, configurable: true });
  });
  afterEach(() => {
    if (given) Object.defineProperty(globalThis, "navigator", given);
    else Reflect.deleteProperty(globalThis, "navigator");
  });

  function fetch(url: string, init: RequestInit): Promise<Response> {
    return new Promise((resolve, reject) => {
      handshakes.push({ url, init, answer: (response) => resolve(response as Response), fail: reject });
    });
  }

  async function begin(
    options: { path?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
  ) {
    const { path = PATH, headers = {}, signal } = options;
    const base = memoryApiServer().transport();
    const transport = websocketTransport({
      ...{ base, baseUrl: "https://api.invalid", headers },
      socketOptions: { fetch },
    });
    const answer = transport.request({ method: "GET", path, stream: true, ...(signal && { signal }) });
    answer.catch(() => {}); // the test asks for it later
    await until(() => handshakes.length > 0, { what: "a handshake" });
    const [handshake] = handshakes as [Handshake];
    return { handshake, answer };
  }

  async function open(signal?: AbortSignal) {
    const { handshake, answer } = await begin(signal && { signal });
    const webSocket = new Upgraded();
    handshake.answer({ status: 101, webSocket });
    const { status, body } = await answer;
    expect(status).toBe(200);
    return { webSocket, chunks: body[Symbol.asyncIterator]() };
  }

  it("shakes hands by fetch, with an Origin, and with a token as a protocol", async () => {
    const { handshake } = await begin({ headers: { ...TOKEN, "x-a": "1" } });
    expect(handshake.url).toBe(`https://api.invalid${PATH}`);
    expect(handshake.init.headers).toEqual({
      accept: "application/json",
      origin: "https://api.invalid",
      "sec-websocket-protocol": "base64url.bearer.authorization.k8s.io.dG9rZW4, watch",
      upgrade: "websocket",
      "x-a": "1",
    });
  });

  it("is not led elsewhere by a redirect", async () => {
    const { handshake } = await begin({ headers: TOKEN });
    expect(handshake.init.redirect).toBe("manual");
  });

  it("offers no protocol without a token", async () => {
    const { handshake } = await begin();
    expect(handshake.init.headers).not.toHaveProperty("sec-websocket-protocol");
  });

  it("accepts the socket, and reads its messages until it closes", async () => {
    const { webSocket, chunks } = await open();
    expect(webSocket.calls).toEqual(["accept"]);
    webSocket.send("message", { data: "one" });
    expect(decode((await chunks.next()).value)).toBe("one\n");
    webSocket.send("close", { code: 1000 });
    expect((await chunks.next()).done).toBe(true);
  });

  for (const [type, fields] of [
    ["close", { code: 1006 }],
    ["error", { message: "lost" }],
  ] as const) {
    it(`is broken off by ${type}`, async () => {
      const { webSocket, chunks } = await open();
      webSocket.send(type, fields);
      expectTransportError(await rejection(chunks.next()));
    });
  }

  it("learns from the base of what was refused, and reads nothing of the refusal", async () => {
    const { handshake, answer } = await begin({ path: "/apis/example.com/v1/widgets?watch=1" });
    let cancelled = false;
    const body = new ReadableStream({
      cancel() {
        cancelled = true;
      },
    });
    handshake.answer({ status: 404, webSocket: null, body });
    expect((await answer).status).toBe(404);
    expect(cancelled).toBe(true);
  });

  it("tells why fetch failed where the base gets through", async () => {
    const { handshake, answer } = await begin();
    handshake.fail(new TypeError("no route"));
    const error = await rejection(answer);
    expectTransportError(error);
    expect(String((error.cause as Error).message)).toBe("the WebSocket failed: no route");
  });

  it("closes an open socket when its request is aborted", async () => {
    const controller = new AbortController();
    const { webSocket, chunks } = await open(controller.signal);
    const read = rejection(chunks.next());
    controller.abort(new Error("enough"));
    expect((await read).message).toBe("enough");
    expect(webSocket.calls).toEqual(["accept", "close"]);
  });

  it("aborts a handshake, and closes a socket that comes all the same", async () => {
    const controller = new AbortController();
    const { handshake, answer } = await begin({ signal: controller.signal });
    controller.abort(new Error("enough"));
    expect((await rejection(answer)).message).toBe("enough");
    expect(handshake.init.signal?.aborted).toBe(true);
    const webSocket = new Upgraded();
    handshake.answer({ status: 101, webSocket });
    await until(() => webSocket.calls.join() === "accept,close", { what: "the close", timeoutMs: 1000 });
  });
});
