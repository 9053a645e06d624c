import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, type DependencyWatchError, TimeoutError } from "../../../lib/kubernetes/errors.ts";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMap, deployment, namespace, secret, standing, startedWorld, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");

describe("two adds of one identifier", () => {
  for (const held of ["secrets", "discovery"]) {
    it(`share one request for ${held}, which goes on when the first caller goes away`, async () => {
      const { dynamicWatcher, api } = await startedWorld();
      api.held.add(held);
      const controller = new AbortController();
      const first = dynamicWatcher.addWatcher(web, db, { signal: controller.signal });
      const second = dynamicWatcher.addWatcher(watcher("other"), db);
      await settle();
      expect(api.asked(held)).toHaveLength(1);

      const reason = new Error("enough");
      controller.abort(reason);
      expect(await standing(first)).toBe(reason);
      expect(await standing(second)).toBe("pending");
      expect(api.asked(held)[0]?.aborted).toBe(false);
      api.release(held);
      expect(await standing(second)).toBe("resolved");
      expect(api.asked(held)).toHaveLength(1);
      expect([dynamicWatcher.watchCount, api.openCount]).toEqual([1, 1]);
    });
  }

  it("end the stream when both callers go away", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld();
    api.held.add("secrets");
    const controllers = [new AbortController(), new AbortController()];
    const calls = controllers.map(({ signal }, index) =>
      dynamicWatcher.addWatcher(watcher(`w${index}`), db, { signal }),
    );
    await settle();
    for (const [index, controller] of controllers.entries()) controller.abort(index);
    expect(await Promise.all(calls.map(standing))).toEqual([0, 1]);
    expect(api.stream(db).aborted).toBe(true);
    expect(clock.pending).toBe(0);
  });

  it("are both told when the start fails, and a third one starts anew", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    const calls = ["a", "b"].map((name) => dynamicWatcher.addWatcher(watcher(name), db));
    await settle();
    api.stream(db).refuse(403);
    for (const call of calls) expect(await standing(call)).toMatchObject({ status: 403, watched: db });
    api.held.clear();
    await dynamicWatcher.addWatcher(web, db);
    expect(dynamicWatcher.streamCount).toBe(1);
  });
});

