import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { budgetOf, type Turn } from "../../../lib/watch/stream_budget.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { bookmark, configMap, frame, list, ReflectorWorld } from "../../fixtures/reflector_world.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";

class OneStream extends ScriptedTransport {
  readonly limits = { streams: 1 };
}

/** A reflector on a transport of one stream, and a rival who wants that too. */
class Rivals {
  readonly transport = new OneStream();
  readonly world: ReflectorWorld;
  #turn: Turn | undefined;

  constructor({ streamingList = false } = {}) {
    this.world = new ReflectorWorld({ transport: this.transport, streamingList });
  }

  get rivalWatches(): boolean {
    return this.#turn !== undefined;
  }

  /** The rival takes the stream, or waits for it. */
  async crowd(): Promise<void> {
    const budget = budgetOf(this.transport, this.world.clock);
    const begin = async () => {
      this.#turn = budget.take() ?? (await budget.wait(new AbortController().signal));
    };
    void begin();
    await settle();
  }

  async rivalEnds(): Promise<void> {
    this.#turn?.end();
    this.#turn = undefined;
    await settle();
  }

  /** Starts the reflector and brings it to a watch from version 10. */
  async goLive(): Promise<void> {
    this.world.reflector.start();
    this.transport.last(1).answer(200, list("10"));
    await settle();
    this.transport.last(2).open();
    await settle();
    this.world.sink.take();
  }
}

describe("a reflector whose transport has no stream left", () => {
  for (const streamingList of [false, true]) {
    it(`begins with a plain list, then waits for its turn; streaming lists: ${streamingList}`, async () => {
      const rivals = new Rivals({ streamingList });
      const { world, transport } = rivals;
      await rivals.crowd();
      world.reflector.start();
      const first = transport.last(1);
      expect([first.isWatch, first.query.resourceVersion]).toEqual([false, undefined]);
      first.answer(200, list("10", configMap("a", "9")));
      await settle();
      expect(world.sink.take()).toEqual(["starting", "replace [a@9] at 10", "waiting"]);
      // However long that takes: it is not the server that is silent.
      await world.clock.advance(3_600_000);
      expect(transport.calls.length).toBe(1);

      await rivals.rivalEnds();
      expect(transport.last(2).query).toMatchObject({ watch: "1", resourceVersion: "10" });
      transport
        .last(2)
        .open()
        .send(frame("MODIFIED", "a", "11"));
      await settle();
      expect(world.sink.take()).toEqual(["live", "MODIFIED a@11"]);
      await world.reflector.stop();
    });
  }

  it("takes a streaming list as long as there is one", async () => {
    const { world, transport } = new Rivals({ streamingList: true });
    world.reflector.start();
    expect(transport.last(1).query.sendInitialEvents).toBe("true");
    await world.reflector.stop();
  });

  it("is told of silence again once it has its turn", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.crowd();
    world.reflector.start();
    transport.last(1).answer(200, list("10"));
    await settle();
    await world.clock.advance(60_000);
    await rivals.rivalEnds();
    await world.clock.advance(32_000);
    expect(transport.calls[1]?.aborted).toBe(true);
    expect(world.sink.take().at(-1)).toBe("retrying");
    await world.reflector.stop();
  });

  it("stops while it waits, and leaves its place to nobody", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.crowd();
    world.reflector.start();
    transport.last(1).answer(200, list("10"));
    await settle();
    await world.reflector.stop();
    expect(world.sink.take().at(-1)).toBe("ended");
    await rivals.rivalEnds();
    expect(transport.calls.length).toBe(1);
    expect(budgetOf(transport, world.clock).spent).toBe(false);
    expect(world.clock.pending).toBe(0);
  });

  it("may be stopped by whoever is told that it waits", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.crowd();
    world.sink.onHeard = (line) => {
      if (line === "waiting") void world.reflector.stop();
    };
    world.reflector.start();
    transport.last(1).answer(200, list("10"));
    await settle();
    expect(world.sink.take().at(-1)).toBe("ended");
    expect(world.clock.pending).toBe(0);
  });
});

