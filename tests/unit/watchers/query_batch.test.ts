import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { NotStartedError } from "../../../lib/kubernetes/errors.ts";
import { canonicalize, type Key } from "../../../lib/kubernetes/identifier.ts";
import { type Ending, WatcherQueryBatch } from "../../../lib/watchers/query_batch.ts";
import { held } from "../../fixtures/fake_api.ts";
import { settle } from "../../fixtures/fake_clock.ts";

const a = canonicalize({ version: "v1", kind: "Secret", namespace: "ns", name: "a" });
const b = canonicalize({ version: "v1", kind: "Secret", namespace: "ns", name: "b" });

/** A batch whose reads the test answers, and what it asked to be kept. */
function openBatch() {
  const reads = new Map<Key, ReturnType<typeof held<undefined>>>();
  const kept: { how: string; keys: Key[]; waitedFor: number }[] = [];
  function keep(how: string) {
    return async (keys: ReadonlySet<Key>, { reads: pending }: Ending) => {
      const waited = [...pending];
      await Promise.allSettled(waited);
      kept.push({ how, keys: [...keys], waitedFor: waited.length });
    };
  }
  const state = { started: true };
  const batch = new WatcherQueryBatch({
    watcher: a.identifier,
    assertStarted: (verb) => {
      if (!state.started) throw new NotStartedError(verb);
    },
    scoped: (id) => id,
    read: async (watched) => {
      const { key } = canonicalize(watched);
      const read = held<undefined>();
      reads.set(key, read);
      await read.promise;
      return { key, objects: [] };
    },
    replace: keep("replace"),
    rollBack: keep("roll back"),
    rollBackNow: (keys) => kept.push({ how: "roll back now", keys: [...keys], waitedFor: 0 }),
  });
  return { batch, reads, kept, state };
}

describe("WatcherQueryBatch", () => {
  it("keeps what was read, and what could not be, which may be an edge from before", async () => {
    const { batch, reads, kept } = openBatch();
    const calls = [batch.get(a.identifier), batch.get(b.identifier)];
    const settled = Promise.allSettled(calls);
    await settle();
    const end = batch.end();
    reads.get(a.key)?.resolve(undefined);
    reads.get(b.key)?.reject(new Error("no"));
    await end;
    expect((await settled).map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
    expect(kept).toEqual([{ how: "replace", keys: [a.key, b.key], waitedFor: 2 }]);
  });

  it("rolls back when it fails, waits for its reads too, and is over then", async () => {
    const { batch, reads, kept } = openBatch();
    const read = batch.get(a.identifier);
    await settle();
    const failed = batch.failWithin({ signal: new AbortController().signal, settle() {} });
    expect(kept).toEqual([]);
    reads.get(a.key)?.resolve(undefined);
    await Promise.all([read, failed]);
    expect(kept).toEqual([{ how: "roll back", keys: [a.key], waitedFor: 1 }]);
    await expect(batch.end()).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
  });

  it("refuses everything once it is abandoned, and says first that all is stopped", async () => {
    const { batch, kept, state } = openBatch();
    batch.abandon();
    for (const call of [
      batch.get(a.identifier),
      batch.list({ version: "v1", kind: "Secret" }),
      batch.end(),
    ]) {
      await expect(call).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
    }
    state.started = false;
    for (const call of [batch.get(a.identifier), batch.end()]) {
      await expect(call).rejects.toMatchObject({ code: "NOT_STARTED" });
    }
    await batch[Symbol.asyncDispose]();
    expect(kept).toEqual([]);
  });

  it("passes on by asyncDispose what is no closing of the batch", async () => {
    const { batch, state } = openBatch();
    const failure = new Error("unforeseen");
    Object.defineProperty(state, "started", {
      get() {
        throw failure;
      },
    });
    await expect(batch[Symbol.asyncDispose]()).rejects.toBe(failure);
  });
});
