import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { ObjectStore, type Transition } from "../../../lib/cache/object_store.ts";
import type { WatchedObject } from "../../../lib/kubernetes/object.ts";
import type { ObjectEvent } from "../../../lib/protocol/watch_event.ts";
import type { StreamState } from "../../../lib/watch/stream.ts";
import { configMap } from "../../fixtures/objects.ts";

let store: ObjectStore;
let seen: Transition[];

beforeEach(() => {
  store = new ObjectStore();
  seen = [];
  store.events.on("transition", (transition) => seen.push(transition));
});

/** `TYPE key before>after` of each transition since the last call. */
function told(): string[] {
  return seen.splice(0).map(({ type, key, before, after, relisted }) => {
    const versions = `${before?.resourceVersion ?? ""}>${after?.resourceVersion ?? ""}`;
    return `${type} ${key} ${versions}${relisted ? " relisted" : ""}`;
  });
}

function names(): string[] {
  return store.sorted().map(({ namespace, name }) => `${namespace}/${name}`);
}

describe("ObjectStore.apply", () => {
  const at7 = configMap({ version: 7 });
  const cases: [
    what: string,
    known: WatchedObject[],
    event: ObjectEvent,
    outcome: string[],
    left: string[],
  ][] = [
    ["ADDED", [], { type: "ADDED", object: at7 }, ["ADDED default/settings >7"], ["7"]],
    [
      "MODIFIED",
      [at7],
      { type: "MODIFIED", object: configMap({ version: 8 }) },
      ["MODIFIED default/settings 7>8"],
      ["8"],
    ],
    [
      "DELETED, with what was known before",
      [at7],
      { type: "DELETED", object: configMap({ version: 9 }) },
      ["DELETED default/settings 7>"],
      [],
    ],
    ["a replayed ADDED", [at7], { type: "ADDED", object: configMap({ version: 7 }) }, [], ["7"]],
    ["an older ADDED", [at7], { type: "ADDED", object: configMap({ version: 6 }) }, [], ["7"]],
    ["an older MODIFIED", [at7], { type: "MODIFIED", object: configMap({ version: 6 }) }, [], ["7"]],
    ["an older DELETED", [at7], { type: "DELETED", object: configMap({ version: 6 }) }, [], ["7"]],
    [
      "a newer ADDED of what is known",
      [at7],
      { type: "ADDED", object: configMap({ version: 10 }) },
      ["MODIFIED default/settings 7>10"],
      ["10"],
    ],
    [
      "MODIFIED of what is unknown",
      [],
      { type: "MODIFIED", object: at7 },
      ["ADDED default/settings >7"],
      ["7"],
    ],
    ["DELETED of what is unknown", [], { type: "DELETED", object: at7 }, [], []],
    [
      "a delete and recreate whose deletion was missed",
      [at7],
      { type: "ADDED", object: configMap({ version: 9, uid: "u-again" }) },
      ["DELETED default/settings 7>", "ADDED default/settings >9"],
      ["9"],
    ],
    [
      "a recreated one of the same version",
      [at7],
      { type: "ADDED", object: configMap({ version: 7, uid: "u-again" }) },
      ["DELETED default/settings 7>", "ADDED default/settings >7"],
      ["7"],
    ],
    [
      "a replay of the one before",
      [configMap({ version: 9, uid: "u-again" })],
      { type: "MODIFIED", object: at7 },
      [],
      ["9"],
    ],
    [
      "versions that are no numbers",
      [configMap({ version: "b" })],
      { type: "MODIFIED", object: configMap({ version: "a" }) },
      ["MODIFIED default/settings b>a"],
      ["a"],
    ],
    [
      "a replay among such",
      [configMap({ version: "b" })],
      { type: "MODIFIED", object: configMap({ version: "b" }) },
      [],
      ["b"],
    ],
  ];
  for (const [what, known, event, outcome, left] of cases) {
    it(`${outcome.length > 0 ? "tells of" : "is silent about"} ${what}`, () => {
      store.replace(known, "7", false);
      told();
      store.apply(event);
      expect(told()).toEqual(outcome);
      expect(Array.from(store.values(), (object) => object.resourceVersion)).toEqual(left);
    });
  }

  it("hands out the very objects", () => {
    const before = configMap({ version: 1 });
    const after = configMap({ version: 2 });
    store.apply({ type: "ADDED", object: before });
    store.apply({ type: "MODIFIED", object: after });
    expect(seen[1]?.before).toBe(before);
    expect(seen[1]?.after).toBe(after);
    expect(store.get("default/settings")).toBe(after);
  });

  it("has changed when its listeners are called", () => {
    const counts: number[] = [];
    store.events.on("transition", () => counts.push(store.sorted().length));
    store.apply({ type: "ADDED", object: configMap() });
    store.apply({ type: "DELETED", object: configMap({ version: 2 }) });
    expect(counts).toEqual([1, 0]);
  });

  it("tells apart what is called the same in two namespaces", () => {
    store.apply({ type: "ADDED", object: configMap({ namespace: "a" }) });
    store.apply({ type: "ADDED", object: configMap({ namespace: "b" }) });
    expect(told()).toEqual(["ADDED a/settings >1", "ADDED b/settings >1"]);
  });

  it("looks at no other object, however many there are", () => {
    let touched = 0;
    const watchful = new Proxy(configMap({ name: "other" }), {
      get(target, property, receiver) {
        touched += 1;
        return Reflect.get(target, property, receiver);
      },
    });
    store.replace([watchful], "1", false);
    touched = 0;
    store.apply({ type: "ADDED", object: configMap({ version: 2 }) });
    store.apply({ type: "MODIFIED", object: configMap({ version: 3 }) });
    store.apply({ type: "DELETED", object: configMap({ version: 4 }) });
    expect(touched).toBe(0);
    expect(seen.length).toBe(4);
  });
});