describe("an add that fails", () => {
  it("says of a shared failure of discovery what it itself was about", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("discovery");
    const watched = [secret("a"), secret("b"), configMap("c")];
    const calls = watched.map((id) => dynamicWatcher.addWatcher(web, id));
    await settle();
    api.asked("discovery")[0]?.refuse(503);
    const errors = (await Promise.all(calls.map(standing))) as DependencyWatchError[];
    expect(errors.map((error) => error.watched)).toEqual(watched);
    for (const error of errors) {
      expect(error).toBeInstanceOf(ApiError);
      expect(error).toMatchObject({ code: "API_ERROR", status: 503 });
      expect(error.message).toContain("discover /api");
    }
  });

  it("leaves the reason of the caller as it is", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    api.held.add("secrets");
    const controller = new AbortController();
    const added = dynamicWatcher.addWatcher(web, db, { signal: controller.signal });
    await settle();
    const reason = new TimeoutError("mine", 1);
    controller.abort(reason);
    expect(await standing(added)).toBe(reason);
    expect(reason.watched).toBeUndefined();
  });

  for (const status of [401, 403]) {
    it(`with ${status} names the permissions that are missing, and for what`, async () => {
      const world = await startedWorld();
      const { dynamicWatcher, api } = world;
      api.held.add("secrets");
      const added = dynamicWatcher.addOrUpdateWatcher(web, [configMap("settings"), db]);
      await settle();
      api.stream(db).refuse(status);
      const error = (await standing(added)) as ApiError;
      expect(error).toMatchObject({ code: "API_ERROR", status, watched: db });
      expect(error.message).toContain("list and watch permissions are needed");
      expect(world.counts).toEqual({ watched: 0, streams: 0 });
    });
  }

  const failures: [string, (call: { refuse(code: number): void; break(): void }) => void, object][] = [
    ["an error of the server", (call) => call.refuse(500), { code: "API_ERROR", status: 500 }],
    ["an unavailable server", (call) => call.refuse(503), { code: "API_ERROR", status: 503 }],
    ["a connection that breaks", (call) => call.break(), { code: "TRANSPORT_ERROR" }],
  ];
  for (const [what, fail, error] of failures) {
    it(`by ${what} leaves nothing behind and what was`, async () => {
      const world = await startedWorld();
      const { dynamicWatcher, api, clock } = world;
      await dynamicWatcher.addWatcher(web, configMap("settings"));
      const timers = clock.pending;
      api.held.add("secrets");
      const added = dynamicWatcher.addOrUpdateWatcher(web, [deployment("d"), db]);
      await settle();
      fail(api.stream(db));
      expect(await standing(added)).toMatchObject({ ...error, watched: db });
      expect(world.counts).toEqual({ watched: 1, streams: 1 });
      expect([api.openCount, clock.pending]).toEqual([1, timers]);
      api.put(configMap("settings"));
      expect(await world.causes()).toEqual(["web: ADDED ConfigMap/settings"]);
    });
  }

  const retried: [string, number, Record<string, unknown>][] = [
    ["an expired version", 410, {}],
    ["a version that is too large", 504, { details: { causes: [{ reason: "ResourceVersionTooLarge" }] } }],
    ["too many requests", 429, {}],
  ];
  for (const [what, code, fields] of retried) {
    it(`does not fail by ${what}`, async () => {
      const { dynamicWatcher, api, clock } = await startedWorld();
      api.held.add("secrets");
      const added = dynamicWatcher.addWatcher(web, db);
      await settle();
      api.stream(db).answer(code, { kind: "Status", status: "Failure", code, ...fields });
      expect(await standing(added)).toBe("pending");
      api.held.clear();
      await clock.advance(5_000);
      expect(await standing(added)).toBe("resolved");
    });
  }
});

describe("an add whose server is silent", () => {
  for (const held of ["discovery", "secrets"]) {
    it(`fails after startTimeoutMs, also in ${held}`, async () => {
      const { dynamicWatcher, api, clock } = await startedWorld({ startTimeoutMs: 2_000 });
      api.held.add(held);
      const added = dynamicWatcher.addWatcher(web, db);
      await clock.advance(1_999);
      expect(await standing(added)).toBe("pending");
      await clock.advance(1);
      const error = (await standing(added)) as TimeoutError;
      expect(error).toMatchObject({ code: "TIMEOUT", afterMs: 2_000, watched: db });
      expect(error.cause).toBeUndefined();
      expect([clock.pending, api.openCount, dynamicWatcher.watchCount]).toEqual([0, 0, 0]);
    });
  }

  it("goes on as long as chunks come, of discovery and of the list", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld({ startTimeoutMs: 2_000 });
    api.held.add("discovery").add("secrets");
    const added = dynamicWatcher.addWatcher(web, db);
    await clock.advance(1_500);
    const { headers = {}, json } = api.discovery.answer(api.calls[0]!.request);
    api.calls[0]?.open(200, { ...headers });
    const text = JSON.stringify(json);
    for (const piece of [text.slice(0, 10), text.slice(10)]) {
      api.calls[0]?.send(piece);
      await clock.advance(1_500);
    }
    api.calls[0]?.end();
    await settle();
    const stream = api.stream(db).open();
    for (let round = 0; round < 3; round++) {
      await clock.advance(1_500);
      stream.send("\n");
    }
    await clock.advance(1_500);
    expect(await standing(added)).toBe("pending");
    stream.begin();
    expect(await standing(added)).toBe("resolved");
    expect(clock.pending).toBe(1);
  });

  it("counts refusals as silence, and names the last one as the cause", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld({ startTimeoutMs: 30_000 });
    api.held.add("secrets");
    const added = dynamicWatcher.addWatcher(web, db);
    for (let second = 0; second < 29; second++) {
      const call = api.asked(db).at(-1);
      if (call && !call.isOpen && !call.aborted) {
        call.isOpen = true;
        call.refuse(429, { "retry-after": "1" });
      }
      await clock.advance(1_000);
    }
    expect(api.asked(db).length).toBeGreaterThan(2);
    expect(await standing(added)).toBe("pending");
    await clock.advance(1_000);
    const error = (await standing(added)) as TimeoutError;
    expect(error).toMatchObject({ code: "TIMEOUT", afterMs: 30_000 });
    expect(error.cause).toMatchObject({ code: "API_ERROR", status: 429 });
    expect(clock.pending).toBe(0);
  });
});

