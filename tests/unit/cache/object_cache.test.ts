import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { ObjectCache } from "../../../lib/cache/object_cache.ts";
import { NoCacheEntryError } from "../../../lib/kubernetes/errors.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { JsonPatchOperation } from "../../../lib/kubernetes/patch.ts";
import { caught } from "../../fixtures/caught.ts";

interface ConfigMap {
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  data: Record<string, string>;
}

const byName = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };
const bySelector = { version: "v1", kind: "ConfigMap", namespace: "default", selector: "app=web,tier=1" };

function settings(data: Record<string, string> = { color: "red" }): ConfigMap {
  return { metadata: { name: "settings", namespace: "default" }, data };
}

let cache: ObjectCache;

beforeEach(() => {
  cache = new ObjectCache();
});

describe("ObjectCache.get", () => {
  it("answers what was set", () => {
    cache.set(byName, settings());
    expect(cache.get<ConfigMap>(byName)?.data.color).toBe("red");
  });

  it("answers the same object each time", () => {
    cache.set(byName, settings());
    expect(cache.get(byName)).toBe(cache.get({ ...byName, group: "" }));
  });

  it("says undefined of what is known to be absent (the original panics)", () => {
    cache.set(byName, undefined);
    expect(cache.get(byName)).toBe(undefined);
  });

  it("throws where there is no entry", () => {
    const error = caught(() => cache.get(byName));
    expect(error).toBeInstanceOf(NoCacheEntryError);
    expect(error).toMatchObject({ code: "NO_CACHE_ENTRY", watched: byName });
    expect(error.message).toMatch(/there is no entry for it; nothing was set/);
  });

  it("refuses a selector", () => {
    expect(caught(() => cache.get(bySelector))).toMatchObject({ code: "INVALID_INPUT", field: "selector" });
  });

  it("does not find by name what was set under a selector", () => {
    cache.set(bySelector, [settings()]);
    expect(caught(() => cache.get(byName))).toMatchObject({ code: "NO_CACHE_ENTRY" });
  });
});

describe("ObjectCache.list", () => {
  function object(namespace: string | undefined, name: string): KubernetesObject {
    return { metadata: { name, ...(namespace && { namespace }) } };
  }

  it("answers a frozen list by namespace and name", () => {
    const id = { version: "v1", kind: "ConfigMap", selector: "" };
    cache.set(id, [object("b", "a"), object("a", "z"), object(undefined, "m"), object("a", "b")]);
    const list = cache.list(id);
    const places = list.map(({ metadata }) => `${metadata?.namespace ?? ""}/${metadata?.name}`);
    expect(places).toEqual(["/m", "a/b", "a/z", "b/a"]);
    expect(Object.isFrozen(list)).toBe(true);
    expect(cache.list(id)).toBe(list);
  });

  it("finds a selector however it is written", () => {
    cache.set(bySelector, [settings()]);
    expect(cache.list({ ...bySelector, selector: "tier==1, app in (web)" }).length).toBe(1);
  });

  it("takes no selector for the one that selects all", () => {
    cache.set({ ...bySelector, selector: "" }, [settings()]);
    expect(cache.list({ version: "v1", kind: "ConfigMap", namespace: "default" }).length).toBe(1);
  });

  for (const none of [[], undefined]) {
    it(`answers an empty list after ${JSON.stringify(none)} was set`, () => {
      cache.set(bySelector, none);
      expect(cache.list(bySelector)).toEqual([]);
    });
  }

  it("leaves a list that was handed out as it was", () => {
    cache.set(bySelector, [settings()]);
    const list = cache.list(bySelector);
    cache.set(bySelector, []);
    expect(list.length).toBe(1);
    expect(cache.list(bySelector).length).toBe(0);
  });

  it("throws where there is no entry", () => {
    expect(caught(() => cache.list(bySelector))).toMatchObject({ code: "NO_CACHE_ENTRY" });
  });

  it("refuses a name", () => {
    expect(caught(() => cache.list(byName))).toMatchObject({ code: "INVALID_INPUT", field: "name" });
  });
});

