import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { Change } from "../../../../transports/memory/change.ts";
import { Collection } from "../../../../transports/memory/collection.ts";
import { type ObjectVersion, objectVersion } from "../../../../transports/memory/object_version.ts";

const version = (name: string, revision: number): ObjectVersion =>
  objectVersion({ metadata: { name, namespace: "t" } }, revision);

/** a at 1, b at 2, a again at 3, b removed at 4. */
function written({ historyLimit = 10 } = {}): Collection {
  const collection = new Collection({ floor: 0, historyLimit });
  const [a, b, again] = [version("a", 1), version("b", 2), version("a", 3)];
  collection.commit(new Change({ revision: 1, after: a }));
  collection.commit(new Change({ revision: 2, after: b }));
  collection.commit(new Change({ revision: 3, before: a, after: again }));
  collection.commit(new Change({ revision: 4, before: b }));
  return collection;
}

const shown = (versions: readonly ObjectVersion[]) =>
  versions.map(({ name, revision }) => `${name}@${revision}`);

describe("Collection", () => {
  const states: [revision: number, objects: string[]][] = [
    [0, []],
    [1, ["a@1"]],
    [2, ["a@1", "b@2"]],
    [3, ["a@3", "b@2"]],
    [4, ["a@3"]],
    [9, ["a@3"]],
  ];
  for (const [revision, objects] of states) {
    it(`knows its objects as they were at revision ${revision}`, () => {
      expect(shown(written().valuesAt(revision))).toEqual(objects);
    });
  }

  it("keeps so many changes, and the floor below the oldest of them", () => {
    const collection = written({ historyLimit: 2 });
    expect(collection.changesAfter(0).map(({ revision }) => revision)).toEqual([3, 4]);
    expect(collection.floor).toBe(2);
    expect(shown(collection.valuesAt(2))).toEqual(["a@1", "b@2"]);
  });

  it("forgets what is compacted, and keeps what is later", () => {
    const collection = written();
    collection.compact(3);
    expect([collection.floor, collection.changesAfter(0).length, collection.size]).toEqual([3, 1, 1]);
    collection.compact(2);
    expect(collection.floor).toBe(3);
  });

  it("sorts by key, as etcd does: `a-b/x` before `a/x`", () => {
    const collection = new Collection({ floor: 0, historyLimit: 10 });
    const places: [string, string][] = [
      ["a", "y"],
      ["a-b", "x"],
      ["a", "x"],
    ];
    for (const [namespace, name] of places) {
      collection.commit(
        new Change({ revision: 1, after: objectVersion({ metadata: { name, namespace } }, 1) }),
      );
    }
    expect(collection.values().map(({ key }) => key)).toEqual(["a-b/x", "a/x", "a/y"]);
  });

  it("tells observers after all subscribers, also where an observer writes itself", () => {
    const collection = new Collection({ floor: 0, historyLimit: 10 });
    const told: string[] = [];
    collection.observe(({ revision, after }) => {
      told.push(`observer ${revision}`);
      if (revision === 1 && after) collection.commit(new Change({ revision: 2, before: after }));
    });
    collection.subscribe({ changed: ({ revision }) => told.push(`subscriber ${revision}`), closed() {} });
    collection.commit(new Change({ revision: 1, after: version("a", 1) }));
    expect(told).toEqual(["subscriber 1", "observer 1", "subscriber 2", "observer 2"]);
  });
});