describe("an identifier that has been live", () => {
  it("is joined at once, also while its stream tries again", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    api.put(db);
    await dynamicWatcher.addWatcher(web, db);
    api.held.add("secrets").add("discovery");
    api.stream(db).break();
    await world.clock.advance(60_000);
    expect(dynamicWatcher.streamCount).toBe(0);

    const joined = dynamicWatcher.addOrUpdateWatcher(watcher("late"), [db]);
    expect(await standing(joined)).toBe("resolved");
    expect(dynamicWatcher.watchCount).toBe(1);
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db", "late: INITIAL Secret/db"]);
  });

  it("is left alone by who depends on it already", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    api.put(db);
    for (let round = 0; round < 3; round++) {
      await dynamicWatcher.addWatcher(web, db);
      await dynamicWatcher.addOrUpdateWatcher(web, [db, { ...db, group: "" }, db]);
    }
    expect(api.asked(db)).toHaveLength(1);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    expect(await world.causes()).toEqual(["web: INITIAL Secret/db"]);
    await dynamicWatcher.removeWatcher(web);
    expect(world.counts).toEqual({ watched: 0, streams: 0 });
  });
});

describe("a commit", () => {
  const [a, b, c] = [secret("a"), secret("b"), secret("c")];

  const orders: [ObjectIdentifier[], string][] = [
    [[a, b], "the first call's"],
    [[b, a], "the second call's"],
  ];
  for (const [order, whose] of orders) {
    it(`of two updates at once gives the second one's set, when ${whose} stream is the first to start`, async () => {
      const world = await startedWorld();
      const { dynamicWatcher, api } = world;
      await dynamicWatcher.addWatcher(web, c);
      api.held.add("secrets");
      const calls = [a, b].map((id) => dynamicWatcher.addOrUpdateWatcher(web, [id]));
      await settle();
      for (const id of order) {
        api.answer(api.stream(id));
        await settle();
      }
      expect(await Promise.all(calls.map(standing))).toEqual(["resolved", "resolved"]);
      expect(world.counts).toEqual({ watched: 1, streams: 1 });
      for (const id of [a, b, c]) api.put(id);
      expect(await world.causes()).toEqual(["web: ADDED Secret/b"]);
    });
  }

  it("waits for no other call", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    api.held.add("secrets");
    const slow = dynamicWatcher.addWatcher(web, a);
    await dynamicWatcher.addOrUpdateWatcher(web, [configMap("settings")]);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    api.release("secrets");
    // The update came later and did not ask for it.
    expect(await standing(slow)).toBe("resolved");
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });

  it("changes nothing when one of its identifiers is blocked before the others have started", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api, clock } = world;
    await dynamicWatcher.addWatcher(web, c);
    api.held.add("secrets");
    const update = dynamicWatcher.addOrUpdateWatcher(web, [configMap("settings"), a]);
    await settle();
    api.held.add("configmaps");
    api.stream(configMap("settings")).send({ type: "ERROR", object: { kind: "Status", code: 403 } });
    await clock.advance(1_000);
    api.stream(configMap("settings")).refuse(403);
    await settle();
    api.answer(api.stream(a));
    expect(await standing(update)).toMatchObject({ status: 403, watched: configMap("settings") });
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
    expect(await world.causes()).toEqual([]);
  });

  it("cannot be given up once it has been made", async () => {
    const controller = new AbortController();
    const world = await startedWorld({ reconcile: () => controller.abort(new Error("too late")) });
    world.api.put(db);
    const added = world.dynamicWatcher.addWatcher(web, db, { signal: controller.signal });
    expect(await standing(added)).toBe("resolved");
    expect(controller.signal.aborted).toBe(true);
    expect(world.counts).toEqual({ watched: 1, streams: 1 });
  });
});

