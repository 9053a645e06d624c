import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { type Cause, type ObjectCause, objectCause } from "../../../lib/kubernetes/cause.ts";
import { CauseList } from "../../../lib/kubernetes/cause_list.ts";
import { NotStartedError } from "../../../lib/kubernetes/errors.ts";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { WatchedObject } from "../../../lib/kubernetes/object.ts";
import { configMap, type ObjectFields } from "../../fixtures/objects.ts";

const watched: ObjectIdentifier = {
  version: "v1",
  kind: "ConfigMap",
  namespace: "default",
  selector: "app=web",
};
const other: ObjectIdentifier = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };

function v(version: number, fields: ObjectFields = {}): WatchedObject {
  return configMap({ version, ...fields });
}

interface Options {
  relisted?: boolean;
  watched?: ObjectIdentifier;
}

function added(after: WatchedObject, { relisted = false, watched: id = watched }: Options = {}): ObjectCause {
  return objectCause({ type: "ADDED", watched: id, after, relisted });
}

function modified(
  before: WatchedObject,
  after: WatchedObject,
  { relisted = false, watched: id = watched }: Options = {},
): ObjectCause {
  return objectCause({ type: "MODIFIED", watched: id, before, after, relisted });
}

function deleted(
  before: WatchedObject,
  { relisted = false, watched: id = watched }: Options = {},
): ObjectCause {
  return objectCause({ type: "DELETED", watched: id, before, relisted });
}

/** `TYPE before>after`, with "relisted" where it was. */
function summary(cause: Cause): string {
  if (!("relisted" in cause)) return cause.type;
  const versions = `${cause.before?.resourceVersion ?? ""}>${cause.after?.resourceVersion ?? ""}`;
  return `${cause.type} ${versions}${cause.relisted ? " relisted" : ""}`;
}

function listOf(...causes: Cause[]): CauseList {
  const list = new CauseList();
  for (const cause of causes) list.add(cause);
  return list;
}

describe("CauseList coalesces", () => {
  const again = { uid: "u-again" };
  const cases: [what: string, causes: Cause[], outcome: string[]][] = [
    ["nothing", [], []],
    ["one change", [modified(v(1), v(2))], ["MODIFIED 1>2"]],
    ["two changes", [modified(v(1), v(2)), modified(v(2), v(3))], ["MODIFIED 1>3"]],
    ["an addition and a change", [added(v(1)), modified(v(1), v(2))], ["ADDED >2"]],
    ["a change and a deletion", [modified(v(1), v(2)), deleted(v(2))], ["DELETED 1>"]],
    ["what came and went, as last seen", [added(v(1)), modified(v(1), v(2)), deleted(v(2))], ["DELETED 2>"]],
    ["leaving a selector and entering it again", [deleted(v(1)), added(v(2))], ["MODIFIED 1>2"]],
    ["in, out and in again", [added(v(1)), deleted(v(1)), added(v(2))], ["ADDED >2"]],
    [
      "a delete and recreate, which stays two",
      [deleted(v(1)), added(v(2, again))],
      ["DELETED 1>", "ADDED >2"],
    ],
    [
      "what happens to the recreated one apart",
      [modified(v(1), v(2)), deleted(v(2)), added(v(3, again)), modified(v(3, again), v(4, again))],
      ["DELETED 1>", "ADDED >4"],
    ],
    ["objects apart", [added(v(1)), added(v(2, { name: "more" }))], ["ADDED >1", "ADDED >2"]],
    [
      "a relist with events",
      [modified(v(1), v(2), { relisted: true }), modified(v(2), v(3))],
      ["MODIFIED 1>3 relisted"],
    ],
    [
      "events with a relist",
      [modified(v(1), v(2)), deleted(v(2), { relisted: true })],
      ["DELETED 1> relisted"],
    ],
    [
      "a relist in the middle",
      [added(v(1)), modified(v(1), v(2), { relisted: true }), modified(v(2), v(3))],
      ["ADDED >3 relisted"],
    ],
    [
      "each watched identifier apart",
      [modified(v(1), v(2)), modified(v(1), v(2), { watched: other }), modified(v(2), v(3))],
      ["MODIFIED 1>3", "MODIFIED 1>2"],
    ],
  ];
  for (const [what, causes, outcome] of cases) {
    it(what, () => {
      const list = listOf(...causes);
      expect(list.toArray().map(summary)).toEqual(outcome);
      expect(list.dropped).toBe(false);
    });

    it(`${what}, also when all but the first came after a failed run`, () => {
      const failed = listOf(...causes.slice(0, 1));
      failed.addAll(listOf(...causes.slice(1)));
      expect(failed.toArray().map(summary)).toEqual(outcome);
    });
  }

  it("an equal identifier like the same one", () => {
    const list = listOf(modified(v(1), v(2)), modified(v(2), v(3), { watched: { ...watched } }));
    expect(list.toArray().map(summary)).toEqual(["MODIFIED 1>3"]);
  });

  it("objects without a uid by their place", () => {
    const list = listOf(added(v(1, { uid: "" })), added(v(2, { uid: "", name: "more" })));
    expect(list.toArray().map(summary)).toEqual(["ADDED >1", "ADDED >2"]);
  });

  it("into a patch from the first body to the last", () => {
    const list = listOf(
      modified(v(1, { data: { a: "1" } }), v(2, { data: { a: "2" } })),
      modified(v(2, { data: { a: "2" } }), v(3, { data: { a: "3" } })),
    );
    const [cause] = list.toArray() as ObjectCause[];
    expect(cause?.patch).toContainEqual({ op: "replace", path: "/data/a", value: "3" });
  });

  it("one change as itself, with the patch that was computed already", () => {
    const cause = modified(v(1), v(2));
    expect(listOf(cause).toArray()[0]).toBe(cause);
  });
});

