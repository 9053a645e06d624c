import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { TransportError } from "../../../lib/kubernetes/errors.ts";

import { type Fault, type FaultRequest, faults, withFaults } from "../../../transports/faults.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { undiciTransport } from "../../../transports/undici.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";
import { readAll, rejection } from "../../fixtures/transport_contract/observe.ts";
import { describeTransportContract } from "../../fixtures/transport_contract.ts";
import { Reading } from "./faults_reading.ts";

describeTransportContract("withFaults", (options) => withFaults(undiciTransport(options), {}), {
  verbatim: true,
});

const CONFIG_MAPS = "/api/v1/namespaces/default/configmaps";

let clock: FakeClock;
let server: ScriptedTransport;

beforeEach(() => {
  clock = new FakeClock();
  server = new ScriptedTransport();
});

describe("withFaults: the plan", () => {
  const core = { group: "", version: "v1", resource: "configmaps", namespace: "default" };
  const requests: [method: string, path: string, about: Partial<FaultRequest>][] = [
    ["GET", CONFIG_MAPS, { verb: "list", ...core, name: "" }],
    ["GET", `${CONFIG_MAPS}?watch=1`, { verb: "watch", ...core }],
    ["GET", `${CONFIG_MAPS}?watch=0&fieldSelector=metadata.name%3Da`, { verb: "list", ...core, name: "a" }],
    ["GET", `${CONFIG_MAPS}/a`, { verb: "get", ...core, name: "a" }],
    ["POST", CONFIG_MAPS, { verb: "create", ...core }],
    ["PUT", `${CONFIG_MAPS}/a`, { verb: "update", ...core, name: "a" }],
    [
      "PATCH",
      "/apis/apps/v1/namespaces/t/deployments/a%2Fb/status",
      { verb: "patch", group: "apps", resource: "deployments", name: "a/b", subresource: "status" },
    ],
    ["DELETE", "/api/v1/nodes/a", { verb: "delete", resource: "nodes", namespace: "", name: "a" }],
    ["DELETE", CONFIG_MAPS, { verb: "deletecollection", ...core }],
    ["GET", "/api", { verb: "discovery", group: "", version: "", resource: "" }],
    ["GET", "/api/v1", { verb: "discovery", group: "", version: "v1" }],
    ["GET", "/apis/apps/v1", { verb: "discovery", group: "apps", version: "v1", path: "/apis/apps/v1" }],
    ["GET", "/version?timeout=32s", { verb: "other", path: "/version" }],
    ["GET", "/api/v1/pods/%zz?a=b?c", { verb: "other", path: "/api/v1/pods/%zz", resource: "" }],
  ];
  for (const [method, path, about] of requests) {
    it(`is asked about ${method} ${path}`, async () => {
      const seen: FaultRequest[] = [];
      const hook = (request: FaultRequest) => {
        seen.push(request);
        return faults.status(418);
      };
      const transport = withFaults(server, { [about.verb ?? ""]: hook });
      expect((await transport.request({ method, path })).status).toBe(418);
      expect(seen).toHaveLength(1);
      expect(seen[0]).toMatchObject({ method, nth: 0, ...about });
      expect(seen[0]?.query.toString()).toBe(new URLSearchParams(path.split(/\?(.*)/)[1]).toString());
    });
  }

  it("counts the requests of each verb", async () => {
    const seen: string[] = [];
    const any = ({ verb, nth }: FaultRequest) => {
      seen.push(`${verb} ${nth}`);
      return faults.status(418);
    };
    const transport = withFaults(server, { any });
    for (const path of ["/api", CONFIG_MAPS, "/apis", "/api/v1/pods"]) {
      await transport.request({ method: "GET", path });
    }
    expect(seen).toEqual(["discovery 0", "list 0", "discovery 1", "list 1"]);
  });

  it("asks `any` about what the hook of the verb lets pass", async () => {
    const transport = withFaults(server, {
      list: ({ resource }) => (resource === "pods" ? faults.status(1) : undefined),
      get: undefined,
      any: () => faults.status(2),
    });
    const paths = ["/api/v1/pods", "/api/v1/nodes", "/api/v1/nodes/a"];
    const answers = await Promise.all(paths.map((path) => transport.request({ method: "GET", path })));
    expect(answers.map(({ status }) => status)).toEqual([1, 2, 2]);
  });

  it("is not asked about a request that was aborted before", async () => {
    const asked: unknown[] = [];
    const transport = withFaults(server, { any: (request) => void asked.push(request) });
    const request = { method: "GET", path: "/api", signal: AbortSignal.abort("before") };
    expect(await rejection(transport.request(request))).toBe("before");
    expect(asked).toEqual([]);
  });

  it("that throws rejects the request", async () => {
    const error = new Error("mine");
    const any = () => {
      throw error;
    };
    expect(await rejection(withFaults(server, { any }).request({ method: "GET", path: "/api" }))).toBe(error);
  });

  it("that has nothing to say changes neither request nor answer", async () => {
    const transport = withFaults(server, {});
    const request = { method: "POST", path: CONFIG_MAPS, body: "{}", headers: { "x-a": ["1", "2"] } };
    const answer = transport.request(request);
    const call = server.last(1);
    expect(call.request).toBe(request);
    call.answer(201, {});
    expect(await answer).toBe(await call.response);
  });

  it("has no part in the limits", () => {
    const limited = Object.assign(new ScriptedTransport(), { limits: { streams: 3 } });
    expect(withFaults(limited, {}).limits).toEqual({ streams: 3 });
    expect("limits" in withFaults(server, {})).toBe(false);
  });
});