describe("ObjectStore.replace", () => {
  const known = [
    configMap({ name: "kept", version: 1 }),
    configMap({ name: "changed", version: 2 }),
    configMap({ name: "gone", version: 3 }),
    configMap({ name: "again", version: 4 }),
  ];
  const relist = [
    configMap({ name: "kept", version: 1 }),
    configMap({ name: "changed", version: 12 }),
    configMap({ name: "again", version: 14, uid: "u-other" }),
    configMap({ name: "new", version: 15 }),
  ];

  it("tells what changed meanwhile, and nothing of what did not", () => {
    store.replace(known, "4", false);
    expect(told().length).toBe(4);
    store.replace(relist, "15", true);
    expect(told()).toEqual([
      "MODIFIED default/changed 2>12 relisted",
      "DELETED default/again 4> relisted",
      "ADDED default/again >14 relisted",
      "ADDED default/new >15 relisted",
      "DELETED default/gone 3> relisted",
    ]);
  });

  it("is silent when nothing changed, and keeps objects and list", () => {
    store.replace(known, "4", false);
    const list = store.sorted();
    told();
    store.replace(
      known.map(({ name, resourceVersion }) => configMap({ name, version: resourceVersion })),
      "20",
      true,
    );
    expect(told()).toEqual([]);
    expect(store.sorted()).toBe(list);
    expect(store.get("default/kept")).toBe(known[0]);
  });

  it("is the truth, also where it goes back (a restored backup)", () => {
    store.replace([configMap({ version: 100 })], "100", false);
    told();
    store.replace([configMap({ version: 7 })], "50", true);
    expect(told()).toEqual(["MODIFIED default/settings 100>7 relisted"]);
    store.apply({ type: "MODIFIED", object: configMap({ version: 51 }) });
    expect(told()).toEqual(["MODIFIED default/settings 7>51"]);
  });

  it("has changed as a whole before the first listener is called", () => {
    store.replace(known, "4", false);
    const lists: string[] = [];
    store.events.on("transition", () => lists.push(names().join(" ")));
    store.replace(relist, "15", true);
    expect(new Set(lists)).toEqual(new Set(["default/again default/changed default/kept default/new"]));
  });

  it("empties the store where the list is empty", () => {
    store.replace([configMap()], "1", false);
    expect(names()).toEqual(["default/settings"]);
    told();
    store.replace([], "2", true);
    expect(told()).toEqual(["DELETED default/settings 1> relisted"]);
    expect(store.sorted()).toEqual([]);
  });
});

