import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { countedSignal } from "../../fixtures/counted_signal.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { configMaps, secret, standing, startedWorld, World, watcher } from "./harness.ts";

const web = watcher("web");
const db = secret("db");
const secrets = { ...configMaps(""), kind: "Secret" };

/** How a method is called with a watcher, if it takes one, and with what is watched, if it takes that. */
interface Method {
  readonly call: (dynamicWatcher: DynamicWatcher, watcher: never, watched: never) => unknown;
  readonly watcher?: true;
  readonly watched?: "name" | "selector" | "list";
  readonly needs?: readonly ("start" | "cache")[];
  /** Refused while a batch of the watcher is open. */
  readonly closedByBatch?: true;
  readonly throws?: true;
}

const METHODS: Readonly<Record<string, Method>> = {
  addWatcher: {
    call: (it, watcher, watched) => it.addWatcher(watcher, watched),
    watcher: true,
    watched: "name",
    needs: ["start"],
    closedByBatch: true,
  },
  addOrUpdateWatcher: {
    call: (it, watcher, watched) => it.addOrUpdateWatcher(watcher, watched),
    watcher: true,
    watched: "list",
    needs: ["start"],
    closedByBatch: true,
  },
  removeWatcher: {
    call: (it, watcher) => it.removeWatcher(watcher),
    watcher: true,
    needs: ["start"],
    closedByBatch: true,
  },
  startQueryBatch: {
    call: (it, watcher) => it.startQueryBatch(watcher),
    watcher: true,
    needs: ["start", "cache"],
    closedByBatch: true,
    throws: true,
  },
  query: {
    call: (it, watcher) => it.query(watcher, async () => {}),
    watcher: true,
    needs: ["start", "cache"],
    closedByBatch: true,
  },
  getFromCache: {
    call: (it, _, watched) => it.getFromCache(watched),
    watched: "name",
    needs: ["cache"],
    throws: true,
  },
  listFromCache: {
    call: (it, _, watched) => it.listFromCache(watched),
    watched: "selector",
    needs: ["cache"],
    throws: true,
  },
  listWatchedFromCache: {
    call: (it, watcher) => it.listWatchedFromCache(watcher),
    watcher: true,
    needs: ["cache"],
    throws: true,
  },
};

/** What is no identifier, nor a list of any. */
const GARBAGE: readonly unknown[] = [
  undefined,
  null,
  0,
  Number.NaN,
  "web",
  true,
  {},
  [],
  [null],
  () => {},
  { version: 1, kind: {} },
  { version: "v1", kind: "Secret", group: Symbol("group"), name: "x" },
  { version: "v1", kind: "Secret", name: "x", namespace: 5 },
];

const VALID = { name: db, selector: secrets, list: [db] };

function validWatched({ watched = "name" }: Method): never {
  return VALID[watched] as never;
}

/** The error of a call, which must come as the method's own way is. */
async function refusal({ throws }: Method, call: () => unknown): Promise<unknown> {
  let result: unknown;
  try {
    result = call();
  } catch (error) {
    if (!throws) throw new Error("it threw, and should have rejected", { cause: error });
    return error;
  }
  if (throws) throw new Error("it did not throw");
  return Promise.resolve(result).then(
    () => Promise.reject(new Error("it was not refused")),
    (error) => error,
  );
}