describe("withFaults: an answer that does not come", () => {
  const request = { method: "GET", path: `${CONFIG_MAPS}?limit=5` };

  it("refused is a TransportError, and no server is asked", async () => {
    const error = await rejection(withFaults(server, { list: () => faults.refused() }).request(request));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe(`Cannot GET ${CONFIG_MAPS}: no answer came (ECONNREFUSED)`);
    expect(error.cause).toMatchObject({ code: "ECONNREFUSED", message: "connect ECONNREFUSED" });
    expect(server.calls).toEqual([]);
  });

  it("answerLost is one after the server did what it was asked", async () => {
    const memory = memoryApiServer();
    const transport = withFaults(memory.transport(), { create: () => faults.answerLost() });
    const body = JSON.stringify({ metadata: { name: "a" } });
    const error = await rejection(transport.request({ method: "POST", path: CONFIG_MAPS, body }));
    expect(error).toBeInstanceOf(TransportError);
    expect(error.message).toBe(`Cannot POST ${CONFIG_MAPS}: no answer came (ECONNRESET)`);
    expect((await transport.request({ method: "GET", path: `${CONFIG_MAPS}/a` })).status).toBe(200);
  });

  it("answerLost of a stream leaves none open", async () => {
    const memory = memoryApiServer();
    const transport = withFaults(memory.transport(), { watch: () => faults.answerLost() });
    const watch = { method: "GET", path: `${CONFIG_MAPS}?watch=1`, stream: true };
    expect(await rejection(transport.request(watch))).toBeInstanceOf(TransportError);
    expect(memory.openWatches).toBe(0);
  });

  it("unanswered never settles", async () => {
    const stream = await Reading.open(withFaults(server, { any: () => faults.unanswered() }, { clock }));
    await clock.advance(10_000_000);
    expect(stream.end).toBe("open");
    expect(server.calls).toEqual([]);
  });

  it("slow goes on after its time, as it is or with another fault", async () => {
    const all = [faults.slow(1000), faults.slow(1000, faults.slow(500, faults.refused()))];
    const transport = withFaults(server, { any: ({ nth }) => all[nth] }, { clock });
    const stream = await Reading.open(transport);
    const refused = await Reading.open(transport);
    await clock.advance(999);
    expect(server.calls).toEqual([]);
    await clock.advance(1);
    server.last(1).open().send("a");
    await clock.advance(499);
    expect([stream.text, refused.end]).toEqual(["a", "open"]);
    await clock.advance(1);
    expect(refused.end).toMatchObject({ error: { code: "TRANSPORT_ERROR" } });
    expect(clock.pending).toBe(0);
  });
});

