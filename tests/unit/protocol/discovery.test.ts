import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ApiError,
  NoVersionedResourceError,
  ProtocolError,
  ResourceUnwatchableError,
} from "../../../lib/kubernetes/errors.ts";
import { Discovery, type DiscoveryOptions } from "../../../lib/protocol/discovery.ts";
import type { TransportRequest } from "../../../lib/protocol/transport.ts";
import { DiscoveryServer } from "../../fixtures/discovery_server.ts";
import { type FakeAnswer, FakeApi, held, rejection, statusBody } from "../../fixtures/fake_api.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";

const configMap = { version: "v1", kind: "ConfigMap" };
const deployment = { group: "apps", version: "v1", kind: "Deployment" };
const widget = { group: "example.com", version: "v1", kind: "Widget" };
const widgets = [{ resource: "widgets", kind: "Widget" }];

type Answer = (request: TransportRequest) => FakeAnswer | Promise<FakeAnswer>;

function setUp(options: DiscoveryOptions = {}) {
  const server = new DiscoveryServer({
    v1: [
      { resource: "configmaps", kind: "ConfigMap" },
      { resource: "nodes", kind: "Node", namespaced: false },
      { resource: "bindings", kind: "Binding", verbs: ["create"] },
    ],
    "apps/v1": [{ resource: "deployments", kind: "Deployment" }],
  });
  const clock = new FakeClock();
  const script: { answer: Answer } = { answer: (request) => server.answer(request) };
  const api = new FakeApi((request) => script.answer(request));
  const discovery = new Discovery(api, { clock, ...options });
  return { server, clock, api, discovery, script };
}

