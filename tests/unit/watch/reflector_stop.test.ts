import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { NoVersionedResourceError } from "../../../lib/kubernetes/errors.ts";
import { countingAbortListeners } from "../../fixtures/abort_listeners.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { bookmark, errorFrame, frame, list, ReflectorWorld } from "../../fixtures/reflector_world.ts";

/** Each brings a new stream to a phase in which it can be stopped. */
const PHASES: Readonly<Record<string, (world: ReflectorWorld) => Promise<unknown>>> = {
  "before it was started": async () => {},
  "during the first list": async ({ reflector }) => reflector.start(),
  "in the middle of a list": async ({ reflector, transport }) => {
    reflector.start();
    transport.last(1).open().send('{"kind":');
  },
  "while a watch is opened": async ({ reflector, transport }) => {
    reflector.start();
    transport.last(1).answer(200, list("10"));
  },
  "during a watch": (world) => world.goLive(),
  "in the middle of a frame": async (world) => {
    await world.goLive();
    world.transport.last(2).send('{"type":');
  },
  "during a backoff": async (world) => {
    await world.goLive();
    world.transport.last(2).send(errorFrame(410));
  },
  "while discovery is asked": async (world) => {
    await world.goLive();
    world.transport.last(2).send(errorFrame(404));
  },
  "in the middle of an error's body": async ({ reflector, transport }) => {
    reflector.start();
    transport.last(1).open(500).send("etcd");
  },
};

