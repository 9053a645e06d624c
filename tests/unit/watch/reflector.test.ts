import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { type ApiError, NoVersionedResourceError, TransportError } from "../../../lib/kubernetes/errors.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import {
  bookmark,
  CONFIG_MAPS,
  configMap,
  errorFrame,
  frame,
  list,
  ReflectorWorld,
} from "../../fixtures/reflector_world.ts";

const STREAMING = { streamingList: true };

describe("Reflector: list + watch", () => {
  it("delivers the list, is live when the watch is answered, and applies what comes", async () => {
    const { reflector, transport, sink } = new ReflectorWorld();
    reflector.start();
    expect(sink.take()).toEqual(["starting"]);
    transport.last(1).answer(200, list("10", configMap("a", "3"), configMap("b", "4")));
    await settle();
    expect(sink.take()).toEqual(["replace [a@3 b@4] at 10"]);
    const watch = transport.last(2).open();
    expect(watch.query).toMatchObject({ watch: "1", resourceVersion: "10", timeoutSeconds: "300" });
    await settle();
    expect(sink.take()).toEqual(["live"]);
    watch.send(frame("MODIFIED", "a", "11"), frame("DELETED", "b", "12"), frame("ADDED", "c", "12"));
    await settle();
    expect(sink.take()).toEqual(["MODIFIED a@11", "DELETED b@12"]);
    await reflector.stop();
  });

  it("hears a chunk to its end in one go", async () => {
    const { reflector, transport, sink } = new ReflectorWorld();
    const world = { turns: 0, between: 0 };
    reflector.start();
    transport.last(1).answer(200, list("10"));
    await settle();
    transport.last(2).open();
    await settle();
    sink.onHeard = () => {
      world.between = world.turns;
      queueMicrotask(() => {
        world.turns += 1;
      });
    };
    transport
      .last(2)
      .send(...Array.from({ length: 100 }, (_, index) => frame("ADDED", "a", `${11 + index}`)));
    await settle();
    expect(sink.heard.length).toBeGreaterThan(100);
    expect(world.between).toBe(0);
    await reflector.stop();
  });

  it("takes chunks cut anywhere, also inside a UTF-8 character, and drops a fragment", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, sink, reflector, clock } = world;
    const text = `${JSON.stringify({
      type: "ADDED",
      object: configMap("ä", "11", { emoji: "\u{1F600}€" }),
    })}\n${JSON.stringify(frame("ADDED", "fragment", "12"))}`;
    for (const byte of new TextEncoder().encode(text)) {
      transport.last(2).send(Uint8Array.of(byte));
      await settle();
    }
    await clock.advance(5000);
    transport.last(2).break();
    await settle();
    expect(sink.take()).toEqual(["ADDED ä@11"]);
    expect(transport.last(3).query.resourceVersion).toBe("11");
    await reflector.stop();
  });

  it("watches again at once from its last version, bookmarks count, and stays live", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, sink, reflector, clock } = world;
    transport.last(2).send(frame("MODIFIED", "a", "11"), bookmark("15"));
    await clock.advance(2000);
    transport.last(2).end();
    await settle();
    expect(transport.last(3).query.resourceVersion).toBe("15");
    transport.last(3).open();
    await settle();
    expect(sink.take()).toEqual(["MODIFIED a@11"]);
    await reflector.stop();
  });

  it("relists after an ERROR 410, and hears nothing behind it", async () => {
    const world = new ReflectorWorld();
    await world.goLive(configMap("a", "3"));
    const { transport, sink, reflector, clock } = world;
    const watch = transport.last(2);
    watch.send(frame("MODIFIED", "a", "11"), errorFrame(410, "Expired"), frame("ADDED", "ghost", "12"));
    await settle();
    expect(sink.take()).toEqual(["MODIFIED a@11", "retrying"]);
    expect(sink.states.at(-1)).toMatchObject({ error: { status: 410 } });
    expect(watch.aborted).toBe(true);
    expect(clock.delays).toEqual([800]);
    await clock.advance(800);
    expect(transport.last(3).query).toMatchObject({
      resourceVersion: "11",
      resourceVersionMatch: "NotOlderThan",
    });
    transport.last(3).answer(200, list("20", configMap("b", "19")));
    await settle();
    transport.last(4).open();
    await settle();
    expect(sink.take()).toEqual(["replace again [b@19] at 20", "live"]);
    await reflector.stop();
  });

  it("applies what came before a broken frame, and relists at that", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, sink, reflector, clock } = world;
    transport.last(2).send(`${JSON.stringify(frame("ADDED", "a", "11"))}\n{"type":"PARTY","object":{}}\n`);
    await settle();
    expect(sink.take()).toEqual(["ADDED a@11", "retrying"]);
    expect(sink.states.at(-1)).toMatchObject({ error: { code: "PROTOCOL_ERROR" } });
    await clock.advance(800);
    expect(transport.last(3).query.resourceVersion).toBe("11");
    await reflector.stop();
  });

  it("lists page by page, and delivers once", async () => {
    const { reflector, transport, sink } = new ReflectorWorld();
    reflector.start();
    const page = (items: object[], token: string) => ({
      ...list("10", ...items),
      metadata: { resourceVersion: "10", continue: token },
    });
    transport.last(1).answer(200, page([configMap("a", "1")], "more"));
    await settle();
    expect(transport.last(2).query.continue).toBe("more");
    transport.last(2).answer(200, page([configMap("b", "2")], ""));
    await settle();
    expect(sink.take()).toEqual(["starting", "replace [a@1 b@2] at 10"]);
    await reflector.stop();
  });
});

