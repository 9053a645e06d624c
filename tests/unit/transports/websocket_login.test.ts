import process from "node:process";
import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { Agent, WebSocket } from "undici";
import type { Transport } from "../../../lib/protocol/transport.ts";
import { undiciTransport } from "../../../transports/undici.ts";
import { type WebSocketTransportOptions, websocketTransport } from "../../../transports/websocket.ts";
import { useFetchStandIn } from "../../fixtures/fetch_stand_in.ts";
import { type LoopbackServer, loopbackServer, type Received } from "../../fixtures/loopback_server.ts";
import { itUnless } from "../../fixtures/this_runtime.ts";
import { renewedCredentials } from "../../fixtures/transport_contract/fakes.ts";
import { expectTransportError, rejection, thrown } from "../../fixtures/transport_contract/observe.ts";

const STREAM = { method: "GET", path: "/a?watch=1", stream: true };
/** "1" and "2", as they go in a subprotocol. */
const [FIRST, SECOND] = [
  "base64url.bearer.authorization.k8s.io.MQ, watch",
  "base64url.bearer.authorization.k8s.io.Mg, watch",
];

describe("websocketTransport: a handshake that is refused", () => {
  let server: LoopbackServer;
  let made: Transport[];
  beforeEach(async () => {
    [server, made] = [await loopbackServer(), []];
  });
  afterEach(async () => {
    await Promise.all(made.map((transport) => transport.close()));
    await server.close();
  });

  function make(options: Omit<WebSocketTransportOptions, "WebSocket">): Transport {
    const transport = websocketTransport({ ...options, WebSocket });
    made.push(transport);
    return transport;
  }

  /** Refuses handshakes with a 401, which undici sends twice, until something else comes. */
  async function refuseHandshakes(of = server): Promise<Received> {
    for (;;) {
      const received = await of.next();
      if (!received.request.headers.upgrade) return received;
      received.response.writeHead(401).end();
    }
  }

  it("by a 401 has credentials renewed once, and goes out again with the new ones", async () => {
    const { credentials, asked } = renewedCredentials();
    const base = undiciTransport({ baseUrl: `${server.url}/clusters/x`, credentials });
    const headers = {
      accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,application/json",
    };
    const answer = make({ base }).request({ ...STREAM, headers });
    const { request, response } = await refuseHandshakes();
    expect(request.url).toBe("/clusters/x/a?limit=1");
    expect(request.headers).toMatchObject({ authorization: "Bearer 1", accept: "application/json" });
    response.writeHead(401).end();
    const again = await server.next();
    expect(again.request.url).toBe("/clusters/x/a?watch=1");
    expect(again.request.headers["sec-websocket-protocol"]).toBe(SECOND);
    again.response.write("in\n");
    expect((await answer).status).toBe(200);
    expect(asked).toEqual([false, true]);
    again.response.end();
  });

  it("by a 401 comes out as one where renewed credentials are refused as well", async () => {
    const { credentials, asked } = renewedCredentials();
    const answer = make({ base: undiciTransport({ baseUrl: server.url, credentials }) }).request(STREAM);
    for (const authorization of ["Bearer 1", "Bearer 2"]) {
      const { request, response } = await refuseHandshakes();
      expect(request.headers.authorization).toBe(authorization);
      response.writeHead(401).end();
    }
    expect((await answer).status).toBe(401);
    expect(asked).toEqual([false, true]);
  });

  it("by a 401 does not renew what the base renewed meanwhile", async () => {
    const { credentials, asked } = renewedCredentials();
    const base = undiciTransport({ baseUrl: server.url, credentials });
    const answer = make({ base }).request(STREAM);
    const question = await refuseHandshakes();
    const listed = base.request({ method: "GET", path: "/b" });
    (await server.next()).response.writeHead(401).end();
    (await server.next()).response.end();
    expect((await listed).status).toBe(200);
    question.response.writeHead(401).end();
    const again = await server.next();
    expect(again.request.headers["sec-websocket-protocol"]).toBe(SECOND);
    again.response.write("in\n");
    expect((await answer).status).toBe(200);
    expect(asked).toEqual([false, false, true, false]);
    again.response.end();
  });

  it("shows a base elsewhere no header but those of the request", async () => {
    const elsewhere = await loopbackServer();
    const { credentials } = renewedCredentials();
    const base = undiciTransport({ baseUrl: elsewhere.url, headers: { authorization: "Bearer base" } });
    const answer = make({
      base,
      baseUrl: `${server.url}/clusters/x`,
      credentials,
      headers: { cookie: "a=b", "x-key": "secret", "impersonate-user": "jane" },
    }).request({ ...STREAM, headers: { "X-Request": "1", Accept: "application/json;as=Other" } });
    const failed = rejection(answer);
    const shaken = await server.next();
    expect(shaken.request.headers).toMatchObject({ "x-key": "secret", "sec-websocket-protocol": FIRST });
    shaken.response.writeHead(401).end();
    const { request, response } = await Promise.race([elsewhere.next(), refuseHandshakes()]);
    expect(request.url).toBe("/a?limit=1");
    expect(request.headers).toMatchObject({
      ...{ authorization: "Bearer base", accept: "application/json", "x-request": "1" },
    });
    for (const name of ["cookie", "x-key", "impersonate-user"]) expect(request.headers[name]).toBe(undefined);
    response.end("{}");
    expectTransportError(await failed);
    await elsewhere.close();
  });

  it("has credentials of its own renewed by a 401 of the base", async () => {
    const { credentials, asked } = renewedCredentials();
    const base = undiciTransport({ baseUrl: server.url });
    const answer = make({ base, baseUrl: server.url, credentials }).request(STREAM);
    const { request, response } = await refuseHandshakes();
    expect(request.headers.authorization).toBe(undefined);
    response.writeHead(401).end();
    const again = await server.next();
    expect(again.request.headers["sec-websocket-protocol"]).toBe(SECOND);
    again.response.write("in\n");
    expect((await answer).status).toBe(200);
    expect(asked).toEqual([false, true]);
    again.response.end();
  });
});