describe("ObjectCache.set", () => {
  it("keeps a copy: neither side sees what the other does", () => {
    const given = settings();
    cache.set(byName, given);
    given.data.color = "blue";
    expect(Object.isFrozen(given.data)).toBe(false);
    expect(cache.get<ConfigMap>(byName)?.data.color).toBe("red");
  });

  it("takes what was handed out, which is frozen", () => {
    cache.set(byName, settings());
    const answer = cache.get<ConfigMap>(byName);
    cache.set({ ...byName, name: "copy" }, answer);
    expect(cache.get({ ...byName, name: "copy" })).toEqual(answer);
  });

  it("hands out objects that are stripped, complete and frozen at every depth", () => {
    cache.set(byName, {
      metadata: {
        name: "settings",
        managedFields: [{}],
        annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", kept: "yes" },
      },
      data: { list: [{ a: 1 }] },
    });
    const answer = cache.get<{ metadata: object; data: { list: object[] } }>(byName);
    expect(answer).toEqual({
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "settings", annotations: { kept: "yes" } },
      data: { list: [{ a: 1 }] },
    });
    for (const part of [answer, answer?.metadata, answer?.data, answer?.data.list, answer?.data.list[0]]) {
      expect(Object.isFrozen(part)).toBe(true);
    }
  });

  const refused: [what: string, id: typeof byName | typeof bySelector, answer: unknown, field: string][] = [
    ["a list under a name", byName, [settings()], "answer"],
    ["one object under a selector", bySelector, settings(), "answer"],
    ["null", byName, null, "answer"],
    ["text", byName, "settings", "answer"],
    ["a list within a list", bySelector, [[settings()]], "answer"],
    ["metadata that is none", byName, { metadata: "settings" }, "answer"],
    ["what cannot be copied", byName, { metadata: {}, data: () => 1 }, "answer"],
    ["what cannot be frozen", byName, { metadata: {}, data: new Uint8Array(1) }, "answer"],
    ["a selector that does not parse", { ...bySelector, selector: "a=b=c" }, [], "selector"],
    ["neither name nor selector", { ...byName, name: "" }, settings(), "name"],
  ];
  for (const [what, id, answer, field] of refused) {
    it(`refuses ${what}, and changes nothing`, () => {
      cache.set(byName, settings());
      cache.set(bySelector, [settings()]);
      const error = caught(() => cache.set(id, answer as object));
      expect(error).toMatchObject({ code: "INVALID_INPUT", field });
      expect(cache.get<ConfigMap>(byName)?.data).toEqual({ color: "red" });
      expect(cache.list(bySelector).length).toBe(1);
    });
  }
});

describe("ObjectCache.delete and clear", () => {
  it("delete drops one entry and says whether there was one", () => {
    cache.set(byName, settings());
    cache.set(bySelector, []);
    expect(cache.delete(byName)).toBe(true);
    expect(cache.delete(byName)).toBe(false);
    expect(caught(() => cache.get(byName))).toMatchObject({ code: "NO_CACHE_ENTRY" });
    expect(cache.list(bySelector)).toEqual([]);
  });

  it("clear drops all", () => {
    cache.set(byName, settings());
    cache.set(bySelector, []);
    cache.clear();
    expect(caught(() => cache.get(byName))).toMatchObject({ code: "NO_CACHE_ENTRY" });
    expect(caught(() => cache.list(bySelector))).toMatchObject({ code: "NO_CACHE_ENTRY" });
  });
});

describe("ObjectCache.applyPatch", () => {
  it("puts a new frozen object in place of the old one, and answers it", () => {
    cache.set(byName, settings());
    const before = cache.get<ConfigMap>(byName);
    const after = cache.applyPatch<ConfigMap>(byName, [
      { op: "replace", path: "/data/color", value: "blue" },
    ]);
    expect(after.data.color).toBe("blue");
    expect(cache.get(byName)).toBe(after);
    expect(Object.isFrozen(after.data)).toBe(true);
    expect(before?.data.color).toBe("red");
  });

  it("leaves the operations alone", () => {
    cache.set(byName, settings());
    const value = { size: "xl" };
    cache.applyPatch(byName, [{ op: "replace", path: "/data", value }]);
    expect(Object.isFrozen(value)).toBe(false);
  });

  const refused: [what: string, operations: unknown][] = [
    ["no array", { op: "remove", path: "/data" }],
    ["a missing path", [{ op: "remove", path: "/spec" }]],
    ["a failed test", [{ op: "test", path: "/data/color", value: "blue" }]],
    ["the second operation", [{ op: "remove", path: "/data/color" }, { op: "bad" }]],
    ["an outcome that is no object", [{ op: "replace", path: "", value: [] }]],
    ["the removal of the whole object", [{ op: "remove", path: "" }]],
  ];
  for (const [what, operations] of refused) {
    it(`refuses ${what}, and changes nothing`, () => {
      cache.set(byName, settings());
      const before = cache.get(byName);
      const error = caught(() => cache.applyPatch(byName, operations as JsonPatchOperation[]));
      expect(error).toMatchObject({ code: "INVALID_INPUT" });
      expect(cache.get(byName)).toBe(before);
      expect(cache.get<ConfigMap>(byName)?.data).toEqual({ color: "red" });
    });
  }

  it("refuses what is known to be absent", () => {
    cache.set(byName, undefined);
    expect(caught(() => cache.applyPatch(byName, []))).toMatchObject({
      code: "INVALID_INPUT",
      field: "name",
    });
  });

  it("throws where there is no entry", () => {
    expect(caught(() => cache.applyPatch(byName, []))).toMatchObject({ code: "NO_CACHE_ENTRY" });
  });

  it("refuses a selector", () => {
    cache.set(bySelector, [settings()]);
    expect(caught(() => cache.applyPatch(bySelector, []))).toMatchObject({ code: "INVALID_INPUT" });
  });
});