describe("Reflector: from a resource version", () => {
  const RESUMED = { resourceVersion: "10", started: true };

  it("watches from there without a list, and says up to where it has told everything", async () => {
    const { reflector, transport, sink } = new ReflectorWorld(RESUMED);
    reflector.start();
    expect(reflector.resourceVersion).toBe("10");
    const watch = transport.last(1).open();
    expect(watch.query).toMatchObject({ watch: "1", resourceVersion: "10" });
    watch.send(frame("ADDED", "old", "9"), frame("MODIFIED", "a", "11"), bookmark("14"));
    await settle();
    expect(sink.take()).toEqual(["starting", "live", "MODIFIED a@11"]);
    expect(reflector.resourceVersion).toBe("14");
    await reflector.stop();
    expect(reflector.resourceVersion).toBe("14");
  });

  it("lists again where the server has forgotten it", async () => {
    const { reflector, transport, sink, clock } = new ReflectorWorld(RESUMED);
    reflector.start();
    transport.last(1).answer(410, { kind: "Status", status: "Failure", code: 410, reason: "Expired" });
    await clock.advance(2_000);
    expect(transport.last(2).query).toMatchObject({
      resourceVersion: "10",
      resourceVersionMatch: "NotOlderThan",
    });
    transport.last(2).answer(200, list("20", configMap("a", "15")));
    await settle();
    expect(sink.take().filter((line) => line.startsWith("replace"))).toEqual(["replace again [a@15] at 20"]);
    await reflector.stop();
  });
});

describe("Reflector.start", () => {
  it("begins at once, and once", async () => {
    const { reflector, transport, sink } = new ReflectorWorld();
    reflector.start();
    reflector.start();
    expect(sink.take()).toEqual(["starting"]);
    expect(transport.calls.length).toBe(1);
    await reflector.stop();
  });
});