describe("websocketTransport: credentials over http to this machine, with a proxy in the environment", () => {
  const it = itUnless({ deno: "a stand-in takes its place", bun: "a stand-in takes its place" });
  const standIn = useFetchStandIn();
  const HERE = "http://127.0.0.1:8001";
  const HTTP_PROXY = "http://proxy.example:3128";
  const Deno = { permissions: { querySync: () => ({ state: "granted" }) } };
  class Own extends WebSocket {}
  const dispatcher = new Agent();

  const cases: [what: string, refused: boolean, options: Case][] = [
    ["on Deno", true, { Deno }],
    ["on Deno, with a dispatcher, which its socket does not look at", true, { Deno, dispatcher }],
    ["on Deno, by another's socket with a dispatcher", false, { Deno, dispatcher, other: true }],
    ["on Deno, where NO_PROXY names the host", false, { Deno, env: { NO_PROXY: "127.0.0.1" } }],
    ["on Deno, over https", false, { Deno, baseUrl: "https://127.0.0.1" }],
    ["on Node", false, {}],
    ["on Node, which is told to use it", true, { env: { NODE_USE_ENV_PROXY: "1" } }],
    [
      "on Node, which is told to use it, with a dispatcher",
      false,
      { dispatcher, env: { NODE_USE_ENV_PROXY: "1" } },
    ],
  ];
  interface Case {
    readonly Deno?: object;
    readonly dispatcher?: Agent;
    readonly other?: boolean;
    readonly env?: Record<string, string>;
    readonly baseUrl?: string;
  }
  for (const [what, refused, { Deno, dispatcher, other, env, baseUrl = HERE }] of cases) {
    for (const apart of [false, true]) {
      it(`are ${refused ? "refused" : "taken"} ${what}${apart ? ", apart from the base" : ""}`, () => {
        standIn.become("WebSocket", Own);
        if (Deno) standIn.become("Deno", Deno);
        process.env = { ...process.env, HTTP_PROXY, ...env };
        const login = { headers: { authorization: "Bearer token" } };
        const make = () =>
          websocketTransport({
            ...(apart
              ? { base: undiciTransport({ baseUrl }), baseUrl, ...login }
              : { base: undiciTransport({ baseUrl, ...login }) }),
            ...(other && { WebSocket }),
            ...(dispatcher && { socketOptions: { dispatcher } }),
          });
        if (refused)
          expect(thrown(make)).toMatchObject({ code: "INVALID_INPUT", field: "headers.authorization" });
        else make();
      });
    }
  }
});