for (const aggregated of [true, false]) {
  describe(`Discovery.find, ${aggregated ? "aggregated" : "legacy"}`, () => {
    function setUpForm(options?: DiscoveryOptions) {
      const all = setUp(options);
      all.server.aggregated = aggregated;
      return all;
    }

    it("finds kinds of the core group and of others, with their scope", async () => {
      const { discovery } = setUpForm();
      expect(await discovery.find(deployment)).toEqual({
        ...{ group: "apps", version: "v1", resource: "deployments", namespaced: true, kind: "Deployment" },
        verbs: ["create", "delete", "get", "list", "patch", "update", "watch"],
      });
      const { group, resource, namespaced } = await discovery.find({
        group: "",
        version: "v1",
        kind: "Node",
      });
      expect([group, resource, namespaced]).toEqual(["", "nodes", false]);
      expect((await discovery.find({ group: undefined, ...configMap })).resource).toBe("configmaps");
    });

    it("asks once for what it knows, until its time to live has passed", async () => {
      const { discovery, api, clock } = setUpForm({ ttlMs: 1000 });
      await discovery.find(configMap);
      const asked = api.requests.length;
      await discovery.find(configMap);
      await clock.advance(999);
      await discovery.find(configMap);
      expect(api.requests.length).toBe(asked);
      await clock.advance(1);
      await discovery.find(configMap);
      expect(api.requests.length).toBe(2 * asked);
    });

    // Fault 3 of the original: its expiry was renewed once, and then every find asked.
    it("renews the time to live at each refresh", async () => {
      const { discovery, api, clock } = setUpForm({ ttlMs: 1000 });
      await discovery.find(configMap);
      const asked = api.requests.length;
      for (let round = 2; round < 6; round += 1) {
        await clock.advance(1000);
        for (let again = 0; again < 3; again += 1) await discovery.find(configMap);
        expect(api.requests.length).toBe(round * asked);
      }
    });

    it("rejects with NO_VERSIONED_RESOURCE for what is not served", async () => {
      const { discovery } = setUpForm();
      const missing = [{ ...configMap, kind: "Nothing" }, { ...configMap, version: "v7" }, widget];
      for (const kind of missing) {
        const error = await rejection(discovery.find(kind));
        expect(error).toBeInstanceOf(NoVersionedResourceError);
        expect((error as Error).message).toContain(kind.kind);
      }
    });

    it("asks once for what is missing, and once for what is to be fresh", async () => {
      const { discovery, api } = setUpForm();
      await rejection(discovery.find(widget));
      expect(api.paths).toEqual(aggregated ? ["/apis"] : ["/apis", "/apis/example.com/v1"]);
      await discovery.find(configMap);
      api.requests.length = 0;
      await discovery.find(configMap, { fresh: true });
      expect(api.paths).toEqual(aggregated ? ["/api"] : ["/api", "/api/v1"]);
    });

    it("asks again before it says that a kind is missing", async () => {
      const { discovery, server } = setUpForm();
      await rejection(discovery.find(widget));
      server.served.set("example.com/v1", widgets);
      expect((await discovery.find(widget)).resource).toBe("widgets");
    });

    it("remembers what is missing as long as it is told, and no longer", async () => {
      const { discovery, server, api, clock } = setUpForm({ missingTtlMs: 1000 });
      await rejection(discovery.find(widget));
      const asked = api.requests.length;
      server.served.set("example.com/v1", widgets);
      await clock.advance(999);
      expect(await rejection(discovery.find(widget))).toBeInstanceOf(NoVersionedResourceError);
      expect(api.requests.length).toBe(asked);
      await clock.advance(1);
      expect((await discovery.find(widget)).resource).toBe("widgets");
    });

    it("forgets that a kind was missing when it has found it", async () => {
      const { discovery, server, clock } = setUpForm({ ttlMs: 1000, missingTtlMs: 5000 });
      await rejection(discovery.find(widget));
      server.served.set("example.com/v1", widgets);
      await discovery.find(widget, { fresh: true });
      await clock.advance(1000);
      expect((await discovery.find(widget)).resource).toBe("widgets");
    });

    it("rejects who comes with an aborted signal, whatever it remembers", async () => {
      const { discovery } = setUpForm();
      await discovery.find(configMap);
      const reason = new Error("enough");
      const signal = AbortSignal.abort(reason);
      expect(await rejection(discovery.find(configMap, { signal }))).toBe(reason);
    });

    // Fault 2 of the original: a failure was remembered as "not found".
    for (const failure of [
      { status: 503, text: "service unavailable" },
      { status: 429, text: "Too many" },
    ]) {
      it(`forgets a ${failure.status}`, async () => {
        const { discovery, server, script } = setUpForm({ missingTtlMs: 1000 });
        script.answer = () => failure;
        for (const kind of [configMap, widget]) {
          const error = await rejection(discovery.find(kind));
          expect(error).toBeInstanceOf(ApiError);
          expect((error as ApiError).status).toBe(failure.status);
        }
        script.answer = (request) => server.answer(request);
        expect((await discovery.find(configMap)).resource).toBe("configmaps");
      });
    }

    it("forgets a broken document", async () => {
      const { discovery, server, script } = setUpForm();
      script.answer = (request) => ({ ...server.answer(request), json: { items: 7, resources: 7 } });
      expect(await rejection(discovery.find(configMap))).toBeInstanceOf(ProtocolError);
      script.answer = (request) => server.answer(request);
      expect((await discovery.find(configMap)).resource).toBe("configmaps");
    });

    it("asks the server when it is told to, whatever it remembers", async () => {
      const { discovery, server } = setUpForm({ missingTtlMs: 1000 });
      server.served.set("example.com/v1", widgets);
      await discovery.find(widget);
      server.served.delete("example.com/v1");
      expect((await discovery.find(widget)).resource).toBe("widgets");
      expect(await rejection(discovery.find(widget, { fresh: true }))).toBeInstanceOf(
        NoVersionedResourceError,
      );
      server.served.set("example.com/v1", widgets);
      expect((await discovery.find(widget, { fresh: true })).resource).toBe("widgets");
    });

    it("asks once for all who ask at once", async () => {
      const { discovery, api } = setUpForm();
      await discovery.find(deployment);
      const asked = api.requests.length;
      const other = setUpForm();
      const found = await Promise.all(Array.from({ length: 5 }, () => other.discovery.find(deployment)));
      expect(found.map(({ resource }) => resource)).toEqual(Array(5).fill("deployments"));
      expect(other.api.requests.length).toBe(asked);
      const missing = setUpForm();
      const errors = await Promise.all(
        Array.from({ length: 5 }, () => rejection(missing.discovery.find(widget))),
      );
      expect(errors.every((error) => error instanceof NoVersionedResourceError)).toBe(true);
    });

    it("tells progress", async () => {
      const { discovery } = setUpForm();
      let progress = 0;
      const onProgress = () => {
        progress += 1;
      };
      await discovery.find(configMap, { onProgress });
      expect(progress).toBeGreaterThan(0);
    });

    it("rejects with the reason of an abort, and aborts the request that nobody waits for", async () => {
      const { discovery, api, script } = setUpForm();
      script.answer = () => held<FakeAnswer>().promise;
      const abort = new AbortController();
      const pending = rejection(discovery.find(configMap, { signal: abort.signal }));
      await settle();
      const reason = new Error("enough");
      abort.abort(reason);
      expect(await pending).toBe(reason);
      expect(api.requests[0]?.signal?.aborted).toBe(true);
    });
  });
}

