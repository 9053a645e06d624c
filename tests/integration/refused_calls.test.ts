import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { DynamicWatcher, formatIdentifier, type ObjectIdentifier, validateIdentifier } from "../../mod.ts";
import { caught } from "../fixtures/caught.ts";
import { describeReal } from "../fixtures/describe_real.ts";
import { dynamicWatcherWorlds } from "../fixtures/dynamic_watcher_world.ts";

type Call = (dynamicWatcher: DynamicWatcher, watcher: ObjectIdentifier, watched: ObjectIdentifier) => unknown;

/** What changes or reads dependencies: a start must come first. */
const CHANGES: Readonly<Record<string, Call>> = {
  addWatcher: (it, watcher, watched) => it.addWatcher(watcher, watched),
  addOrUpdateWatcher: (it, watcher, watched) => it.addOrUpdateWatcher(watcher, [watched]),
  removeWatcher: (it, watcher) => it.removeWatcher(watcher),
};
const QUERIES: Readonly<Record<string, Call>> = {
  startQueryBatch: (it, watcher) => it.startQueryBatch(watcher),
  query: (it, watcher) => it.query(watcher, async () => undefined),
};
const CACHE_GETTERS: Readonly<Record<string, Call>> = {
  getFromCache: (it, _, watched) => it.getFromCache(watched),
  listFromCache: (it, _, { name: __, ...watched }) => it.listFromCache(watched),
  listWatchedFromCache: (it, watcher) => it.listWatchedFromCache(watcher),
};
/** Those that answer at once, and so throw. */
const SYNCHRONOUS = ["startQueryBatch", ...Object.keys(CACHE_GETTERS)];

const NOTHING = {} as ObjectIdentifier;
const valid: ObjectIdentifier = { version: "v1", kind: "ConfigMap", namespace: "a", name: "b" };