describe("ObjectStore.sorted", () => {
  it("is by namespace and name, frozen, and the same until the set changes", () => {
    for (const [namespace, name] of [
      ["b", "a"],
      ["a", "z"],
      ["a", "b"],
    ] as const) {
      store.apply({ type: "ADDED", object: configMap({ namespace, name }) });
    }
    const list = store.sorted();
    expect(names()).toEqual(["a/b", "a/z", "b/a"]);
    expect(Object.isFrozen(list)).toBe(true);
    expect(store.sorted()).toBe(list);
    store.apply({ type: "ADDED", object: configMap({ namespace: "b", name: "a" }) });
    expect(store.sorted()).toBe(list);
  });

  const changes: [what: string, event: ObjectEvent, versions: string[]][] = [
    ["an addition", { type: "ADDED", object: configMap({ name: "b", version: 5 }) }, ["1", "5"]],
    ["a change", { type: "MODIFIED", object: configMap({ name: "a", version: 5 }) }, ["5"]],
    ["a deletion", { type: "DELETED", object: configMap({ name: "a", version: 5 }) }, []],
  ];
  for (const [what, event, versions] of changes) {
    it(`is another list after ${what}, and the old one stays as it was`, () => {
      store.replace([configMap({ name: "a" })], "1", false);
      const list = store.sorted();
      store.apply(event);
      expect(store.sorted().map((object) => object.resourceVersion)).toEqual(versions);
      expect(list.map((object) => object.resourceVersion)).toEqual(["1"]);
    });
  }
});

describe("ObjectStore.seed", () => {
  const versions = [
    ["default/kept", "u-kept", "1"],
    ["default/changed", "u-changed", "2"],
    ["/gone", "u-gone", "3"],
  ] as const;

  it("gives back what versions() gave", () => {
    store.seed(versions);
    expect([...store.versions()]).toEqual(versions);
    expect(told()).toEqual([]);
  });

  it("knows the versions, but no bodies", () => {
    store.seed(versions);
    expect(store.get("/gone")).toMatchObject({ namespace: "", name: "gone", uid: "u-gone", labels: {} });
    expect(store.get("default/kept")?.object()).toBe(undefined);
  });

  it("makes the first list tell only what changed since", () => {
    store.seed(versions);
    store.replace([configMap({ name: "kept" }), configMap({ name: "changed", version: 9 })], "9", true);
    expect(told()).toEqual(["MODIFIED default/changed 2>9 relisted", "DELETED /gone 3> relisted"]);
  });

  it("takes the bodies of a list, in silence where the version is the same", () => {
    store.seed(versions.slice(0, 1));
    expect(store.sorted()[0]?.object()).toBe(undefined);
    store.replace([configMap({ name: "kept", data: { a: "1" } })], "1", true);
    expect(told()).toEqual([]);
    expect(store.sorted()[0]?.object()?.data).toEqual({ a: "1" });
  });

  it("takes the body of the same version when it comes, in silence", () => {
    store.seed(versions);
    expect(store.sorted()[1]?.object()).toBe(undefined);
    store.apply({ type: "ADDED", object: configMap({ name: "changed", version: 2, data: { a: "1" } }) });
    store.apply({ type: "ADDED", object: configMap({ name: "kept", data: { b: "2" } }) });
    expect(told()).toEqual([]);
    expect(store.sorted().map((object) => object.object()?.data)).toEqual([
      undefined,
      { a: "1" },
      { b: "2" },
    ]);
  });
});

describe("ObjectStore.hasSeeds", () => {
  const versions = [
    ["default/kept", "u-kept", "1"],
    ["default/gone", "u-gone", "2"],
  ] as const;

  it("is false without seeds, also when nothing was seeded", () => {
    expect(store.hasSeeds).toBe(false);
    store.seed([]);
    expect(store.hasSeeds).toBe(false);
  });

  it("ends with a list", () => {
    store.seed(versions);
    expect(store.hasSeeds).toBe(true);
    store.replace([configMap({ name: "kept" })], "3", true);
    expect(store.hasSeeds).toBe(false);
  });

  it("ends when events have brought or taken the last of them", () => {
    store.seed(versions);
    store.apply({ type: "DELETED", object: configMap({ name: "gone", version: 3 }) });
    expect(store.hasSeeds).toBe(true);
    store.apply({ type: "MODIFIED", object: configMap({ name: "kept", version: 4 }) });
    expect(store.hasSeeds).toBe(false);
  });
});

describe("ObjectStore.state", () => {
  it("passes on the states of the stream", () => {
    const states: StreamState[] = [];
    store.events.on("state", (state) => states.push(state));
    store.state({ state: "starting" });
    store.state({ state: "live" });
    expect(states).toEqual([{ state: "starting" }, { state: "live" }]);
  });
});
