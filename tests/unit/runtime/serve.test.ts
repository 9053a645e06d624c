import { once } from "node:events";
import { type ClientRequest, request as httpRequest, type IncomingMessage } from "node:http";
import { connect, type Socket } from "node:net";
import process from "node:process";
import { text } from "node:stream/consumers";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { type ListeningServer, serve } from "../../../runtime/serve.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";
import { until } from "../../fixtures/control_plane_until.ts";

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

const DRY_RUN = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", dryRun: ["All"] });

function configMap(name: string, data: Record<string, string> = {}) {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, namespace: "default" }, data };
}

describe("serve", () => {
  let server: MemoryApiServer;
  let listening: ListeningServer;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    server = memoryApiServer({ users: [{ name: "alice", token: "secret" }], authorize: () => true });
    listening = await serve(server);
  });

  afterEach(async () => {
    for (const socket of sockets.splice(0)) socket.destroy();
    await listening.close();
  });

  /** Sends a request over a connection of its own and waits for the head of its answer. */
  async function send(
    method: string,
    path: string,
    {
      body,
      headers,
      to = listening,
    }: { body?: string; headers?: Record<string, string>; to?: ListeningServer } = {},
  ): Promise<{ answer: IncomingMessage; request: ClientRequest }> {
    const { hostname, port } = new URL(to.url);
    const request = httpRequest({
      hostname,
      port,
      method,
      path,
      agent: false,
      headers: { authorization: "Bearer secret", ...headers },
    });
    if (body !== undefined) request.setHeader("content-length", Buffer.byteLength(body));
    request.end(body);
    const [answer] = await once(request, "response");
    return { answer, request };
  }

  async function sent(
    ...args: Parameters<typeof send>
  ): Promise<{ status: number | undefined; body: string }> {
    const { answer } = await send(...args);
    return { status: answer.statusCode, body: await text(answer) };
  }

  /** Sends a request's head over a socket that is the test's own: nothing is read, sent or closed but by the test. */
  async function dial(
    head: string,
    { to = listening, more = "" }: { to?: ListeningServer; more?: string } = {},
  ): Promise<Socket> {
    const { hostname, port } = new URL(to.url);
    const socket = connect(Number(port), hostname);
    sockets.push(socket);
    await once(socket, "connect");
    socket.write(`${head} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n${more}\r\n`);
    return socket;
  }

  it("listens on a free port of the loopback", () => {
    expect(listening.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(listening.url).not.toMatch(/:0$/);
  });

  it("passes method, path, headers and body on, and the answer back", async () => {
    const headers = { "content-type": "application/json" };
    const made = await sent("POST", CONFIG_MAPS, {
      headers,
      body: JSON.stringify(configMap("a", { k: "é<" })),
    });
    expect([made.status, JSON.parse(made.body).data]).toEqual([201, { k: "é<" }]);
    const { answer } = await send("GET", `${CONFIG_MAPS}/a?pretty=1`);
    expect([answer.statusCode, answer.headers["content-type"]]).toEqual([200, "application/json"]);
    const body = await text(answer);
    expect(answer.headers["content-length"]).toBe(String(Buffer.byteLength(body)));
    expect(body.startsWith('{\n  "kind"')).toBe(true);
    expect((await sent("GET", CONFIG_MAPS, { headers: { authorization: "Bearer wrong" } })).status).toBe(401);
    const deleted = await sent("DELETE", `${CONFIG_MAPS}/a`, { headers, body: DRY_RUN });
    expect([deleted.body, deleted.status]).toEqual([expect.stringContaining("Success"), 200]);
    expect((await sent("GET", `${CONFIG_MAPS}/a`)).status).toBe(200);
  });

  it("answers HEAD, OPTIONS and TRACE with 405, as the API server does", async () => {
    const { answer } = await send("HEAD", CONFIG_MAPS);
    expect([answer.statusCode, await text(answer)]).toEqual([405, ""]);
    expect(Number(answer.headers["content-length"])).toBe(197);
    const options = await sent("OPTIONS", CONFIG_MAPS);
    expect([options.status, JSON.parse(options.body).reason]).toEqual([405, "MethodNotAllowed"]);
    expect((await sent("TRACE", CONFIG_MAPS)).status).toBe(405);
    expect((await sent("HEAD", "/healthz")).status).toBe(200);
  });

  it("leaves paths as they are, with two slashes too", async () => {
    await sent("GET", "//api/v1/namespaces//pods?x=%2F");
    expect(server.requests.at(-1)?.path).toBe("//api/v1/namespaces//pods?x=%2F");
  });

  it("streams a watch, whose head comes before there is anything to say", async () => {
    const { answer } = await send("GET", `${CONFIG_MAPS}?watch=1&resourceVersion=4`);
    expect([answer.statusCode, answer.headers["transfer-encoding"]]).toEqual([200, "chunked"]);
    for (const name of ["a", "b"]) {
      await server.create(configMap(name));
      const [chunk] = await once(answer, "data");
      expect(JSON.parse(String(chunk)).object.metadata.name).toBe(name);
    }
    server.endWatches();
    await once(answer, "end");
  });

  it("frees a watch whose client goes away", async () => {
    const socket = await dial(`GET ${CONFIG_MAPS}?watch=1`);
    await until(() => server.openWatches === 1, { what: "the watch" });
    socket.destroy();
    await until(() => server.openWatches === 0, { what: "the watch to end" });
  });

  it("serves many watches at once without a warning of leaked listeners", async () => {
    const warnings: Error[] = [];
    const warned = (warning: Error) => warnings.push(warning);
    process.on("warning", warned);
    for (let count = 0; count < 12; count += 1) await send("GET", `${CONFIG_MAPS}?watch=1`);
    process.off("warning", warned);
    expect([server.openWatches, warnings]).toEqual([12, []]);
  });

  it("frees a request that waits when its client goes away", async () => {
    const asked = server.requests.length;
    const socket = await dial(`GET ${CONFIG_MAPS}?resourceVersion=99`);
    await until(() => server.requests.length > asked, { what: "the request" });
    socket.destroy();
    await listening.close();
  });

  it("takes a body no faster than its client reads", async () => {
    const chunk = new Uint8Array(1_000_000);
    const count = 100;
    let taken = 0;
    const other = await serve({
      fetch: async (url) => {
        if (url.endsWith("/ping")) return new Response("pong");
        const pull = (controller: ReadableStreamDefaultController) => {
          taken += 1;
          if (taken > count) controller.close();
          else controller.enqueue(chunk);
        };
        return new Response(new ReadableStream({ pull }, { highWaterMark: 0 }));
      },
    });
    const { answer } = await send("GET", "/", { to: other });
    for (let turn = 0; turn < 100; turn += 1) await sent("GET", "/ping", { to: other });
    expect(taken).toBeLessThan(count);
    let received = 0;
    for await (const bytes of answer) received += bytes.length;
    expect(received).toBe(count * chunk.length);
    await other.close();
  });

  it("cuts off what cannot be answered", async () => {
    const { answer } = await send("GET", `${CONFIG_MAPS}?watch=1`);
    const broken = once(answer, "error");
    server.dropConnections();
    expect((await broken)[0].code).toBe("ECONNRESET");
    server.down = true;
    const refused = await send("GET", "/version").catch((error) => error);
    expect(refused.code).toBe("ECONNRESET");
    expect((await send("GET", "http://[nonsense").catch((error) => error)).code).toBe("ECONNRESET");
  });

  it("ends watches cleanly when it is closed, and takes no more requests", async () => {
    const { answer } = await send("GET", `${CONFIG_MAPS}?watch=1`);
    const ended = once(answer, "end");
    answer.resume();
    await listening.close();
    await ended;
    expect(answer.complete).toBe(true);
    expect(server.openWatches).toBe(0);
    expect((await send("GET", "/version").catch((error) => error)).code).toBe("ECONNREFUSED");
  });

  it("closes even with a client that does not read", async () => {
    const chunk = new Uint8Array(40_000_000); // more than the buffers of two sockets take
    let asked = false;
    const other = await serve({
      fetch: async (_url, { signal }) => {
        asked = true;
        return new Response(
          new ReadableStream({
            start(controller) {
              controller.enqueue(chunk);
              signal?.addEventListener("abort", () => controller.error(signal.reason));
            },
          }),
        );
      },
    });
    const socket = await dial("GET /", { to: other });
    await until(() => asked, { what: "the request" });
    await other.close();
    let received = 0;
    for await (const bytes of socket) received += bytes.length;
    expect(received).toBeLessThan(chunk.length);
  });

  it("closes even with a client that does not send what it promised", async () => {
    let asked = false;
    const other = await serve({
      fetch: async (url, init) => {
        asked = true;
        return new Response(await new Request(url, init).text());
      },
    });
    const socket = await dial("POST /", { to: other, more: "Content-Length: 9\r\n" });
    await until(() => asked, { what: "the request" });
    const closed = once(socket.resume(), "close");
    await other.close();
    await closed;
  });

  it("rejects where it cannot listen", async () => {
    const port = Number(new URL(listening.url).port);
    await expect(serve(server, { port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });
});
