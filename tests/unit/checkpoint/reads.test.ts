import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import { settle } from "../../fixtures/fake_clock.ts";
import { app, configMap, configMaps, type Hook, hookWith } from "./harness.ts";

const one = (dynamicWatcher: DynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMap("one"));

/** A DynamicWatcher with a cache that has gone on from a checkpoint, and how often ConfigMaps were listed since. */
async function warm(hook: Hook): Promise<{ dynamicWatcher: DynamicWatcher; lists: () => number }> {
  await hook.run({ setup: one });
  const dynamicWatcher = hook.dynamicWatcher({ cache: true });
  await hook.drive(() => dynamicWatcher.start());
  await hook.clock.advance(1_000);
  const before = hook.server.requests.length;
  const isList = ({ path }: { path: string }) => path.includes("sendInitialEvents");
  return { dynamicWatcher, lists: () => hook.server.requests.slice(before).filter(isList).length };
}

function codeOf(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return (error as { code?: string }).code;
  }
}

describe("an identifier that came from a checkpoint", () => {
  it("has no entry for the getters until a query has listed it, once", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher, lists } = await warm(hook);
    expect(codeOf(() => dynamicWatcher.getFromCache(configMap("one")))).toBe("NO_CACHE_ENTRY");
    expect(codeOf(() => dynamicWatcher.listWatchedFromCache(app("a")))).toBe("NO_CACHE_ENTRY");
    expect(lists()).toBe(0);
    const read = () => dynamicWatcher.query(app("a"), (query) => query.get(configMap("one")));
    const [first, second] = [await hook.drive(read), await hook.drive(read)];
    expect(first).toMatchObject({ kind: "ConfigMap", metadata: { name: "one" } });
    expect(second).toBe(first);
    expect(lists()).toBe(1);
    expect(dynamicWatcher.getFromCache(configMap("one"))).toBe(first);
    expect(dynamicWatcher.listWatchedFromCache(app("a"))).toEqual([first]);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("is listed once for all who read it at once, and wakes nobody by that", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher, lists } = await warm(hook);
    const runs: unknown[] = [];
    dynamicWatcher.reconciler.addEventListener("reconcileend", (event) => runs.push(event));
    await hook.drive(() =>
      Promise.all(
        ["a", "b", "c"].map((name) =>
          dynamicWatcher.query(app(name), (query) => query.get(configMap("one"))),
        ),
      ),
    );
    expect(lists()).toBe(1);
    await hook.clock.advance(1_000);
    // Of the three, two are new to it.
    expect(runs).toHaveLength(2);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("has an entry when an event has brought the body", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher, lists } = await warm(hook);
    await hook.change(configMap("one"), { a: "1" });
    await settle();
    expect(dynamicWatcher.getFromCache(configMap("one"))).toMatchObject({ data: { a: "1" } });
    expect(lists()).toBe(0);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("has no entry while one of several bodies is missing", async () => {
    const hook = await hookWith("one", "two");
    await hook.run({ setup: (dynamicWatcher) => dynamicWatcher.addWatcher(app("a"), configMaps()) });
    await hook.change(configMap("one"), { a: "1" });
    const dynamicWatcher = hook.dynamicWatcher({ cache: true });
    await hook.drive(() => dynamicWatcher.start());
    await hook.clock.advance(1_000);
    expect(codeOf(() => dynamicWatcher.listFromCache(configMaps()))).toBe("NO_CACHE_ENTRY");
    await hook.delete(configMap("two"));
    await settle();
    expect(dynamicWatcher.listFromCache(configMaps())).toMatchObject([{ metadata: { name: "one" } }]);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("hears of a change while it is listed", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher } = await warm(hook);
    const transitions: string[] = [];
    dynamicWatcher.addEventListener("transition", ({ cause }) => transitions.push(cause.type));
    const reading = dynamicWatcher.query(app("a"), (query) => query.get(configMap("one")));
    await hook.change(configMap("one"), { a: "1" });
    expect(await hook.drive(() => reading)).toMatchObject({ data: { a: "1" } });
    await settle();
    expect(transitions).toEqual(["MODIFIED"]);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("rejects a read whose list is refused, and is blocked", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher } = await warm(hook);
    hook.forbidden.add("configmaps");
    const failure = await hook
      .drive(() => dynamicWatcher.query(app("a"), (query) => query.get(configMap("one"))))
      .catch((error) => error);
    expect(failure).toMatchObject({ code: "API_ERROR", status: 403 });
    expect(dynamicWatcher.watchCount).toBe(0);
    await hook.drive(() => dynamicWatcher.stop());
  });

  it("is kept with its versions when the run stops before its list has come", async () => {
    const hook = await hookWith("one");
    const { dynamicWatcher } = await warm(hook);
    const reading = dynamicWatcher
      .query(app("a"), (query) => query.get(configMap("one")))
      .catch((error) => error.code);
    await hook.drive(() => dynamicWatcher.stop());
    expect(await reading).toBe("NOT_STARTED");
    await hook.change(configMap("one"), { a: "1" });
    expect((await hook.run()).causes).toEqual(["a: MODIFIED ConfigMap/one"]);
  });
});