describe("Reflector: streaming list", () => {
  it("delivers the initial objects once, at the end bookmark, and goes on with the same watch", async () => {
    const { reflector, transport, sink } = new ReflectorWorld(STREAMING);
    reflector.start();
    const stream = transport.last(1).open();
    expect(stream.query).toMatchObject({ sendInitialEvents: "true" });
    expect(stream.query.resourceVersion).toBe(undefined);
    stream.send(frame("ADDED", "a", "7"), frame("ADDED", "b", "3"), frame("ADDED", "c", "5"));
    stream.send(frame("MODIFIED", "a", "8"), frame("DELETED", "c", "9"));
    await settle();
    expect(sink.take()).toEqual(["starting"]);
    stream.send(bookmark("9", { initialEventsEnd: true }), frame("MODIFIED", "b", "10"));
    await settle();
    expect(sink.take()).toEqual(["replace [a@8 b@3] at 9", "live", "MODIFIED b@10"]);
    expect(transport.calls.length).toBe(1);
    await reflector.stop();
  });

  it("delivers nothing of one that breaks off, nor keeps it", async () => {
    const { reflector, transport, sink, clock } = new ReflectorWorld(STREAMING);
    reflector.start();
    transport
      .last(1)
      .open()
      .send(bookmark("9", { initialEventsEnd: true }), errorFrame(410));
    await clock.advance(800);
    sink.take();
    transport
      .last(2)
      .open()
      .send(frame("ADDED", "half", "10"));
    await settle();
    transport.last(2).break();
    await clock.advance(1600);
    expect(sink.take()).toEqual(["retrying"]);
    transport
      .last(3)
      .open()
      .send(frame("ADDED", "whole", "11"), bookmark("12", { initialEventsEnd: true }));
    await settle();
    expect(sink.take()).toEqual(["replace again [whole@11] at 12", "live"]);
    await reflector.stop();
  });

  for (const status of [400, 422]) {
    it(`lists at once after ${status}, and does not ask again`, async () => {
      const { reflector, transport, sink, clock } = new ReflectorWorld(STREAMING);
      reflector.start();
      transport.last(1).answer(status, { kind: "Status", code: status });
      await settle();
      transport.last(2).answer(200, list("10"));
      await settle();
      transport.last(3).open().send(errorFrame(410));
      await settle();
      await clock.advance(800);
      expect(transport.last(4).isWatch).toBe(false);
      expect(sink.take()).toEqual(["starting", "replace [] at 10", "live", "retrying"]);
      await reflector.stop();
    });
  }

  it("lists when nothing comes for 10 s, and counts from the last chunk", async () => {
    const { reflector, transport, clock } = new ReflectorWorld(STREAMING);
    reflector.start();
    const stream = transport.last(1).open();
    for (let turn = 0; turn < 5; turn += 1) {
      await clock.advance(9_000);
      stream.send(frame("ADDED", `a${turn}`, "1"));
    }
    await clock.advance(9_999);
    expect(transport.calls.length).toBe(1);
    await clock.advance(1000);
    expect(transport.last(2).isWatch).toBe(false);
    expect(stream.aborted).toBe(true);
    await reflector.stop();
  });

  it("has no such deadline once it is a watch", async () => {
    const { reflector, transport, clock } = new ReflectorWorld(STREAMING);
    reflector.start();
    transport
      .last(1)
      .open()
      .send(bookmark("9", { initialEventsEnd: true }));
    await clock.advance(329_000);
    expect(transport.calls.length).toBe(1);
    await clock.advance(2_000);
    expect(transport.last(2).query.resourceVersion).toBe("9");
    await reflector.stop();
  });
});

