import { expect } from "@std/expect";
import { afterEach, beforeEach, describe, it } from "@std/testing/bdd";
import { ApiError, DynamicWatcher, InvalidInputError, TransportError } from "../../../mod.ts";
import { fetchTransport } from "../../../transports/fetch.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";
import { type WebSocketTransportOptions, websocketTransport } from "../../../transports/websocket.ts";
import { until } from "../../fixtures/control_plane_until.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { type MockSockets, mockSockets } from "../../fixtures/mock_sockets.ts";
import { decode, rejection } from "../../fixtures/transport_contract/observe.ts";

const ORIGIN = "wss://api.invalid";
const BASE_URL = "https://api.invalid";
const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";
const SECRETS = "/api/v1/namespaces/default/secrets";
const WEB = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
const SETTINGS = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };

describe("websocketTransport with a browser's WebSocket, which takes nothing but protocols", () => {
  let server: MemoryApiServer;
  let sockets: MockSockets;

  beforeEach(async () => {
    const users = [
      { name: "alice", token: "alices-token" },
      { name: "admin", groups: ["system:masters"] },
    ];
    server = memoryApiServer({ users, authorization: "rbac" });
    await server.create({ apiVersion: "v1", kind: "ConfigMap", metadata: SETTINGS });
    sockets = mockSockets(server.transport("admin"), { origin: ORIGIN, paths: [CONFIG_MAPS] });
  });
  afterEach(() => sockets.stop());

  const make = (options: Partial<WebSocketTransportOptions> = {}) =>
    websocketTransport({
      base: server.transport("admin"),
      baseUrl: BASE_URL,
      WebSocket: sockets.WebSocket,
      ...options,
    });

  async function firstLine(transport = make()): Promise<string> {
    const { status, body } = await transport.request({
      method: "GET",
      path: `${CONFIG_MAPS}?watch=1`,
      stream: true,
    });
    expect(status).toBe(200);
    return decode((await body[Symbol.asyncIterator]().next()).value);
  }

  for (const cache of [true, false]) {
    it(`carries a DynamicWatcher, its resumption and its 410, and nothing after its stop; cache: ${cache}`, async () => {
      const transport = make();
      const clock = new FakeClock();
      const told: string[] = [];
      const watcher = new DynamicWatcher({
        transport,
        clock,
        cache,
        logger: false,
        reconcile: (_, { causes }) => {
          for (const cause of causes) told.push(cause.type);
        },
      });
      await watcher.start();
      await watcher.addWatcher(WEB, SETTINGS);
      const patch = async (colour: string) => {
        const before = told.length;
        await server.patch(SETTINGS, { data: { colour } });
        const hasTold = async () => {
          await clock.advance(1000);
          return told.length > before;
        };
        await until(hasTold, { what: "a reconcile" });
        return cache ? watcher.getFromCache<{ data: object }>(SETTINGS)?.data : { colour };
      };
      expect(await patch("red")).toEqual({ colour: "red" });
      server.endWatches();
      expect(await patch("blue")).toEqual({ colour: "blue" });
      server.restart();
      expect(await patch("green")).toEqual({ colour: "green" });
      expect(new Set(told)).toEqual(new Set(["INITIAL", "MODIFIED"]));
      await watcher.stop();
      await until(() => sockets.openCount === 0 && server.openWatches === 0, {
        what: "the sockets to close",
      });
      await transport.close();
    });
  }

  it("offers a bearer token and one more protocol, and without a token none", async () => {
    await firstLine(make({ headers: { authorization: "Bearer a?>~b??" } }));
    await firstLine();
    // Both letters that base64url writes otherwise, and no padding.
    expect(sockets.offered).toEqual([["base64url.bearer.authorization.k8s.io.YT8-fmI_Pw", "watch"], []]);
  });

  it("takes base URL and credentials from a base that has them", async () => {
    let asked = 0;
    const credentials = { headers: async () => ({ authorization: `Bearer ${++asked}` }) };
    const base = fetchTransport({ baseUrl: BASE_URL, credentials, fetch: server.fetch });
    await firstLine(websocketTransport({ base, WebSocket: sockets.WebSocket }));
    expect(sockets.offered).toEqual([["base64url.bearer.authorization.k8s.io.MQ", "watch"]]);
  });

  const refused: [name: string, headers: Record<string, string | string[]>][] = [
    ["impersonate-user", { "impersonate-user": "alice" }],
    ["impersonate-group", { "impersonate-group": ["a", "b"] }],
    ["authorization", { authorization: "Basic YTpi" }],
  ];
  for (const [name, headers] of refused) {
    it(`refuses a header that it would not send: ${name}`, async () => {
      const error = await rejection(firstLine(make({ headers })));
      expect(error).toBeInstanceOf(InvalidInputError);
      expect(error).toMatchObject({ field: `headers.${name}` });
      expect(sockets.offered).toEqual([]);
    });
  }

  it("refuses socketOptions that it would not use", async () => {
    const error = await rejection(firstLine(make({ socketOptions: { tls: {} } })));
    expect(error).toBeInstanceOf(TransportError);
    expect(sockets.offered).toEqual([]);
  });

  describe("learns of a refused handshake", () => {
    const request = (path: string, transport = make()) =>
      transport.request({ method: "GET", path, stream: true });
    const asAlice = (token = "alices-token") => {
      const headers = { authorization: `Bearer ${token}` };
      const base = fetchTransport({ baseUrl: BASE_URL, headers, fetch: server.fetch });
      return websocketTransport({ base, WebSocket: sockets.WebSocket });
    };

    it("403", async () => {
      const { status } = await request(`${SECRETS}?watch=1`, asAlice());
      expect(status).toBe(403);
    });

    it("401", async () => {
      const { status } = await request(`${SECRETS}?watch=1`, asAlice("nobodys-token"));
      expect(status).toBe(401);
    });

    it("404", async () => {
      const { status, body } = await request("/apis/example.com/v1/widgets?watch=1");
      expect(status).toBe(404);
      expect(decode((await body[Symbol.asyncIterator]().next()).value)).toContain("404");
    });

    it("400, of the selector that was asked for", async () => {
      const { status } = await request(`${SECRETS}?watch=1&labelSelector=a+in+b`);
      expect(status).toBe(400);
    });

    it("422, where the server takes no streaming list", async () => {
      const old = memoryApiServer({ features: { watchList: false } });
      const path = `${SECRETS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`;
      const { status } = await request(path, make({ base: old.transport() }));
      expect(status).toBe(422);
      expect(old.requests.map((asked) => asked.path)).toEqual([
        `${SECRETS}?limit=1`,
        `${path}&timeoutSeconds=1`,
      ]);
    });

    it("by one plain list", async () => {
      const query = "watch=1&resourceVersion=1&timeoutSeconds=300&fieldSelector=metadata.name%3Da";
      await rejection(request(`${SECRETS}?${query}`));
      expect(server.requests.map(({ path }) => path)).toEqual([
        `${SECRETS}?limit=1&fieldSelector=metadata.name%3Da`,
      ]);
    });

    it("that nothing was refused: then it was the socket that failed", async () => {
      for (const query of ["watch=1", "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan"]) {
        const error = await rejection(request(`${SECRETS}?${query}`));
        expect(error).toBeInstanceOf(TransportError);
        expect(error.message).toContain("Cannot open a WebSocket");
        expect(error.cause).toBeInstanceOf(Error);
      }
      expect(server.openWatches).toBe(0);
    });

    it("that nobody answers", async () => {
      server.down = true;
      const error = await rejection(request(`${SECRETS}?watch=1`));
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toContain("refused");
    });

    it("at addWatcher", async () => {
      const watcher = new DynamicWatcher({ transport: make(), logger: false, reconcile: () => {} });
      await watcher.start();
      const secret = { version: "v1", kind: "Secret", namespace: "default", name: "db" };
      const failed = await rejection(watcher.addWatcher(WEB, secret));
      expect(failed).toBeInstanceOf(TransportError);
      await watcher.stop();
      const clients = new DynamicWatcher({ transport: asAlice(), logger: false, reconcile: () => {} });
      await clients.start();
      const denied = await rejection(clients.addWatcher(WEB, secret));
      expect(denied).toBeInstanceOf(ApiError);
      expect(denied).toMatchObject({ status: 403 });
      await clients.stop();
    });
  });
});
