import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { TransportError } from "../../../../lib/kubernetes/errors.ts";
import { countedSignal } from "../../../fixtures/counted_signal.ts";
import { FakeClock, settle } from "../../../fixtures/fake_clock.ts";
import { CONFIG_MAPS, configMap, exchange, JSON_TYPE, world } from "./exchange.ts";
import { OpenWatch } from "./open_watch.ts";

describe("MemoryTransport", () => {
  it("takes a body as bytes, and header names in any case", async () => {
    const { transport } = await world();
    const response = await transport.request({
      ...{ method: "POST", path: CONFIG_MAPS, headers: { "CONTENT-TYPE": [JSON_TYPE] } },
      body: new TextEncoder().encode('{"metadata":{"name":"é"}}'),
    });
    expect(response.status).toBe(422);
    expect(response.headers.get("Content-Type")).toBe("application/json");
    let text = "";
    for await (const chunk of response.body) text += new TextDecoder().decode(chunk);
    expect(JSON.parse(text).details.name).toBe("é");
  });

  it("without a user is, to a server that knows users, whoever its token says, and else nobody", async () => {
    const users = [{ name: "alice", token: "secret" }];
    const { server, transport } = await world({ users, authorization: "rbac" });
    const told = async (token: string) => {
      const headers: Record<string, string> = token === "" ? {} : { authorization: `Bearer ${token}` };
      const { json } = await exchange(transport, `GET ${CONFIG_MAPS}`, { headers });
      return json.message;
    };
    const refused = (user: string) =>
      `configmaps is forbidden: User "${user}" cannot list resource "configmaps" in API group "" in the namespace "t"`;
    expect(await told("")).toBe(refused("system:anonymous"));
    expect(await told("secret")).toBe(refused("alice"));
    expect(await told("wrong")).toBe("Unauthorized");
    const { json } = await exchange(server.transport("alice"), `GET ${CONFIG_MAPS}`);
    expect(json.message).toBe(refused("alice"));
    expect(server.requests.map(({ user }) => user)).toEqual([
      "system:anonymous",
      "alice",
      undefined,
      "alice",
    ]);
  });

  it("without a user may do everything where no users are given, and by groups where they are", async () => {
    const { transport } = await world({ authorization: "rbac" });
    expect((await exchange(transport, `GET ${CONFIG_MAPS}`)).status).toBe(200);
    const users = [{ name: "admin", groups: ["system:masters"] }];
    const { server } = await world({ users, authorization: "rbac" });
    expect((await exchange(server.transport("admin"), `GET ${CONFIG_MAPS}`)).status).toBe(200);
  });

  it("rejects with the reason of a signal that has aborted, and asks nothing", async () => {
    const { transport, server } = await world();
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    await expect(transport.request({ method: "GET", path: CONFIG_MAPS, signal })).rejects.toBe(reason);
    expect(server.requests).toEqual([]);
  });

  it("rejects a request that waits, and a watch that opens, when the signal aborts", async () => {
    const clock = new FakeClock();
    const { transport, server } = await world({ clock });
    for (const query of ["resourceVersion=99", "watch=1"]) {
      const reason = new Error("enough");
      const counted = countedSignal();
      const { signal } = counted;
      const request = transport.request({ method: "GET", path: `${CONFIG_MAPS}?${query}`, signal });
      counted.abort(reason);
      await expect(request).rejects.toBe(reason);
      expect([counted.listeners, clock.pending, server.openWatches]).toEqual([0, 0, 0]);
    }
  });

  it("rejects a body that is not yet read when the signal aborts", async () => {
    const { transport, server } = await world();
    await server.create(configMap("a"));
    for (const query of ["", "?watch=1"]) {
      const controller = new AbortController();
      const { signal } = controller;
      const { body } = await transport.request({ method: "GET", path: `${CONFIG_MAPS}${query}`, signal });
      const reason = new Error("enough");
      controller.abort(reason);
      await expect(body[Symbol.asyncIterator]().next()).rejects.toBe(reason);
    }
    expect(server.openWatches).toBe(0);
  });

  it("frees a watch whose reader leaves, and the caller's signal with it", async () => {
    const { transport, server } = await world();
    await server.create(configMap("a"));
    const counted = countedSignal();
    const { signal } = counted;
    const { body } = await transport.request({ method: "GET", path: `${CONFIG_MAPS}?watch=1`, signal });
    await settle();
    expect([server.openWatches, counted.listeners]).toEqual([1, 1]);
    for await (const _ of body) break;
    expect([server.openWatches, counted.listeners]).toEqual([0, 0]);
  });

  it("leaves nothing on the signal of a plain request", async () => {
    const { transport } = await world();
    const counted = countedSignal();
    for (const path of [CONFIG_MAPS, "/nowhere"]) {
      await exchange(transport, `GET ${path}`, { signal: counted.signal });
    }
    expect(counted.listeners).toBe(0);
  });

  it("breaks its own connections when it is closed, and takes no more requests", async () => {
    const { transport, server } = await world();
    const mine = await OpenWatch.open(transport, `${CONFIG_MAPS}?watch=1`);
    const other = await OpenWatch.open(server.transport(), `${CONFIG_MAPS}?watch=1`);
    await transport.close();
    await settle();
    expect(mine.end?.error).toBeInstanceOf(TransportError);
    expect(other.end).toBeUndefined();
    await expect(transport.request({ method: "GET", path: CONFIG_MAPS })).rejects.toBeInstanceOf(
      TransportError,
    );
    other.abort();
  });
});