describe("Discovery.find", () => {
  it("asks only for the half of the API that a kind is in", async () => {
    const { discovery, api } = setUp();
    await discovery.find(deployment);
    expect(api.paths).toEqual(["/apis"]);
    await discovery.find(configMap);
    expect(api.paths).toEqual(["/apis", "/api"]);
    expect(api.requests[0]?.headers?.accept).toContain("as=APIGroupDiscoveryList");
  });

  it("asks only for the group and version of a kind where discovery is not aggregated", async () => {
    const { discovery, api, server } = setUp();
    server.aggregated = false;
    server.served.set("example.com/v1", widgets);
    await discovery.find(deployment);
    await discovery.find(widget);
    await discovery.find(configMap);
    expect(api.paths).toEqual(["/apis", "/apis/apps/v1", "/apis/example.com/v1", "/api", "/api/v1"]);
  });

  it("sends the ETag, and renews what it has by a 304", async () => {
    const { discovery, api, clock } = setUp({ ttlMs: 1000 });
    await discovery.find(deployment);
    await clock.advance(1000);
    expect((await discovery.find(deployment)).resource).toBe("deployments");
    await clock.advance(999);
    await discovery.find(deployment);
    const tags = api.requests.map(({ headers }) => headers?.["if-none-match"]);
    expect([tags.length, tags[0], typeof tags[1]]).toEqual([2, undefined, "string"]);
  });

  it("takes an API without a core group", async () => {
    const { discovery, server, script } = setUp();
    script.answer = (request) =>
      request.path.startsWith("/api/") || request.path === "/api"
        ? { status: 404, text: "404 page not found\n" }
        : server.answer(request);
    expect((await discovery.find(deployment)).resource).toBe("deployments");
    expect(await rejection(discovery.find(configMap))).toBeInstanceOf(NoVersionedResourceError);
  });

  it("rejects with the 403 of who may not discover", async () => {
    const { discovery, script } = setUp();
    const message = 'forbidden: User "x" cannot get path "/api"';
    script.answer = () => statusBody(403, { reason: "Forbidden", message });
    const error = await rejection(discovery.find(configMap));
    expect(error).toBeInstanceOf(ApiError);
    expect((error as Error).message).toBe(`Cannot discover /api: ${message} (403)`);
  });

  it("keeps the other groups when the server of one is dead, and calls nothing of that one missing", async () => {
    const { discovery, server } = setUp({ missingTtlMs: 1000 });
    server.stale.add("example.com/v1");
    expect((await discovery.find(deployment)).resource).toBe("deployments");
    const error = await rejection(discovery.find(widget));
    expect(error).toBeInstanceOf(ApiError);
    expect((error as ApiError).status).toBe(503);
    server.stale.delete("example.com/v1");
    server.served.set("example.com/v1", widgets);
    expect((await discovery.find(widget)).resource).toBe("widgets");
  });

  it("asks again when the request that it joined was under way before it", async () => {
    const { discovery, server, api, script } = setUp();
    const before = server.answer({ method: "GET", path: "/apis" });
    const slow = held<FakeAnswer>();
    script.answer = () => slow.promise;
    const first = discovery.find(deployment);
    await settle();
    server.served.set("example.com/v1", widgets);
    const joined = discovery.find(widget);
    server.served.delete("apps/v1");
    const fresh = rejection(discovery.find(deployment, { fresh: true }));
    script.answer = (request) => server.answer(request);
    slow.resolve(before);
    expect((await first).resource).toBe("deployments");
    expect((await joined).resource).toBe("widgets");
    expect(await fresh).toBeInstanceOf(NoVersionedResourceError);
    expect(api.paths).toEqual(["/apis", "/apis"]);
  });

  it("lets a slow core group delay no other", async () => {
    const { discovery, server, script } = setUp();
    const slow = held<FakeAnswer>();
    script.answer = (request) => (request.path === "/api" ? slow.promise : server.answer(request));
    const pending = discovery.find(configMap);
    expect((await discovery.find(deployment)).resource).toBe("deployments");
    slow.resolve(server.answer({ method: "GET", path: "/api" }));
    expect((await pending).resource).toBe("configmaps");
  });

  it("lets one caller go without the others", async () => {
    const { discovery, server, script } = setUp();
    const slow = held<FakeAnswer>();
    script.answer = () => slow.promise;
    const abort = new AbortController();
    const gone = rejection(discovery.find(configMap, { signal: abort.signal }));
    const stays = discovery.find({ ...configMap, kind: "Node" });
    await settle();
    abort.abort(new Error("enough"));
    expect(((await gone) as Error).message).toBe("enough");
    slow.resolve(server.answer({ method: "GET", path: "/api" }));
    expect((await stays).resource).toBe("nodes");
  });
});

describe("Discovery.findWatchable", () => {
  it("gives what can be listed and watched", async () => {
    expect((await setUp().discovery.findWatchable(configMap)).resource).toBe("configmaps");
  });

  it("rejects with the resource that cannot", async () => {
    const error = await rejection(setUp().discovery.findWatchable({ ...configMap, kind: "Binding" }));
    expect(error).toBeInstanceOf(ResourceUnwatchableError);
    const { group, version, resource, namespaced } = error as ResourceUnwatchableError;
    expect([group, version, resource, namespaced]).toEqual(["", "v1", "bindings", true]);
  });
});
