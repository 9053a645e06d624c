import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { TransportError } from "../../../../lib/kubernetes/errors.ts";
import { fetchTransport } from "../../../../transports/fetch.ts";
import { countedSignal } from "../../../fixtures/counted_signal.ts";
import { FakeClock, settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, exchange, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

const ORIGIN = "https://anything.invalid";
const url = (path: string) => `${ORIGIN}${path}`;
const json = { "content-type": "application/json" };

describe("MemoryApiServer.fetch", () => {
  it("answers a Request, whatever its host", async () => {
    const { server } = await world();
    const body = JSON.stringify({ metadata: { name: "é" } });
    const refused = await server.fetch(
      new Request(url(`${CONFIG_MAPS}?fieldManager=me`), { method: "POST", headers: json, body }),
    );
    expect(refused.status).toBe(422);
    expect((await refused.json()).details.name).toBe("é");
    const made = await server.fetch(url(CONFIG_MAPS), {
      method: "POST",
      headers: json,
      body: body.replace("é", "a"),
    });
    expect([made.status, made.headers.get("content-type")]).toEqual([201, "application/json"]);
    const got = await server.fetch(new URL(url(`${CONFIG_MAPS}/a`)));
    const text = await got.text();
    expect(got.headers.get("content-length")).toBe(String(text.length));
    expect(JSON.parse(text).metadata.name).toBe("a");
  });

  it("has no body where HTTP has none", async () => {
    const { server } = await world();
    const head = await server.fetch(url("/healthz"), { method: "HEAD" });
    expect([head.status, head.headers.get("content-length"), head.body]).toEqual([200, "2", null]);
    const accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
    const first = await server.fetch(url("/apis"), { headers: { accept } });
    const etag = first.headers.get("etag") ?? "";
    const again = await server.fetch(url("/apis"), { headers: { accept, "if-none-match": etag } });
    expect([again.status, again.body]).toEqual([304, null]);
  });

  it("is what fetchTransport can use", async () => {
    const { server } = await world();
    const transport = fetchTransport({ baseUrl: ORIGIN, fetch: server.fetch });
    const { json } = await exchange(transport, `POST ${CONFIG_MAPS}`, { body: { metadata: { name: "a" } } });
    expect(json.metadata.name).toBe("a");
    const { body } = await transport.request({ method: "GET", path: `${CONFIG_MAPS}?watch=1`, stream: true });
    const chunks = body[Symbol.asyncIterator]();
    const { value } = await chunks.next();
    expect(new TextDecoder().decode(value)).toContain('{"type":"ADDED"');
    expect(server.openWatches).toBe(1);
    await transport.close();
    await settle();
    expect(server.openWatches).toBe(0);
  });

  it("streams a watch frame by frame", async () => {
    const { server } = await world();
    const { body } = await server.fetch(url(`${CONFIG_MAPS}?watch=1&resourceVersion=5`));
    const reader = body!.getReader();
    for (const name of ["a", "b"]) await server.create(configMap(name));
    for (const name of ["a", "b"]) {
      const { value } = await reader.read();
      expect(new TextDecoder().decode(value)).toContain(`"name":"${name}"`);
    }
    const next = reader.read();
    server.endWatches();
    expect(await next).toEqual({ done: true, value: undefined });
  });

  it("frees a watch whose reader leaves", async () => {
    const { server } = await world();
    const { body } = await server.fetch(url(`${CONFIG_MAPS}?watch=1`));
    expect(server.openWatches).toBe(1);
    await body!.cancel();
    expect(server.openWatches).toBe(0);
  });

  for (const way of ["a Request's", "the init's"]) {
    it(`frees a watch, and rejects its body, when ${way} signal aborts`, async () => {
      const { server } = await world();
      const { signal, abort } = new (class {
        readonly #controller = new AbortController();
        readonly signal = this.#controller.signal;
        readonly abort = (reason: unknown) => this.#controller.abort(reason);
      })();
      const path = url(`${CONFIG_MAPS}?watch=1`);
      const { body } =
        way === "the init's"
          ? await server.fetch(path, { signal })
          : await server.fetch(new Request(path, { signal }));
      const reading = body!.getReader().read();
      const reason = new Error("enough");
      abort(reason);
      await expect(reading).rejects.toBe(reason);
      expect(server.openWatches).toBe(0);
    });
  }

  it("leaves nothing on the signal of a request that is answered", async () => {
    const { server } = await world();
    const counted = countedSignal();
    const answer = await server.fetch(url(CONFIG_MAPS), { signal: counted.signal });
    await answer.text();
    expect(counted.listeners).toBe(0);
  });

  it("rejects while the server is down, and when it breaks its connections", async () => {
    const clock = new FakeClock();
    const { server } = await world({ clock });
    const { body } = await server.fetch(url(`${CONFIG_MAPS}?watch=1`));
    const waiting = server.fetch(url(`${CONFIG_MAPS}?resourceVersion=99`));
    const reading = body!.getReader().read();
    await settle();
    server.dropConnections();
    await expect(waiting).rejects.toBeInstanceOf(TransportError);
    await expect(reading).rejects.toBeInstanceOf(TransportError);
    server.down = true;
    await expect(server.fetch(url("/version"))).rejects.toBeInstanceOf(TransportError);
    expect(clock.pending).toBe(0);
  });

  it("knows users by their tokens", async () => {
    const { server } = await world({ users: [{ name: "alice", token: "secret" }], authorize: () => false });
    const statusAs = async (authorization?: string) => {
      const headers: Record<string, string> = authorization === undefined ? {} : { authorization };
      return (await server.fetch(url("/api"), { headers })).status;
    };
    expect(await statusAs("Bearer secret")).toBe(200);
    expect(await statusAs("Bearer wrong")).toBe(401);
    expect(await statusAs()).toBe(403);
    const refused = await server.fetch(url(CONFIG_MAPS), { headers: { authorization: "bearer secret" } });
    expect((await refused.json()).message).toContain('User "alice" cannot list');
    expect(server.requests.map(({ user }) => user)).toEqual([
      "alice",
      undefined,
      "system:anonymous",
      "alice",
    ]);
  });

  it("takes everybody for the superuser where no users are given", async () => {
    const { server } = await world({ authorize: () => false });
    const headers = { authorization: "Bearer anything" };
    expect((await server.fetch(url(CONFIG_MAPS), { headers })).status).toBe(200);
    expect((await server.fetch(url(CONFIG_MAPS))).status).toBe(200);
    const watch = await OpenWatch.open(server.transport("alice"), "/api/v1/pods?watch=1").catch(
      (error) => error,
    );
    expect(watch.message).toContain("403");
  });
});