describeReal("a call that is refused", () => {
  const openWorld = dynamicWatcherWorlds();

  describe("before the start and after the stop", () => {
    for (const [name, call] of Object.entries({ ...CHANGES, ...QUERIES })) {
      it(`of ${name} is NOT_STARTED, whatever else is wrong`, async () => {
        const { dynamicWatcher } = await openWorld({ start: false });
        for (const _ of ["before", "after"]) {
          for (const id of [valid, NOTHING]) {
            expect(await refusal(name, () => call(dynamicWatcher, id, id))).toMatchObject({
              code: "NOT_STARTED",
            });
          }
          await dynamicWatcher.start();
          await dynamicWatcher.stop();
        }
      });
    }

    it("of a batch that was open is NOT_STARTED", async () => {
      const world = await openWorld({ cache: true });
      const { dynamicWatcher } = world;
      const batch = dynamicWatcher.startQueryBatch(valid);
      await dynamicWatcher.stop();
      for (const call of [
        () => batch.get(valid),
        () => batch.get(NOTHING),
        () => batch.list(valid),
        () => batch.end(),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: "NOT_STARTED" });
      }
      expect(world.requests).toEqual([]);
    });

    it("never comes from the getters and gvkToGvr, which work without a start", async () => {
      const { dynamicWatcher } = await openWorld({ start: false, cache: true });
      for (const [name, call] of Object.entries(CACHE_GETTERS)) {
        expect(await refusal(name, () => call(dynamicWatcher, valid, valid))).toMatchObject({
          code: "NO_CACHE_ENTRY",
        });
      }
      const resource = await dynamicWatcher.gvkToGvr({ group: "", version: "v1", kind: "ConfigMap" });
      expect(resource.resource).toBe("configmaps");
    });
  });

  describe("without the cache", () => {
    for (const [name, call] of Object.entries({ ...QUERIES, ...CACHE_GETTERS })) {
      it(`of ${name} is CACHE_DISABLED, whatever else is wrong`, async () => {
        const { dynamicWatcher } = await openWorld();
        for (const id of [valid, NOTHING]) {
          expect(await refusal(name, () => call(dynamicWatcher, id, id))).toMatchObject({
            code: "CACHE_DISABLED",
          });
        }
      });
    }
  });

  describe("with an identifier that is not valid", () => {
    const WITH_WATCHER = {
      ...CHANGES,
      ...QUERIES,
      listWatchedFromCache: CACHE_GETTERS.listWatchedFromCache as Call,
    };
    for (const [name, call] of Object.entries(WITH_WATCHER)) {
      it(`of ${name} names the watcher first`, async () => {
        const { dynamicWatcher } = await openWorld({ cache: true });
        const { kind: _, ...kindless } = valid;
        for (const [watcher, field] of [
          [NOTHING, "watcher.version"],
          [kindless as ObjectIdentifier, "watcher.kind"],
          [undefined as unknown as ObjectIdentifier, "watcher"],
        ] as const) {
          const refused = await refusal(name, () => call(dynamicWatcher, watcher, NOTHING));
          expect(refused).toMatchObject({ code: "INVALID_INPUT", field });
        }
      });
    }

    it("names what is watched, and where in a list it is", async () => {
      const world = await openWorld({ cache: true });
      const { dynamicWatcher } = world;
      const batch = dynamicWatcher.startQueryBatch({ ...valid, name: "batch" });
      const selector = "something!=";
      const set = { version: "v1", kind: "ConfigMap", namespace: "a", selector: "a=b" };
      for (const [call, field] of [
        [() => dynamicWatcher.addWatcher(valid, NOTHING), "watched.version"],
        [() => dynamicWatcher.addWatcher(valid, { ...valid, name: "" }), "watched.name"],
        [() => dynamicWatcher.addWatcher(valid, { ...set, selector }), "watched.selector"],
        [() => dynamicWatcher.addWatcher(valid, { ...set, name: "b" }), "watched.selector"],
        [() => dynamicWatcher.addOrUpdateWatcher(valid, []), "watched"],
        [() => dynamicWatcher.addOrUpdateWatcher(valid, [valid, { ...valid, kind: "" }]), "watched[1].kind"],
        [() => batch.get(NOTHING), "watched.version"],
        [() => batch.get(set), "watched.selector"],
        [() => batch.list(NOTHING), "watched.version"],
        [() => batch.list(valid), "watched.name"],
      ] as const) {
        await expect(call()).rejects.toMatchObject({ code: "INVALID_INPUT", field });
      }
      for (const [call, field] of [
        [() => dynamicWatcher.getFromCache(NOTHING), "watched.version"],
        [() => dynamicWatcher.getFromCache(set), "watched.selector"],
        [() => dynamicWatcher.listFromCache(NOTHING), "watched.version"],
        [() => dynamicWatcher.listFromCache(valid), "watched.name"],
      ] as const) {
        expect(caught(call)).toMatchObject({ code: "INVALID_INPUT", field });
      }
      expect(dynamicWatcher.watchCount).toBe(0);
      expect(world.requests).toEqual([]);
    });

    it("names the namespace that an object of a namespaced kind needs", async () => {
      const { dynamicWatcher } = await openWorld({ cache: true });
      const { namespace: _, ...homeless } = valid;
      const batch = dynamicWatcher.startQueryBatch({ ...valid, name: "batch" });
      for (const [call, field] of [
        [() => dynamicWatcher.addWatcher(valid, homeless), "watched.namespace"],
        [() => dynamicWatcher.addOrUpdateWatcher(valid, [valid, homeless]), "watched[1].namespace"],
        [() => batch.get(homeless), "watched.namespace"],
      ] as const) {
        await expect(call()).rejects.toMatchObject({ code: "INVALID_INPUT", field });
      }
      expect(dynamicWatcher.watchCount).toBe(0);
    });

    it("names every other argument too", async () => {
      const { dynamicWatcher } = await openWorld({ cache: true });
      for (const [call, field] of [
        [() => dynamicWatcher.gvkToGvr({ group: "", version: "", kind: "ConfigMap" }), "gvk.version"],
        [() => dynamicWatcher.gvkToGvr({ group: "", version: "v1", kind: "" }), "gvk.kind"],
        [() => dynamicWatcher.query(valid, undefined as never), "read"],
        [() => dynamicWatcher.stop({ graceMs: -1 }), "graceMs"],
      ] as const) {
        await expect(call()).rejects.toMatchObject({ code: "INVALID_INPUT", field });
      }
      expect(dynamicWatcher.started).toBe(true);
    });

    it("comes before what an open batch forbids, and before what an ended one does", async () => {
      const { dynamicWatcher } = await openWorld({ cache: true });
      const batch = dynamicWatcher.startQueryBatch(valid);
      await expect(dynamicWatcher.addWatcher(valid, NOTHING)).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      await expect(dynamicWatcher.addOrUpdateWatcher(valid, [])).rejects.toMatchObject({
        code: "INVALID_INPUT",
      });
      await batch.end();
      await expect(batch.get(NOTHING)).rejects.toMatchObject({ code: "INVALID_INPUT" });
      await expect(batch.list(valid)).rejects.toMatchObject({ code: "INVALID_INPUT" });
    });
  });
});

