import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  bookmark,
  CONFIG_MAPS,
  errorFrame,
  frame,
  list,
  ReflectorWorld,
} from "../../fixtures/reflector_world.ts";
import type { ScriptedCall } from "../../fixtures/scripted_transport.ts";

const HOUR_MS = 3_600_000;

/** What a server does for ever, after a first start that went well. */
const SERVERS: Readonly<Record<string, (call: ScriptedCall, count: number) => void>> = {
  "answers 200 and ends at once": (call) => {
    if (call.isWatch) call.open().end();
    else call.answer(200, list("10"));
  },
  "answers nothing but 200 and an end, streaming lists too": (call) => call.open().end(),
  "takes lists, and answers 410 to watches": (call) => {
    if (call.isWatch) call.answer(410, "");
    else call.answer(200, list("10"));
  },
  "takes lists, and opens watches with an ERROR 410": (call) => {
    if (call.isWatch) call.open().send(errorFrame(410));
    else call.answer(200, list("10"));
  },
  "sends ERROR 500": (call) => {
    if (call.isWatch) call.open().send(errorFrame(500));
    else call.answer(200, list("10"));
  },
  "sends one bookmark of the same version and ends": (call) => {
    if (!call.isWatch) return call.answer(200, list("10"));
    call.open().send(bookmark("10"));
    call.end();
  },
  "sends one old event and ends": (call) => {
    if (!call.isWatch) return call.answer(200, list("10"));
    call.open().send(frame("ADDED", "a", "9"));
    call.end();
  },
  "sends one new event and ends": (call, count) => {
    if (!call.isWatch) return call.answer(200, list("10"));
    call.open().send(frame("MODIFIED", "a", `${100 + count}`));
    call.end();
  },
  "sends a streaming list and ends": (call, count) => {
    if (!call.query.sendInitialEvents) return call.open().end();
    call.open().send(bookmark(`${100 + count}`, { initialEventsEnd: true }));
    call.end();
  },
  "sends what is no JSON": (call) => call.open().send("<html>\n"),
  resets: (call) => call.open().break(),
  "refuses connections": (call) => call.break(),
  "asks for no wait at all": (call) => call.answer(429, "", { "retry-after": "0" }),
  "says 404 of a kind that is served": (call) => call.answer(404, ""),
  "says 422 to all": (call) => call.answer(422, ""),
  "says 406 to all": (call) => call.answer(406, ""),
  redirects: (call) => call.answer(302, ""),
};

describe("Reflector: never hot", () => {
  for (const [name, serve] of Object.entries(SERVERS)) {
    for (const streamingList of [false, true]) {
      const with_ = streamingList ? "streaming lists" : "lists";
      it(`against a server that ${name} (${with_})`, async () => {
        const world = new ReflectorWorld({
          streamingList,
          spec: { ...CONFIG_MAPS, content: "metadata" },
          confirmKind: async () => {},
        });
        world.reflector.start();
        if (streamingList) {
          world.transport
            .last(1)
            .open()
            .send(bookmark("10", { initialEventsEnd: true }));
        } else {
          world.transport.last(1).answer(200, list("10"));
          await world.clock.advance(0);
          world.transport.last(2).open();
        }
        await world.clock.advance(0);
        const first = world.transport.calls.at(-1);
        world.transport.onCall = (call) => serve(call, world.transport.calls.length);
        first?.end();
        await world.clock.advance(HOUR_MS);
        // 30 s between tries once it has backed off, and two or three requests a try.
        expect(world.transport.calls.length).toBeGreaterThan(30);
        expect(world.transport.calls.length).toBeLessThan(450);
        await world.reflector.stop();
        expect(world.clock.pending).toBe(0);
      });
    }
  }

  it("against a server that ends each watch a moment after a second", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    const tick = async (): Promise<void> => {
      const call = world.transport.calls.at(-1);
      if (call?.isWatch) call.open();
      else call?.answer(200, list("10"));
      await world.clock.advance(1100);
      call?.end();
      await world.clock.advance(0);
    };
    for (let second = 0; second < 100; second += 1) await tick();
    expect(world.transport.calls.length).toBeLessThan(110);
    await world.reflector.stop();
  });

  it("waits as client-go does, with jitter", async () => {
    for (const [random, expected] of [
      [0, [800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]],
      [0.5, [1200, 2400, 4800, 9600, 19_200, 38_400, 45_000, 45_000]],
    ] as const) {
      const world = new ReflectorWorld({ random: () => random });
      await world.goLive();
      world.transport.onCall = (call) => call.break();
      world.transport.last(2).send(errorFrame(503));
      for (const delayMs of expected) {
        await world.clock.advance(0);
        expect(world.clock.delays).toEqual([delayMs]);
        await world.clock.advance(delayMs);
      }
      await world.reflector.stop();
    }
  });

  it("honours Retry-After where it is the longer", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    world.transport.onCall = (call) => call.answer(429, "slow down", { "retry-after": "5" });
    world.transport.last(2).send(errorFrame(503));
    await world.clock.advance(800);
    for (const delayMs of [5000, 5000, 6400, 12_800]) {
      expect(world.clock.delays).toEqual([delayMs]);
      expect(world.transport.calls.at(-1)?.query.resourceVersion).toBe("10");
      await world.clock.advance(delayMs);
    }
    await world.reflector.stop();
  });

  it("asks for watches of 5 to 10 minutes, each of its own length", async () => {
    for (const [random, timeoutSeconds] of [
      [0, "300"],
      [0.5, "450"],
      [0.999, "600"],
    ] as const) {
      const world = new ReflectorWorld({ random: () => random, watchTimeoutMs: undefined });
      await world.goLive();
      expect(world.transport.last(2).query.timeoutSeconds).toBe(timeoutSeconds);
      await world.reflector.stop();
    }
  });
});