describe("a slow answer", () => {
  it("to the list of one kind delays neither events nor adds nor removals of others", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    await dynamicWatcher.addWatcher(web, configMap("one"));
    api.held.add("secrets");
    const slow = dynamicWatcher.addOrUpdateWatcher(web, [db, configMap("one")]);
    await settle();
    api.put(configMap("one"));
    expect(await world.causes()).toEqual(["web: ADDED ConfigMap/one"]);
    await dynamicWatcher.addWatcher(web, configMap("two"));
    await dynamicWatcher.addWatcher(watcher("other"), configMap("two"));
    await dynamicWatcher.removeWatcher(watcher("other"));
    expect(await standing(slow)).toBe("pending");
  });

  it("of discovery for one kind delays nothing of a kind that is known", async () => {
    const world = await startedWorld();
    const { dynamicWatcher, api } = world;
    await dynamicWatcher.addWatcher(web, db);
    api.held.add("discovery");
    const slow = dynamicWatcher.addWatcher(web, deployment("web"));
    await settle();
    await dynamicWatcher.addWatcher(watcher("other"), secret("own"));
    api.put(db);
    expect(await world.causes()).toEqual(["web: ADDED Secret/db"]);
    await dynamicWatcher.removeWatcher(watcher("other"));
    expect(await standing(slow)).toBe("pending");
  });
});

describe("the scope of a kind", () => {
  it("drops the namespace where it is the cluster", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    api.put(namespace("team"));
    await dynamicWatcher.addWatcher(web, { ...namespace("team"), namespace: "ns" });
    await dynamicWatcher.addWatcher(web, namespace("team"));
    expect(api.asked("namespaces").map(({ path }) => path)).toEqual(["/api/v1/namespaces"]);
    expect(dynamicWatcher.watchCount).toBe(1);
    const seen = dynamicWatcher.getFromCache({ ...namespace("team"), namespace: "other" });
    expect(seen).toBe(dynamicWatcher.getFromCache(namespace("team")));
    expect(seen?.metadata?.name).toBe("team");
  });

  it("asks for a namespace beside a name where it is a namespace", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    const { namespace: _, ...homeless } = db;
    const refused = { code: "INVALID_INPUT", field: "watched[1].namespace" };
    await expect(dynamicWatcher.addOrUpdateWatcher(web, [db, homeless])).rejects.toMatchObject(refused);
    await dynamicWatcher.addWatcher(web, db);
    expect(() => dynamicWatcher.getFromCache(homeless)).toThrow("give the namespace");
  });

  it("stays known while anything of the kind is served, whatever discovery says or does not", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld({ cache: true });
    await dynamicWatcher.addWatcher(web, namespace("team"));
    api.held.add("discovery");
    await clock.advance(3_600_000);
    expect(dynamicWatcher.getFromCache({ ...namespace("team"), namespace: "ns" })).toBeUndefined();
    await dynamicWatcher.addWatcher(web, { ...namespace("other"), namespace: "ns" });
    expect(dynamicWatcher.watchCount).toBe(2);

    await dynamicWatcher.removeWatcher(web);
    expect(await standing(dynamicWatcher.addWatcher(web, namespace("team")))).toBe("pending");
    await dynamicWatcher.stop();
  });
});
