import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { Query, QueryBatch } from "../../../lib/watchers/query_batch.ts";
import { countingAbortListeners } from "../../fixtures/abort_listeners.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import {
  configMap,
  configMaps,
  namespace,
  secret,
  standing,
  startedWorld,
  World,
  watcher,
} from "./harness.ts";

const web = watcher("web");
const [a, b, c] = [secret("a"), secret("b"), secret("c")];
const inProgress = { code: "QUERY_BATCH_IN_PROGRESS" };
const batchEnded = { code: "QUERY_BATCH_NOT_STARTED" };

/** Which of the secrets a change of all of them is told for. */
async function watchedNow(world: World): Promise<string[]> {
  await world.causes();
  for (const id of [a, b, c]) world.api.put(id);
  return (await world.causes()).map((cause) => cause.slice(cause.indexOf("/") + 1));
}

describe("a query batch", () => {
  it("makes what it reads, and nothing else, what its watcher depends on", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.put(a);
    api.put(configMap("one"), { labels: { app: "web" } });
    await dynamicWatcher.addWatcher(web, c);
    const batch = dynamicWatcher.startQueryBatch(web);
    expect((await batch.get(a))?.metadata?.name).toBe("a");
    expect(await batch.get(b)).toBeUndefined();
    expect((await batch.list(configMaps("app=web"))).map(({ metadata }) => metadata?.name)).toEqual(["one"]);
    expect(world.counts).toEqual({ watched: 4, streams: 4 });
    await batch.end();
    expect(world.counts).toEqual({ watched: 3, streams: 3 });
    expect(await world.causes()).toEqual(["web: INITIAL Secret/a", "web: INITIAL ConfigMap?app=web"]);
    expect(await watchedNow(world)).toEqual(["a", "b"]);
  });

  it("links what it reads before it answers, so that no change between read and end is lost", async () => {
    const world = await startedWorld({ cache: true, initialReconcile: false });
    const { dynamicWatcher, api } = world;
    const batch = dynamicWatcher.startQueryBatch(web);
    let answered: unknown = "not yet";
    const read = batch.get(a).then((object) => {
      answered = object;
      api.put(a);
    });
    await read;
    expect(answered).toBeUndefined();
    await batch.end();
    expect(await world.causes()).toEqual(["web: ADDED Secret/a"]);
  });

  it("waits at its end for the reads that began before, and they count", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.held.add("secrets");
    const batch = dynamicWatcher.startQueryBatch(web);
    const read = batch.get(a);
    await settle();
    const end = batch.end();
    for (const late of [batch.get(b), batch.list(configMaps("")), batch.end()]) {
      expect(await standing(late)).toMatchObject(batchEnded);
    }
    expect(await standing(end)).toBe("pending");
    expect(await standing(dynamicWatcher.addWatcher(web, b))).toMatchObject(inProgress);
    api.release("secrets");
    expect(await standing(read)).toBe("resolved");
    expect(await standing(end)).toBe("resolved");
    expect(await watchedNow(world)).toEqual(["a"]);
  });

  it("is not spoiled by a read that fails", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher } = world;
    await dynamicWatcher.addOrUpdateWatcher(web, [a, c]);
    const batch = dynamicWatcher.startQueryBatch(web);
    const missing = { version: "v1", kind: "Missing", namespace: "ns", name: "x" };
    await expect(batch.get(missing)).rejects.toMatchObject({
      code: "NO_VERSIONED_RESOURCE",
      watched: missing,
    });
    await Promise.all([batch.get(a), batch.get(b)]);
    await batch.end();
    expect(await watchedNow(world)).toEqual(["a", "b"]);
  });

  it("stays open until the streams that went have ended, and addOrUpdateWatcher waits for them too", async () => {
    const { dynamicWatcher, api, clock } = await startedWorld({ cache: true });
    await dynamicWatcher.addWatcher(web, a);
    api.ignoresAbort = true;
    await dynamicWatcher.addOrUpdateWatcher(web, [a, b]);
    const batch = dynamicWatcher.startQueryBatch(web);
    await batch.get(a);
    const end = batch.end();
    await clock.advance(4_999);
    expect(await standing(end)).toBe("pending");
    expect(() => dynamicWatcher.startQueryBatch(web)).toThrow("is open");
    await clock.advance(1);
    expect(await standing(end)).toBe("resolved");

    await dynamicWatcher.addOrUpdateWatcher(web, [a, c]);
    const update = dynamicWatcher.addOrUpdateWatcher(web, [a]);
    expect(await standing(update)).toBe("pending");
    await clock.advance(5_000);
    expect(await standing(update)).toBe("resolved");
  });

  it("that read nothing leaves nothing", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    await dynamicWatcher.addWatcher(web, a);
    await dynamicWatcher.startQueryBatch(web).end();
    expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
  });

  it("keeps what a cluster-scoped kind is read as with a namespace", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    for (let round = 0; round < 2; round++) {
      const batch = dynamicWatcher.startQueryBatch(web);
      await batch.get({ ...namespace("team"), namespace: "ns" });
      await batch.end();
      expect(dynamicWatcher.watchCount).toBe(1);
    }
  });

  it("refuses whatever else would change its watcher, and only its watcher", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    const batch = dynamicWatcher.startQueryBatch(web);
    for (const call of [
      () => dynamicWatcher.addWatcher(web, a),
      () => dynamicWatcher.addOrUpdateWatcher(web, [a]),
      () => dynamicWatcher.removeWatcher(web),
      () => dynamicWatcher.query(web, async () => {}),
    ]) {
      expect(await standing(call())).toMatchObject(inProgress);
    }
    expect(() => dynamicWatcher.startQueryBatch(web)).toThrow("is open");
    await dynamicWatcher.addWatcher(watcher("other"), a);
    await batch.end();
    await dynamicWatcher.addWatcher(web, a);
    expect(dynamicWatcher.watchCount).toBe(1);
  });

  describe("and an add that began before it", () => {
    it("drops it where the add commits first", async () => {
      const { dynamicWatcher } = await startedWorld({ cache: true });
      const added = dynamicWatcher.addWatcher(web, a);
      const batch = dynamicWatcher.startQueryBatch(web);
      await added;
      expect(dynamicWatcher.watchCount).toBe(1);
      await batch.end();
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("drops it where the end commits first", async () => {
      const { dynamicWatcher, api } = await startedWorld({ cache: true });
      api.held.add("secrets");
      const added = dynamicWatcher.addWatcher(web, a);
      await dynamicWatcher.startQueryBatch(web).end();
      api.release("secrets");
      expect(await standing(added)).toBe("resolved");
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([0, 0]);
    });

    it("keeps it where it was read as well", async () => {
      const { dynamicWatcher, api } = await startedWorld({ cache: true });
      api.held.add("secrets");
      const added = dynamicWatcher.addWatcher(web, a);
      const batch = dynamicWatcher.startQueryBatch(web);
      const calls = [added, batch.get(a), batch.end()];
      await settle();
      api.release("secrets");
      expect(await Promise.all(calls.map(standing))).toEqual(calls.map(() => "resolved"));
      expect([dynamicWatcher.watchCount, dynamicWatcher.streamCount]).toEqual([1, 1]);
    });
  });

  describe("disposed of", () => {
    const endings: [string, (batch: QueryBatch, world: World) => Promise<unknown>][] = [
      ["open", async () => {}],
      ["ended", (batch) => batch.end()],
      [
        "ended by a removal",
        (_, { dynamicWatcher }) => dynamicWatcher.removeWatcher(web, { endBatch: true }),
      ],
      ["ended by a stop", (_, { dynamicWatcher }) => dynamicWatcher.stop()],
      [
        "of before a stop and another start",
        async (_, { dynamicWatcher }) => {
          await dynamicWatcher.stop();
          await dynamicWatcher.start();
        },
      ],
    ];
    for (const [what, end] of endings) {
      it(`rejects for no batch that is ${what}`, async () => {
        const world = await startedWorld({ cache: true });
        const batch = world.dynamicWatcher.startQueryBatch(web);
        await batch.get(a);
        await end(batch, world);
        await batch[Symbol.asyncDispose]();
        await expect(batch.get(b)).rejects.toMatchObject({
          code: /stop/.test(what) ? "NOT_STARTED" : "QUERY_BATCH_NOT_STARTED",
        });
      });
    }

    it("does not reject when the removal or stop comes while it waits", async () => {
      for (const end of [
        ({ dynamicWatcher }: World) => dynamicWatcher.stop(),
        ({ dynamicWatcher }: World) => dynamicWatcher.removeWatcher(web, { endBatch: true }),
      ]) {
        const world = await startedWorld({ cache: true });
        world.api.held.add("secrets");
        const batch = world.dynamicWatcher.startQueryBatch(web);
        batch.get(a).catch(() => {});
        await settle();
        const disposed = batch[Symbol.asyncDispose]();
        expect(await standing(disposed)).toBe("pending");
        await end(world);
        expect(await standing(disposed)).toBe("resolved");
      }
    });
  });
});