describe("Reflector: silence", () => {
  it("a watch silent beyond its timeout and a margin is dead, each chunk counts", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, reflector } = world;
    await clock.advance(200_000);
    transport.last(2).send("\n");
    await clock.advance(329_000);
    expect(transport.last(2).aborted).toBe(false);
    await clock.advance(2000);
    expect(transport.calls[1]?.aborted).toBe(true);
    expect(transport.last(3).query.resourceVersion).toBe("10");
    await reflector.stop();
  });

  it("a watch that is never answered is asked for again", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, reflector, sink } = world;
    await clock.advance(1000);
    transport.last(2).end();
    await clock.advance(30_000);
    expect(sink.states.at(-1)).toMatchObject({
      state: "retrying",
      error: { code: "TIMEOUT", afterMs: 30_000 },
    });
    await clock.advance(800);
    expect(transport.last(4).query.resourceVersion).toBe("10");
    await reflector.stop();
  });

  it("a list that goes silent fails the start", async () => {
    const { reflector, transport, clock, sink } = new ReflectorWorld();
    reflector.start();
    const call = transport.last(1).open();
    await clock.advance(60_000);
    call.send('{"kind":');
    await clock.advance(89_000);
    expect(sink.take()).toEqual(["starting"]);
    await clock.advance(2_000);
    expect(sink.states.at(-1)).toMatchObject({ state: "blocked", error: { code: "TIMEOUT" } });
    expect(call.aborted).toBe(true);
    await reflector.stop();
  });

  it("goes on without a transport that ignores the abort", async () => {
    const world = new ReflectorWorld();
    world.transport.ignoresAbort = true;
    await world.goLive();
    const { transport, clock, reflector, sink } = world;
    await clock.advance(331_000);
    const [, dead] = transport.calls;
    transport.last(3).open();
    await settle();
    dead?.send(frame("ADDED", "late", "11"));
    await settle();
    expect(sink.take()).toEqual([]);
    dead?.end();
    transport.last(3).end();
    await reflector.stop();
  });

  it("does not hear an answer that comes too late over such a transport", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, reflector, sink } = world;
    await clock.advance(1000);
    transport.last(2).end();
    await settle();
    transport.ignoresAbort = true;
    transport.last(3).break();
    await clock.advance(800);
    const late = transport.last(4);
    await clock.advance(30_000);
    late.open().end();
    await settle();
    expect(sink.take()).toEqual(["retrying", "retrying"]);
    await reflector.stop();
  });

  it("of Events means nothing, of other kinds a list of the freshest", async () => {
    for (const [group, resource, lists] of [
      ["", "events", false],
      ["events.k8s.io", "events", false],
      ["example.com", "events", true],
      ["", "pods", true],
    ] as const) {
      const world = new ReflectorWorld({
        spec: { ...CONFIG_MAPS, resource: { group, version: "v1", resource } },
      });
      await world.goLive();
      const { transport, clock, reflector } = world;
      for (const watch of [2, 3]) {
        await clock.advance(2000);
        transport.last(watch).end();
        await clock.advance(2000);
        transport.last(watch + 1).open();
        await settle();
      }
      expect(transport.calls[3]?.isWatch).toBe(!lists);
      await reflector.stop();
    }
  });

  it("tells of everything that arrives", async () => {
    const world = new ReflectorWorld();
    await world.goLive(configMap("a", "1"));
    const before = world.progress;
    expect(before).toBeGreaterThan(2);
    world.transport.last(2).send("\n");
    await settle();
    world.transport.last(2).send(frame("ADDED", "a", "11"));
    await settle();
    expect(world.progress).toBe(before + 2);
    await world.reflector.stop();
  });
});

describe("Reflector: blocked", () => {
  for (const status of [401, 403]) {
    it(`${status} on the first start fails it, with what is needed`, async () => {
      const { reflector, transport, clock, sink, logged } = new ReflectorWorld();
      reflector.start();
      transport.last(1).answer(status, { kind: "Status", message: "alice may not", code: status });
      await settle();
      expect(sink.take()).toEqual(["starting", "blocked"]);
      expect(sink.states.at(-1)).toMatchObject({ error: { code: "API_ERROR", status } });
      const { error } = sink.states.at(-1) as { state: "blocked"; error: ApiError };
      expect(error.message).toBe(
        `Cannot list /api/v1/namespaces/t/configmaps: alice may not (${status}); list and watch permissions are needed`,
      );
      expect(clock.pending).toBe(0);
      expect(logged).toEqual([]);
      await reflector.stop();
      expect(sink.take()).toEqual([]);
    });

    it(`${status} while it runs is asked again 1 s later, then it is blocked`, async () => {
      const world = new ReflectorWorld();
      await world.goLive();
      const { transport, clock, sink, reflector } = world;
      await clock.advance(1000);
      transport.last(2).end();
      await settle();
      transport.last(3).answer(status, "");
      await settle();
      expect(sink.take()).toEqual(["retrying"]);
      expect(clock.delays).toEqual([1000]);
      await clock.advance(1000);
      transport.last(4).answer(status, "");
      await settle();
      expect(sink.take()).toEqual(["blocked"]);
      expect(clock.pending).toBe(0);
      await reflector.stop();
      expect(sink.take()).toEqual([]);
    });
  }

  it("a kind that is gone", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, sink, reflector, confirmations } = world;
    await clock.advance(1000);
    transport.last(2).end();
    await settle();
    transport.last(3).answer(404, "404 page not found");
    await settle();
    expect(sink.take()).toEqual(["retrying"]);
    confirmations[0]?.reject(new NoVersionedResourceError("ConfigMap"));
    await settle();
    expect(sink.states.at(-1)).toMatchObject({ state: "blocked", error: { code: "NO_VERSIONED_RESOURCE" } });
    await reflector.stop();
  });

  it("a kind that is still served goes on with a list", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, reflector, confirmations } = world;
    await clock.advance(1000);
    transport.last(2).end();
    await settle();
    transport.last(3).answer(404, "404 page not found");
    await settle();
    confirmations[0]?.resolve();
    await clock.advance(800);
    expect(transport.last(4).isWatch).toBe(false);
    await reflector.stop();
  });

  it("what discovery fails with otherwise is retried, a foreign error as a TransportError", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, reflector, confirmations, sink } = world;
    await clock.advance(1000);
    transport.last(2).end();
    await settle();
    transport.last(3).answer(404, "404 page not found");
    await settle();
    confirmations[0]?.reject(new TypeError("fetch failed"));
    await settle();
    expect(sink.states.at(-1)).toMatchObject({ state: "retrying", error: expect.any(TransportError) });
    await clock.advance(800);
    expect(transport.last(4).query.resourceVersion).toBe("10");
    await reflector.stop();
  });
});