describe("new DynamicWatcher", () => {
  it("names the option at fault", () => {
    const transport = { request: () => Promise.reject(), close: () => Promise.resolve() };
    const options = { transport, reconcile() {} };
    for (const [wrong, field] of [
      [{ transport: {} }, "transport"],
      [{ reconcile: "web" }, "reconcile"],
      [{ maxConcurrentReconciles: 0 }, "maxConcurrentReconciles"],
      [{ startTimeoutMs: Number.NaN }, "startTimeoutMs"],
      [{ logger: "console" }, "logger"],
    ] as const) {
      expect(caught(() => new DynamicWatcher({ ...options, ...wrong } as never))).toMatchObject({
        code: "INVALID_INPUT",
        field,
      });
    }
  });
});

describe("an ObjectIdentifier", () => {
  it("has a readable text", () => {
    expect(formatIdentifier({ ...valid, group: "" })).toBe(
      "GroupVersion=v1, Kind=ConfigMap, Namespace=a, Name=b",
    );
    expect(
      formatIdentifier({ group: "apps", version: "v1", kind: "Deployment", namespace: "a", selector: "b=c" }),
    ).toBe("GroupVersion=apps/v1, Kind=Deployment, Namespace=a, Name=, Selector=b=c");
  });

  it("is valid with a version, a kind, and either a name or a selector that parses", () => {
    const { name: _, ...set } = valid;
    validateIdentifier(valid);
    validateIdentifier({ ...valid, group: "", selector: "" });
    validateIdentifier({ ...set, selector: "example.test/label=foo" });
    validateIdentifier({ ...set, selector: "" });
    for (const [id, field] of [
      [{ ...valid, version: "" }, "version"],
      [{ ...valid, kind: "" }, "kind"],
      [{ ...valid, name: "" }, "name"],
      [set, "name"],
      [{ ...valid, selector: "a=b" }, "selector"],
      [{ ...set, selector: "something!=" }, "selector"],
      [{ ...valid, name: "a/b" }, "name"],
    ] as const) {
      expect(caught(() => validateIdentifier(id))).toMatchObject({ code: "INVALID_INPUT", field });
    }
  });
});

/** The error of a call, which must come in the way that is the method's own: a promise never throws at once. */
async function refusal(name: string, call: () => unknown): Promise<Error> {
  if (SYNCHRONOUS.includes(name)) return caught(call);
  const promise = call() as Promise<unknown>;
  return promise.then(
    () => Promise.reject(new Error(`${name} was not refused`)),
    (error: Error) => error,
  );
}