describe("a reflector that others wait for", () => {
  it("gives way after its turn, and goes on from its last version when it comes to it again", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.goLive();
    await rivals.crowd();
    transport.last(2).send(frame("ADDED", "a", "12"));
    await world.clock.advance(999);
    expect(rivals.rivalWatches).toBe(false);
    await world.clock.advance(1);
    expect(transport.last(2).aborted).toBe(true);
    expect(rivals.rivalWatches).toBe(true);
    expect(world.sink.take()).toEqual(["ADDED a@12", "waiting"]);
    await rivals.rivalEnds();
    expect(transport.last(3).query.resourceVersion).toBe("12");
    transport.last(3).open();
    await settle();
    expect(world.sink.take()).toEqual(["live"]);
    expect(world.logged).toEqual([]);
    await world.reflector.stop();
  });

  it("does not give way in the middle of a frame, which would never come to its end", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.goLive();
    await rivals.crowd();
    const large = JSON.stringify(frame("ADDED", "large", "12"));
    transport.last(2).send(large.slice(0, 20));
    await world.clock.advance(10_000);
    transport.last(2).send(large.slice(20, 40));
    await world.clock.advance(10_000);
    expect(rivals.rivalWatches).toBe(false);
    transport.last(2).send(`${large.slice(40)}\n`);
    await settle();
    expect(rivals.rivalWatches).toBe(true);
    expect(world.sink.take()).toEqual(["ADDED large@12", "waiting"]);
    await world.reflector.stop();
  });

  it("brings a streaming list to its end first", async () => {
    const rivals = new Rivals({ streamingList: true });
    const { world, transport } = rivals;
    world.reflector.start();
    transport.last(1).open();
    await rivals.crowd();
    for (let second = 0; second < 5; second++) {
      transport.last(1).send(frame("ADDED", `${second}`, "9"));
      await world.clock.advance(1000);
    }
    expect(rivals.rivalWatches).toBe(false);
    transport.last(1).send(bookmark("10", { initialEventsEnd: true }));
    await world.clock.advance(1000);
    expect(rivals.rivalWatches).toBe(true);
    expect(world.sink.take().slice(1)).toEqual(["replace [0@9 1@9 2@9 3@9 4@9] at 10", "live", "waiting"]);
    await world.reflector.stop();
  });

  it("is not disturbed by what its last connection is asked, which ignores its end", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    transport.ignoresAbort = true;
    await rivals.goLive();
    await world.clock.advance(331_000);
    expect(transport.last(2).aborted).toBe(true);
    expect(world.sink.take()).toEqual(["waiting"]);
    void world.reflector.stop();
  });

  it("lists again when it has been quiet for ten minutes: its version may be one that never was", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.goLive();
    const turn = async () => {
      await rivals.crowd();
      await world.clock.advance(60_000);
      await rivals.rivalEnds();
      const call = transport.calls.at(-1);
      if (call?.isWatch) call.open();
      await settle();
      return call;
    };
    for (let minute = 1; minute <= 10; minute++) expect((await turn())?.query.resourceVersion).toBe("10");
    await rivals.crowd();
    await world.clock.advance(60_000);
    const relist = transport.calls.at(-1);
    expect([relist?.isWatch, relist?.query.resourceVersion]).toEqual([false, undefined]);
    relist?.answer(200, list("5", configMap("a", "4")));
    await settle();
    expect(world.sink.take()).toContain("replace again [a@4] at 5");
    await rivals.rivalEnds();
    transport.calls.at(-1)?.open();
    await settle();
    // From there on it counts anew.
    for (let minute = 1; minute <= 10; minute++) expect((await turn())?.query.resourceVersion).toBe("5");
    await world.reflector.stop();
  });

  it("is not quiet when something came in its long turn", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.goLive();
    for (let version = 11; version <= 15; version++) {
      transport.last(2).send(bookmark(String(version)));
      await world.clock.advance(200_000);
    }
    await rivals.crowd();
    await rivals.rivalEnds();
    expect(transport.last(3).query).toMatchObject({ watch: "1", resourceVersion: "15" });
    await world.reflector.stop();
  });

  it("is not quiet with a change now and then", async () => {
    const rivals = new Rivals();
    const { world, transport } = rivals;
    await rivals.goLive();
    for (let minute = 1; minute <= 30; minute++) {
      if (minute % 9 === 0) transport.calls.at(-1)?.send(frame("MODIFIED", "a", String(100 + minute)));
      await settle();
      await rivals.crowd();
      await world.clock.advance(60_000);
      await rivals.rivalEnds();
      transport.calls.at(-1)?.open();
      await settle();
    }
    expect(transport.calls.filter(({ isWatch }) => !isWatch).length).toBe(1);
    await world.reflector.stop();
  });
});