describe("withFaults: an answer of somebody else", () => {
  it("status is any answer, with its headers in any case", async () => {
    const fault = faults.status(302, { headers: { Location: "/login" }, body: "moved" });
    const transport = withFaults(server, { any: () => fault });
    const { status, headers, body } = await transport.request({ method: "GET", path: "/api" });
    expect([status, headers.get("LOCATION"), headers.get("content-type")]).toEqual([
      302,
      "/login",
      "text/plain",
    ]);
    expect(headers.get("constructor")).toBe(null);
    expect(await readAll(body)).toBe("moved");
    expect(server.calls).toEqual([]);
  });

  it("answeredBy is another server's", async () => {
    const backup = memoryApiServer();
    await backup.create({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "old", namespace: "default" },
    });
    const transport = withFaults(memoryApiServer().transport(), {
      list: () => faults.answeredBy(backup.transport()),
    });
    const { body } = await transport.request({ method: "GET", path: CONFIG_MAPS });
    expect(await readAll(body)).toContain('"name":"old"');
  });
});

const HELD: [what: string, fault: Fault, sent?: string][] = [
  ["unanswered", faults.unanswered()],
  ["slow", faults.slow(1000)],
  ["slow, then unanswered", faults.slow(0, faults.unanswered())],
  ["an answer that is not read", faults.answer("starting")],
  ["answeredBy", faults.answeredBy(memoryApiServer().transport())],
  ["bytewise", faults.bytewise({ delayMs: 1000 }), "ab"],
  ["silence", faults.silence({ afterBytes: 1 }), "ab"],
  ["a cut that is not reached", faults.cut({ afterFrames: 5 }), "a"],
  ["garbage", faults.garbage(), "a"],
  ["a frame to change", faults.unknownType(), "ab"],
  ["replay", faults.replay(), "a"],
];

describe("withFaults: abort", () => {
  for (const [what, fault, sent] of HELD) {
    it(`in ${what} rejects with the reason, and leaves no timer and no listener`, async () => {
      server.onCall = (call) => sent !== undefined && call.open().send(sent);
      const transport = withFaults(server, { any: () => fault }, { clock });
      const { signal, abort, ...counted } = countedSignal();
      const isRead = !what.includes("not read");
      const answer = transport.request({
        method: "GET",
        path: `${CONFIG_MAPS}?watch=1`,
        stream: true,
        signal,
      });
      const read = isRead ? rejection(answer.then(({ body }) => readAll(body))) : answer;
      await clock.advance(500);
      const reason = { mine: true };
      abort(reason);
      const end = isRead ? await read : await rejection(answer.then(({ body }) => readAll(body)));
      expect(end).toBe(reason);
      expect(clock.pending).toBe(0);
      expect(counted.listeners).toBe(0);
      for (const call of server.calls) expect(call.aborted).toBe(true);
    });
  }
});

describe("withFaults: close", () => {
  for (const [what, fault, sent] of HELD) {
    it(`ends ${what} with a TransportError, and leaves no timer`, async () => {
      server.onCall = (call) => sent !== undefined && call.open().send(sent);
      const transport = withFaults(server, { any: () => fault }, { clock });
      const answer = transport.request({ method: "GET", path: `${CONFIG_MAPS}?watch=1`, stream: true });
      const end = what.includes("not read")
        ? answer.then(async ({ body }) => {
            await transport.close();
            return rejection(readAll(body));
          })
        : rejection(answer.then(({ body }) => readAll(body)));
      await clock.advance(500);
      await transport.close();
      const error = await end;
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toBe(`Cannot GET ${CONFIG_MAPS}: the transport is closed`);
      expect(clock.pending).toBe(0);
    });
  }

  it("closes the transport that is wrapped, which then answers for itself", async () => {
    const closed: string[] = [];
    const inner = {
      request: () => Promise.reject(new Error("closed, says the wrapped one")),
      close: async () => void closed.push("wrapped"),
    };
    const transport = withFaults(inner, { any: () => faults.refused() });
    await transport.close();
    expect(closed).toEqual(["wrapped"]);
    const error = await rejection(transport.request({ method: "GET", path: "/api" }));
    expect(error.message).toBe("closed, says the wrapped one");
  });
});