describe("the order of checks", () => {
  for (const [name, method] of Object.entries(METHODS)) {
    const { call, needs = [] } = method;

    if (needs.includes("start")) {
      it(`of ${name} begins with NOT_STARTED, whatever else is wrong`, async () => {
        for (const cache of [true, false]) {
          const { dynamicWatcher } = new World({ cache });
          for (const id of [...GARBAGE, web] as never[]) {
            expect(await refusal(method, () => call(dynamicWatcher, id, id))).toMatchObject({
              code: "NOT_STARTED",
            });
          }
        }
      });
    }

    if (needs.includes("cache")) {
      it(`of ${name} goes on with CACHE_DISABLED, whatever else is wrong`, async () => {
        const { dynamicWatcher } = await startedWorld();
        for (const id of [...GARBAGE, web] as never[]) {
          expect(await refusal(method, () => call(dynamicWatcher, id, id))).toMatchObject({
            code: "CACHE_DISABLED",
          });
        }
      });
    }

    if (method.watcher) {
      it(`of ${name} is INVALID_INPUT for the watcher before anything about what is watched, or a batch`, async () => {
        const { dynamicWatcher, api } = await startedWorld({ cache: true });
        dynamicWatcher.startQueryBatch(web);
        for (const id of GARBAGE as never[]) {
          const error = await refusal(method, () => call(dynamicWatcher, id, id));
          expect(error).toMatchObject({ code: "INVALID_INPUT" });
          expect((error as { field: string }).field).toMatch(/^watcher(\.|$)/);
        }
        expect(api.calls).toEqual([]);
      });
    }

    if (method.watched) {
      it(`of ${name} is INVALID_INPUT for what is watched before anything about a batch`, async () => {
        const world = await startedWorld({ cache: true });
        const { dynamicWatcher, api } = world;
        await dynamicWatcher.addWatcher(watcher("other"), db);
        const asked = api.calls.length;
        dynamicWatcher.startQueryBatch(web);
        for (const garbage of GARBAGE as never[]) {
          const error = await refusal(method, () => call(dynamicWatcher, web as never, garbage));
          expect(error).toMatchObject({ code: "INVALID_INPUT" });
          expect((error as { field: string }).field).toMatch(/^watched/);
        }
        expect(api.calls.length).toBe(asked);
      });
    }

    if (method.closedByBatch) {
      it(`of ${name} ends with QUERY_BATCH_IN_PROGRESS`, async () => {
        const { dynamicWatcher } = await startedWorld({ cache: true });
        dynamicWatcher.startQueryBatch(web);
        expect(
          await refusal(method, () => call(dynamicWatcher, web as never, validWatched(method))),
        ).toMatchObject({ code: "QUERY_BATCH_IN_PROGRESS" });
      });
    }
  }

  it("of a batch's reads is NOT_STARTED, INVALID_INPUT, QUERY_BATCH_NOT_STARTED", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    await dynamicWatcher.addWatcher(watcher("other"), db);
    const batch = dynamicWatcher.startQueryBatch(web);
    const asked = api.calls.length;
    const reads = [batch.get.bind(batch), batch.list.bind(batch)] as ((id: never) => Promise<unknown>)[];
    for (const ended of [false, true]) {
      if (ended) await batch.end();
      for (const read of reads) {
        for (const garbage of GARBAGE as never[]) {
          await expect(read(garbage)).rejects.toMatchObject({ code: "INVALID_INPUT" });
        }
      }
    }
    const { namespace: _, ...homeless } = db;
    await expect(batch.get(homeless)).rejects.toMatchObject({ field: "watched.namespace" });
    await expect(batch.get(db)).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
    await expect(batch.end()).rejects.toMatchObject({ code: "QUERY_BATCH_NOT_STARTED" });
    expect(api.calls.length).toBe(asked);
    await dynamicWatcher.stop();
    for (const read of reads) {
      await expect(read(undefined as never)).rejects.toMatchObject({ code: "NOT_STARTED" });
    }
    await expect(batch.end()).rejects.toMatchObject({ code: "NOT_STARTED" });
  });
});