describe("CauseList", () => {
  it("tells each other type once, the latest error with it", () => {
    const blocked = new NotStartedError("read");
    const list = listOf(
      { type: "INITIAL", watched },
      { type: "INITIAL", watched: other },
      { type: "INITIAL", watched },
      { type: "TRIGGER" },
      { type: "REQUEUE" },
      { type: "TRIGGER" },
      { type: "RETRY", error: "first" },
      { type: "RETRY", error: "second" },
      { type: "BLOCKED", watched, error: new NotStartedError("get") },
      { type: "BLOCKED", watched, error: blocked },
    );
    expect(list.toArray()).toEqual([
      { type: "INITIAL", watched },
      { type: "INITIAL", watched: other },
      { type: "BLOCKED", watched, error: blocked },
      { type: "TRIGGER" },
      { type: "REQUEUE" },
      { type: "RETRY", error: "second" },
    ]);
  });

  it("gives an array that later adds do not change", () => {
    const list = listOf(modified(v(1), v(2)));
    const causes = list.toArray();
    list.add(modified(v(2), v(3)));
    list.add({ type: "TRIGGER" });
    expect(causes.map(summary)).toEqual(["MODIFIED 1>2"]);
  });

  it("leaves the list that was added as it was", () => {
    const newer = listOf(modified(v(2), v(3)));
    const failed = listOf(modified(v(1), v(2)), { type: "TRIGGER" });
    failed.addAll(newer);
    failed.add(modified(v(3), v(4)));
    expect(newer.toArray().map(summary)).toEqual(["MODIFIED 2>3"]);
  });
});

describe("CauseList with more than it takes", () => {
  let list: CauseList;
  beforeEach(() => {
    list = new CauseList();
    for (let index = 0; index < 100; index += 1) list.add(added(v(1, { name: `n${index}` })));
  });

  it("tells a hundred", () => {
    expect(list.toArray().length).toBe(100);
    expect(list.dropped).toBe(false);
  });

  it("drops the next, and says so", () => {
    list.add(added(v(1, { name: "last" })));
    expect(list.toArray().length).toBe(100);
    expect(list.dropped).toBe(true);
  });

  it("still coalesces into those that it has", () => {
    list.add(deleted(v(1, { name: "n99" })));
    expect(list.toArray().map(summary).at(-1)).toBe("DELETED 1>");
    expect(list.dropped).toBe(false);
  });

  it("finds room for why it runs again", () => {
    list.add({ type: "RETRY", error: "again" });
    expect(list.toArray().length).toBe(100);
    expect(list.toArray().at(-1)).toEqual({ type: "RETRY", error: "again" });
    expect(list.dropped).toBe(true);
  });

  it("hands on that something was dropped", () => {
    list.add(added(v(1, { name: "last" })));
    const failed = new CauseList();
    failed.addAll(list);
    expect(failed.dropped).toBe(true);
  });
});