describe("query", () => {
  /** A run that reads these, one after the other, and then throws or not. */
  function run({ dynamicWatcher }: World, ids: readonly ObjectIdentifier[], error?: Error): Promise<unknown> {
    return standing(
      dynamicWatcher.query(web, async (query) => {
        for (const id of ids) await query.get(id);
        if (error) throw error;
      }),
    );
  }

  it("answers what its function answers, whose reads become the set", async () => {
    const world = await startedWorld({ cache: true });
    world.api.put(a, { data: { x: "1" } });
    await world.dynamicWatcher.addWatcher(web, c);
    const answer = await world.dynamicWatcher.query(web, async (query) => {
      const object = await query.get(a);
      const list = await query.list({ ...configMaps(""), kind: "Secret" });
      return [object?.data, list.length];
    });
    expect(answer).toEqual([{ x: "1" }, 1]);
    expect(world.counts).toEqual({ watched: 2, streams: 2 });
  });

  it("takes a function that answers at once, and its reads that nobody awaited", async () => {
    const world = await startedWorld({ cache: true });
    const answer = await world.dynamicWatcher.query(web, ((query: { get(id: ObjectIdentifier): unknown }) => {
      query.get(a);
      return 5;
    }) as never);
    expect(answer).toBe(5);
    expect(world.dynamicWatcher.watchCount).toBe(1);
  });

  it("that throws leaves the last good set, what was added since and what this run read", async () => {
    const world = await startedWorld({ cache: true });
    const failure = new Error("mine");
    expect(await run(world, [a])).toBe("resolved");
    expect(await run(world, [b], failure)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a", "b"]);
    // Not for ever: what an earlier failed run read has gone.
    expect(await run(world, [c], failure)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a", "c"]);
    expect(await run(world, [], failure)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a"]);
    await world.dynamicWatcher.addWatcher(web, b);
    expect(await run(world, [c], failure)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a", "b", "c"]);
    // What a failed run read and somebody has added since stays.
    await world.dynamicWatcher.addWatcher(web, c);
    expect(await run(world, [], failure)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a", "b", "c"]);
    expect(await run(world, [b])).toBe("resolved");
    expect(await watchedNow(world)).toEqual(["b"]);
  });

  it("that throws waits for its reads under way", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.held.add("secrets");
    const failure = new Error("mine");
    const query = dynamicWatcher.query(web, async (reads) => {
      reads.get(a).catch(() => {});
      throw failure;
    });
    expect(await standing(query)).toBe("pending");
    api.release("secrets");
    expect(await standing(query)).toBe(failure);
    expect(await watchedNow(world)).toEqual(["a"]);
  });

  it("that throws at once is no different", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    const failure = new Error("mine");
    const query = dynamicWatcher.query(web, () => {
      throw failure;
    });
    expect(await standing(query)).toBe(failure);
    dynamicWatcher.startQueryBatch(web);
  });

  it("refuses reads after its function has settled", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    const query = await dynamicWatcher.query(web, async (reads) => ({ reads }));
    await expect(query.reads.get(a)).rejects.toMatchObject(batchEnded);
  });

  it("may await the removal of its own watcher", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher } = world;
    let after: unknown;
    const query = dynamicWatcher.query(web, async (reads) => {
      await reads.get(a);
      expect(await standing(dynamicWatcher.removeWatcher(web))).toMatchObject(inProgress);
      await dynamicWatcher.removeWatcher(web, { endBatch: true });
      after = await reads.get(b).catch((error) => error);
    });
    await expect(query).rejects.toMatchObject({ code: "WATCHER_REMOVED" });
    await settle();
    expect(after).toMatchObject(batchEnded);
    expect(world.counts).toEqual({ watched: 0, streams: 0 });
    await dynamicWatcher.addWatcher(web, a);
  });

  it("that a stop cuts off changes nothing of what the cache answers until the end", async () => {
    const world = await startedWorld({ cache: true, reconcile: () => new Promise(() => {}) });
    const { dynamicWatcher, clock } = world;
    dynamicWatcher.reconciler.trigger([watcher("busy")]);
    await run(world, [c], new Error("mine"));
    const hanging = dynamicWatcher.query(web, async (query) => {
      await query.get(a);
      return new Promise(() => {});
    });
    await settle();
    const stopped = dynamicWatcher.stop();
    expect(await standing(hanging)).toMatchObject({ code: "NOT_STARTED" });
    for (const id of [a, c]) expect(dynamicWatcher.getFromCache(id)).toBeUndefined();
    await clock.advance(30_000);
    expect(await standing(stopped)).toBe("resolved");
  });

  it("whose function hangs holds up neither a stop nor a removal", async () => {
    const { dynamicWatcher, clock } = await startedWorld({ cache: true });
    const hanging = () =>
      dynamicWatcher.query(web, async (query) => {
        await query.get(a);
        return new Promise<never>(() => {});
      });
    const first = hanging();
    await settle();
    expect(await standing(dynamicWatcher.removeWatcher(web, { endBatch: true }))).toBe("resolved");
    expect(await standing(first)).toMatchObject({ code: "WATCHER_REMOVED" });
    const second = hanging();
    await settle();
    expect(await standing(dynamicWatcher.stop())).toBe("resolved");
    expect(await standing(second)).toMatchObject({ code: "NOT_STARTED" });
    expect(clock.pending).toBe(0);
  });
});