describe("Reflector: metadata only", () => {
  it("falls back to plain JSON for good, and keeps no body", async () => {
    const { reflector, transport, sink } = new ReflectorWorld({
      spec: { ...CONFIG_MAPS, content: "metadata" },
    });
    reflector.start();
    expect(transport.last(1).accept).toContain("as=PartialObjectMetadataList;");
    transport.last(1).answer(406, "");
    await settle();
    expect(transport.last(2).accept).toBe("application/json");
    transport.last(2).answer(200, list("10", configMap("a", "1")));
    await settle();
    expect(transport.last(3).accept).toBe("application/json");
    expect(sink.take()).toEqual(["starting", "replace [a@1] at 10"]);
    await reflector.stop();
  });
});

describe("Reflector: a sink that throws", () => {
  it("is logged, and told the rest", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, sink, reflector, logged } = world;
    sink.onHeard = (line) => {
      if (line.startsWith("ADDED a")) throw new Error("bug");
    };
    transport.last(2).send(frame("ADDED", "a", "11"), frame("ADDED", "b", "12"));
    await settle();
    expect(sink.take()).toEqual(["ADDED a@11", "ADDED b@12"]);
    expect(logged).toEqual(["The sink of a stream of ConfigMap failed"]);
    await reflector.stop();
  });
});

describe("Reflector: the log", () => {
  it("warns of the first failure in a row only, and of the end", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const { transport, clock, logged, reflector } = world;
    transport.onCall = (call) => call.answer(transport.calls.length < 6 ? 503 : 403, "");
    transport.last(2).send(errorFrame(503));
    await clock.advance(60_000);
    expect(logged.length).toBe(2);
    expect(logged[0]).toMatch(/^The watch of ConfigMap in t is interrupted and tries again: \S/);
    expect(logged[1]).toMatch(/^The watch of ConfigMap in t is over: \S/);
    await reflector.stop();
  });

  it("names what is watched and what went wrong, each time in one line, and says when it is live again", async () => {
    const lines: unknown[][] = [];
    const write = (...line: unknown[]) => lines.push(line);
    const spec = { ...CONFIG_MAPS, fieldSelector: "metadata.name=app" };
    const logger = { debug: write, info: write, warn: write, error: write };
    const world = new ReflectorWorld({ spec, logger });
    await world.goLive();
    expect(lines).toEqual([]);
    const { transport, clock, reflector, sink } = world;
    transport.onCall = (call) => (transport.calls.length < 4 ? call.answer(503, "") : call.open());
    transport.last(2).send(errorFrame(503));
    await clock.advance(10_000);
    const errors = sink.states.flatMap((state) => ("error" in state ? [state.error.message] : []));
    expect(errors.length).toBe(2);
    const name = "The watch of ConfigMap in t (metadata.name=app)";
    expect(lines).toEqual([
      ...errors.map((message) => [`${name} is interrupted and tries again: ${message}`]),
      [`${name} is live again`],
    ]);
    await reflector.stop();
  });
});