describe("Reflector.stop", () => {
  for (const [phase, reach] of Object.entries(PHASES)) {
    it(`${phase}: the sink hears the end, and nothing is left`, async () => {
      const world = new ReflectorWorld();
      const { calls } = world.transport;
      await countingAbortListeners(async (listeners) => {
        await reach(world);
        await settle();
        world.sink.take();
        await world.reflector.stop();
        expect(world.sink.take()).toEqual(["ended"]);
        expect(listeners()).toBe(0);
      });
      expect(world.clock.pending).toBe(0);
      for (const call of calls.slice(-1)) expect(call.aborted).toBe(true);

      const { length } = calls;
      calls.at(-1)?.send(frame("ADDED", "late", "99"));
      calls.at(-1)?.break();
      await world.clock.advance(600_000);
      expect(world.sink.take()).toEqual([]);
      expect(calls.length).toBe(length);
    });
  }

  it("takes effect at once: what has arrived but was not heard is not told", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    world.transport.last(2).send(frame("ADDED", "a", "11"));
    await world.reflector.stop();
    expect(world.sink.take()).toEqual(["ended"]);
  });

  for (const line of ["starting", "replace [] at 10", "live", "ADDED a@11"]) {
    it(`may be called by the sink when it hears "${line}"`, async () => {
      const { reflector, sink, transport, clock } = new ReflectorWorld();
      const stops: Promise<void>[] = [];
      sink.onHeard = (heard) => {
        if (heard === line) stops.push(reflector.stop());
      };
      transport.onCall = (call) => {
        if (!call.isWatch) call.answer(200, list("10"));
        else call.open().send(frame("ADDED", "a", "11"), frame("ADDED", "b", "12"), errorFrame(410));
      };
      reflector.start();
      await settle();
      expect(stops.length).toBe(1);
      await stops[0];
      expect(sink.heard.slice(-2)).toEqual([line, "ended"]);
      expect(clock.pending).toBe(0);
    });
  }

  it("is one promise, also from within the last word", async () => {
    const { reflector, sink } = new ReflectorWorld();
    const stops: Promise<void>[] = [];
    sink.onHeard = () => stops.push(reflector.stop());
    const stopped = reflector.stop();
    await stopped;
    expect(stops).toEqual([stopped]);
    expect(reflector.stop()).toBe(stopped);
  });

  it("cannot be undone", async () => {
    const { reflector, sink, transport } = new ReflectorWorld();
    await reflector.stop();
    reflector.start();
    await settle();
    expect(sink.heard).toEqual(["ended"]);
    expect(transport.calls.length).toBe(0);
  });

  it("waits for the connection to end, and no longer", async () => {
    const world = new ReflectorWorld();
    world.transport.ignoresAbort = true;
    await world.goLive();
    let done = false;
    const stopped = world.reflector.stop().then(() => {
      done = true;
    });
    await world.clock.advance(3000);
    expect(done).toBe(false);
    expect(world.sink.take()).toEqual([]);
    world.transport.last(2).end();
    await stopped;
    expect(world.sink.take()).toEqual(["ended"]);
    expect(world.clock.pending).toBe(0);
  });

  it("waits 5 s for a transport that ignores the abort", async () => {
    for (const phase of ["during the first list", "while a watch is opened", "during a watch"]) {
      const world = new ReflectorWorld();
      world.transport.ignoresAbort = true;
      await PHASES[phase]?.(world);
      await settle();
      let done = false;
      void world.reflector.stop().then(() => {
        done = true;
      });
      await world.clock.advance(4999);
      expect(done).toBe(false);
      await world.clock.advance(1);
      expect(done).toBe(true);
      expect(world.sink.heard.at(-1)).toBe("ended");
      expect(world.clock.pending).toBe(0);
    }
  });

  it("waits also for a connection that was given up before", async () => {
    const world = new ReflectorWorld();
    world.transport.ignoresAbort = true;
    await world.goLive();
    await world.clock.advance(331_000);
    const [, dead] = world.transport.calls;
    world.transport.last(3).break();
    await settle();
    let done = false;
    const stopped = world.reflector.stop().then(() => {
      done = true;
    });
    await world.clock.advance(1000);
    expect(done).toBe(false);
    dead?.end();
    await stopped;
  });

  for (const [name, die] of Object.entries({
    "its connection ends": ({ transport }: ReflectorWorld) => transport.last(2).end(),
    "its connection breaks": ({ transport }: ReflectorWorld) => transport.last(2).break(),
    "an ERROR comes": ({ transport }: ReflectorWorld) => transport.last(2).send(errorFrame(410)),
    "an event comes": ({ transport }: ReflectorWorld) => transport.last(2).send(frame("ADDED", "a", "11")),
    "a bookmark comes": ({ transport }: ReflectorWorld) => transport.last(2).send(bookmark("11")),
  })) {
    for (const ignoresAbort of [false, true]) {
      const transport = ignoresAbort ? "a transport that ignores the abort" : "a common transport";
      for (const order of ["before", "after"]) {
        it(`when ${name} just ${order} it, over ${transport}: nothing hangs`, async () => {
          const world = new ReflectorWorld();
          world.transport.ignoresAbort = ignoresAbort;
          await world.goLive();
          if (order === "before") die(world);
          const stopped = world.reflector.stop();
          if (order === "after") die(world);
          await settle();
          await world.clock.advance(5000);
          await stopped;
          expect(world.sink.take()).toEqual(["ended"]);
          await world.clock.advance(600_000);
          expect(world.transport.calls.length).toBe(2);
          expect(world.clock.pending).toBe(0);
        });
      }
    }
  }

  it("after blocked has nothing more to say", async () => {
    const world = new ReflectorWorld();
    await world.goLive();
    world.transport.last(2).send(errorFrame(404));
    await settle();
    world.confirmations[0]?.reject(new NoVersionedResourceError("ConfigMap"));
    await settle();
    expect(world.sink.take()).toEqual(["retrying", "blocked"]);
    await world.reflector.stop();
    expect(world.sink.take()).toEqual([]);
    expect(world.clock.pending).toBe(0);
  });

  it("leaves no listener behind after a long life", async () => {
    await countingAbortListeners(async (listeners) => {
      const world = new ReflectorWorld();
      await world.goLive();
      for (let watches = 2; watches < 22; watches += 1) {
        world.transport.last(watches).send(errorFrame(503));
        await settle();
        await world.clock.advance(world.clock.delays[0] ?? 0);
        world.transport.last(watches + 1).open();
        await settle();
      }
      // The transport's own, to the signal of the watch under way.
      expect(listeners()).toBe(1);
      await world.reflector.stop();
      expect(listeners()).toBe(0);
    });
  });
});