describe("the signal of a read", () => {
  for (const [what, read] of [
    ["get", (batch, signal) => batch.get(a, { signal })],
    ["list", (batch, signal) => batch.list({ ...configMaps(""), kind: "Secret" }, { signal })],
  ] as [string, (batch: QueryBatch, signal: AbortSignal) => Promise<unknown>][]) {
    it(`rejects a ${what} at once, whose dependency never comes; the batch stays open`, async () => {
      const world = await startedWorld({ cache: true });
      world.api.held.add("secrets");
      const batch = world.dynamicWatcher.startQueryBatch(web);
      const counted = countedSignal();
      const reading = read(batch, counted.signal);
      await settle();
      const reason = new Error("enough");
      counted.abort(reason);
      expect(await standing(reading)).toBe(reason);
      expect(await standing(read(batch, counted.signal))).toBe(reason);
      expect([world.api.calls.at(-1)?.aborted, counted.listeners]).toEqual([true, 0]);
      await batch.get(configMap("one"));
      await batch.end();
      expect(world.counts).toEqual({ watched: 1, streams: 1 });
    });

    it(`has no listener left once a ${what} has answered`, async () => {
      const { dynamicWatcher } = await startedWorld({ cache: true });
      const batch = dynamicWatcher.startQueryBatch(web);
      await countingAbortListeners(async (listeners) => {
        const counted = countedSignal();
        await read(batch, counted.signal);
        const [open] = [listeners()];
        await read(batch, counted.signal);
        expect([counted.listeners, listeners()]).toEqual([0, open]);
      });
    });
  }

  it("keeps the dependency that an earlier batch made, as any failure does", async () => {
    const world = await startedWorld({ cache: true });
    await world.dynamicWatcher.addOrUpdateWatcher(web, [a, c]);
    const batch = world.dynamicWatcher.startQueryBatch(web);
    await expect(batch.get(a, { signal: AbortSignal.abort("enough") })).rejects.toBe("enough");
    await batch.end();
    expect(await watchedNow(world)).toEqual(["a"]);
  });
});