describe("other bad input", () => {
  it("to addOrUpdateWatcher without anything to watch names removeWatcher", async () => {
    const { dynamicWatcher } = await startedWorld();
    await dynamicWatcher.addWatcher(web, db);
    const refused = dynamicWatcher.addOrUpdateWatcher(web, []);
    await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT", field: "watched" });
    await expect(refused).rejects.toThrow("removeWatcher");
    expect(dynamicWatcher.watchCount).toBe(1);
  });

  it("to addOrUpdateWatcher is told with its place in the list, and changes nothing", async () => {
    const { dynamicWatcher, api } = await startedWorld();
    const refused = dynamicWatcher.addOrUpdateWatcher(web, [db, { ...db, kind: "" }]);
    await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT", field: "watched[1].kind" });
    expect(api.calls).toEqual([]);
  });

  it("to query, where its function is none, is told before anything about a batch", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    dynamicWatcher.startQueryBatch(web);
    for (const read of [undefined, null, 5, {}] as never[]) {
      await expect(dynamicWatcher.query(web, read)).rejects.toMatchObject({
        code: "INVALID_INPUT",
        field: "read",
      });
    }
  });

  it("to removeWatcher names the option, and removes nothing", async () => {
    const { dynamicWatcher } = await startedWorld();
    await dynamicWatcher.addWatcher(web, db);
    for (const [options, field] of [
      [{ endBatch: "yes" }, "endBatch"],
      [{ endbatch: true }, "endbatch"],
    ] as const) {
      const refused = dynamicWatcher.removeWatcher(web, options as never);
      await expect(refused).rejects.toMatchObject({ code: "INVALID_INPUT", field });
    }
    expect(dynamicWatcher.watchCount).toBe(1);
  });

  it("to gvkToGvr is told without a request", async () => {
    const { dynamicWatcher, api } = new World();
    for (const gvk of [undefined, null, 5, "Secret", {}, { version: "v1" }, { version: 1, kind: "Secret" }]) {
      const error = await dynamicWatcher.gvkToGvr(gvk as never).catch((reason) => reason);
      expect(error).toMatchObject({ code: "INVALID_INPUT" });
      expect(error.field).toMatch(/^gvk/);
    }
    expect(api.calls).toEqual([]);
    expect(await dynamicWatcher.gvkToGvr({ group: "", version: "v1", kind: "Secret" })).toEqual({
      group: "",
      version: "v1",
      resource: "secrets",
      namespaced: true,
    });
  });

  it("as options is none at all, or names the signal: it is never thrown", async () => {
    const { dynamicWatcher } = await startedWorld({ cache: true });
    const batch = dynamicWatcher.startQueryBatch(watcher("other"));
    const calls: ((options: never) => Promise<unknown>)[] = [
      (options) => dynamicWatcher.start(options),
      (options) => dynamicWatcher.addWatcher(web, db, options),
      (options) => dynamicWatcher.addOrUpdateWatcher(web, [db], options),
      (options) => dynamicWatcher.query(web, async () => {}, options),
      (options) => dynamicWatcher.gvkToGvr(db, options),
      (options) => batch.get(db, options),
      (options) => batch.list(secrets, options),
    ];
    for (const call of calls) {
      for (const options of [
        undefined,
        null,
        5,
        "",
        {},
        { signal: undefined },
        { signal: null },
      ] as never[]) {
        await call(options);
      }
    }
    for (const call of calls) {
      for (const signal of [5, "abort", {}, true]) {
        await expect(call({ signal } as never)).rejects.toMatchObject({
          code: "INVALID_INPUT",
          field: "signal",
        });
      }
      const misspelt = { sginal: undefined } as never;
      await expect(call(misspelt)).rejects.toMatchObject({ code: "INVALID_INPUT", field: "sginal" });
    }
    for (const options of [null, 5, {}] as never[]) {
      await dynamicWatcher.removeWatcher(web, options);
      await dynamicWatcher.stop(options);
      await dynamicWatcher.start();
    }
  });
});

describe("a signal that has aborted", () => {
  it("rejects every call that takes one with its reason, and the call changes nothing", async () => {
    const { dynamicWatcher, api } = await startedWorld({ cache: true });
    await dynamicWatcher.addWatcher(web, db);
    const batch = dynamicWatcher.startQueryBatch(watcher("other"));
    const asked = api.calls.length;
    const reason = new Error("no need");
    const options = { signal: AbortSignal.abort(reason) };
    for (const call of [
      dynamicWatcher.start(options),
      dynamicWatcher.addWatcher(web, db, options),
      dynamicWatcher.addWatcher(web, secret("other"), options),
      dynamicWatcher.addOrUpdateWatcher(web, [secret("other")], options),
      dynamicWatcher.query(web, (query) => query.get(secret("other")), options),
      dynamicWatcher.gvkToGvr(db, options),
      batch.get(secret("other"), options),
      batch.list(secrets, options),
    ]) {
      await expect(call).rejects.toBe(reason);
    }
    await settle();
    expect([dynamicWatcher.watchCount, api.calls.length]).toEqual([1, asked]);
    expect(dynamicWatcher.started).toBe(true);
  });

  it("gives up gvkToGvr's request, and leaves no listener", async () => {
    const { dynamicWatcher, api } = new World();
    api.held.add("discovery");
    const counted = countedSignal();
    const found = dynamicWatcher.gvkToGvr(db, { signal: counted.signal });
    expect(await standing(found)).toBe("pending");
    counted.abort("enough");
    expect(await standing(found)).toBe("enough");
    expect([api.calls[0]?.aborted, counted.listeners]).toEqual([true, 0]);
    api.release("discovery");
    await dynamicWatcher.gvkToGvr(db, { signal: countedSignal().signal });
  });
});
