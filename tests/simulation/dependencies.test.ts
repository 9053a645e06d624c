import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { type Watched, watchedNamed } from "./catalogue.ts";
import { Dependencies, type Entry } from "./dependencies.ts";

const [a, b, c] = ["ConfigMap a/x", "ConfigMap a/y", "Node x"].map(watchedNamed) as [
  Watched,
  Watched,
  Watched,
];

describe("Dependencies", () => {
  let dependencies: Dependencies;
  let moment: number;
  const done = (entry: Entry, turn = 0) => {
    moment += 1;
    dependencies.done(entry, { moment, turn });
  };
  const add = (...asks: Watched[]) => dependencies.begin("w", { asks });
  const set = (...asks: Watched[]) => dependencies.begin("w", { asks, keep: new Set(asks) });
  const read = (one: Watched) => dependencies.begin("w", { asks: [one], provisional: true });
  const expected = () => [...dependencies.expected("w").keys()].map(({ text }) => text);

  beforeEach(() => {
    dependencies = new Dependencies();
    moment = 0;
  });

  it("has what was asked for once that is done", () => {
    const entry = add(a);
    expect(expected()).toEqual([]);
    expect([...dependencies.possible("w")]).toEqual([a]);
    done(entry);
    expect(expected()).toEqual([a.text]);
  });

  it("goes by the order of the calls, not by that of their ends", () => {
    const [early, later, last] = [add(a), set(b), add(c)];
    done(last);
    done(later);
    done(early);
    expect(expected()).toEqual([b.text, c.text]);
  });

  it("leaves out what has failed", () => {
    done(add(a));
    set(b).state = "failed";
    add(c).state = "failed";
    expect(expected()).toEqual([a.text]);
  });

  it("takes back what queries alone asked for that failed, but not what the last one read", () => {
    done(add(a));
    done(read(b));
    done(read(c));
    done(dependencies.begin("w", { keep: new Set([c]), takesBack: true }));
    expect(expected()).toEqual([a.text, c.text]);
    done(dependencies.begin("w", { keep: new Set(), takesBack: true }));
    expect(expected()).toEqual([a.text]);
  });

  it("drops what is blocked, and is unsure of what came in the same turn", () => {
    done(add(a, b), 1);
    done(add(c), 2);
    expect(dependencies.block(a, 2)).toEqual(["w"]);
    expect(expected()).toEqual([b.text, c.text]);
    expect(dependencies.block(c, 2)).toEqual([]);
    expect(expected()).toEqual([b.text]);
    expect(dependencies.possible("w").has(c)).toBe(true);
    expect(dependencies.dropped("w")).toEqual([a, c]);
    const underWay = add(b);
    expect(dependencies.block(b, 3)).toEqual(["w"]);
    done(underWay, 3);
    expect(dependencies.dropped("w")).toEqual([a, c, b]);
    done(add(a), 4);
    expect(dependencies.dropped("w")).toEqual([c, b]);
  });
});