describe("the signal of a query", () => {
  const reason = new Error("enough");

  /** A query that reads `a`, then `next`, and hangs. */
  async function hangingQuery({ dynamicWatcher }: World, next?: ObjectIdentifier) {
    const counted = countedSignal();
    const outcome: { query?: Query; read?: unknown } = {};
    const query = dynamicWatcher.query(
      web,
      async (reads) => {
        outcome.query = reads;
        await reads.get(a);
        if (next) await reads.get(next).catch((error) => Object.assign(outcome, { read: error }));
        return new Promise(() => {});
      },
      { signal: counted.signal },
    );
    query.catch(() => {});
    await settle();
    return { query, counted, outcome };
  }

  it("that has aborted rejects it before its function is called, and leaves no batch open", async () => {
    const world = await startedWorld({ cache: true });
    let called = false;
    const read = async () => {
      called = true;
    };
    const query = world.dynamicWatcher.query(web, read, { signal: AbortSignal.abort(reason) });
    await expect(query).rejects.toBe(reason);
    expect([called, world.api.calls.length]).toEqual([false, 0]);
    await world.dynamicWatcher.addWatcher(web, a);
  });

  it("rejects it at once; the last good set stays, and what it has read", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher } = world;
    await dynamicWatcher.addWatcher(web, c);
    await expect(
      dynamicWatcher.query(web, async (reads) => {
        await reads.get(b);
        throw reason;
      }),
    ).rejects.toBe(reason);
    const { query, counted, outcome } = await hangingQuery(world);
    counted.abort(reason);
    expect(await standing(query)).toBe(reason);
    expect(counted.listeners).toBe(0);
    await expect(outcome.query?.get(b)).rejects.toMatchObject(batchEnded);
    // What an earlier failed query read has gone.
    expect(await watchedNow(world)).toEqual(["a", "c"]);
  });

  it("aborts the reads under way, and another query may begin, whatever the transport does", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api } = world;
    api.held.add("configmaps");
    api.ignoresAbort = true;
    const { query, counted, outcome } = await hangingQuery(world, configMap("slow"));
    counted.abort(reason);
    await expect(query).rejects.toBe(reason);
    await dynamicWatcher.query(web, (reads) => Promise.all([reads.get(a), reads.get(b)]));
    expect(outcome.read).toBe(reason);
    api.release("configmaps");
    expect(await watchedNow(world)).toEqual(["a", "b"]);
    expect(world.counts.watched).toBe(2);
  });

  for (const fails of [false, true]) {
    const how = fails ? "failed" : "returned";
    it(`rejects it while its ${how} function's reads are waited for, and another batch is left alone`, async () => {
      const world = await startedWorld({ cache: true });
      const { dynamicWatcher, api } = world;
      await dynamicWatcher.addWatcher(web, c);
      api.held.add("configmaps");
      const counted = countedSignal();
      const query = dynamicWatcher.query(
        web,
        async (reads) => {
          reads.get(configMap("slow")).catch(() => {});
          await reads.get(a);
          if (fails) throw new Error("mine");
        },
        { signal: counted.signal },
      );
      expect(await standing(query)).toBe("pending");
      counted.abort(reason);
      const batch = dynamicWatcher.startQueryBatch(web);
      await expect(query).rejects.toBe(reason);
      await batch.get(b);
      await settle();
      expect(() => dynamicWatcher.startQueryBatch(web)).toThrow("is open");
      expect(await watchedNow(world)).toEqual(["a", "b", "c"]);
      await batch.end();
      expect(await watchedNow(world)).toEqual(["b"]);
    });
  }

  it("comes too late once its reads are the set", async () => {
    const world = await startedWorld({ cache: true });
    const { dynamicWatcher, api, clock } = world;
    api.ignoresAbort = true;
    await dynamicWatcher.addWatcher(web, c);
    const counted = countedSignal();
    const query = dynamicWatcher.query(web, (reads) => reads.get(a), { signal: counted.signal });
    expect(await standing(query)).toBe("pending");
    expect([world.counts.watched, counted.listeners]).toEqual([1, 0]);
    counted.abort(reason);
    await clock.advance(5_000);
    expect(await standing(query)).toBe("resolved");
  });

  it("that stops everything as well changes nothing of what the cache answers until the end", async () => {
    const world = new World({ cache: true, reconcile: () => new Promise(() => {}) });
    const { dynamicWatcher, clock } = world;
    const controller = new AbortController();
    await dynamicWatcher.start({ signal: controller.signal });
    dynamicWatcher.reconciler.trigger([watcher("busy")]);
    const failed = dynamicWatcher.query(web, async (reads) => {
      await reads.get(c);
      throw reason;
    });
    await expect(failed).rejects.toBe(reason);
    const query = dynamicWatcher.query(web, () => new Promise(() => {}), { signal: controller.signal });
    await settle();
    controller.abort(reason);
    expect(await standing(query)).not.toBe("pending");
    expect(dynamicWatcher.getFromCache(c)).toBeUndefined();
    await clock.advance(30_000);
  });

  it("has no listener left when it has ended, however it did", async () => {
    const world = await startedWorld({ cache: true });
    await world.dynamicWatcher.query(web, (reads) => reads.get(a));
    await countingAbortListeners(async (listeners) => {
      for (const read of [(reads: Query) => reads.get(a), () => Promise.reject(reason)]) {
        const counted = countedSignal();
        const query = world.dynamicWatcher.query(web, read, { signal: counted.signal });
        await standing(query);
        expect([counted.listeners, listeners()]).toEqual([0, 0]);
      }
    });
  });
});
