import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { bodiesOf, firstBody, MergedAnswers } from "../../../lib/watchers/answers.ts";
import { configMap } from "../../fixtures/objects.ts";

const [a, b] = [configMap({ name: "a" }), configMap({ name: "b" })];

describe("bodiesOf", () => {
  it("is one frozen array for one array of objects, and leaves out what has no body", () => {
    const objects = [a, configMap({ name: "bare", content: "metadata" }), b];
    const bodies = bodiesOf(objects);
    expect(bodies).toEqual([a.object(), b.object()]);
    expect(Object.isFrozen(bodies)).toBe(true);
    expect(bodiesOf(objects)).toBe(bodies);
    expect(bodiesOf([...objects])).not.toBe(bodies);
  });
});

describe("firstBody", () => {
  it("is the one object, or undefined", () => {
    expect(firstBody([a])).toBe(a.object());
    expect(firstBody([])).toBeUndefined();
  });
});

describe("MergedAnswers", () => {
  it("has each object once, in the newest version, and sorts by kind, namespace and name", () => {
    const newer = configMap({ name: "b", version: 9 });
    const elsewhere = configMap({ name: "a", namespace: "another", version: 3 });
    for (const answers of [
      [[b], [a, newer], [elsewhere]],
      [[newer, a], [elsewhere], [b]],
    ]) {
      expect(new MergedAnswers().bodiesOf(answers)).toEqual(
        [elsewhere, a, newer].map((object) => object.object()),
      );
    }
  });

  it("is the same until an answer is another one, comes or goes", () => {
    const merged = new MergedAnswers();
    const [first, second] = [[a], [b]];
    const before = merged.bodiesOf([first, second]);
    expect(merged.bodiesOf([first, second])).toBe(before);
    expect(merged.bodiesOf([first, [b]])).not.toBe(before);
    expect(merged.bodiesOf([first])).toHaveLength(1);
    expect(merged.bodiesOf([])).toEqual([]);
    expect(before).toHaveLength(2);
  });
});
