import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { DependencyGraph } from "../../../lib/graph/dependency_graph.ts";
import type { Key } from "../../../lib/kubernetes/identifier.ts";

const [a, b, x, y] = ["a", "b", "x", "y"] as unknown as [Key, Key, Key, Key];

function watchersOf(graph: DependencyGraph, watched: Key): Key[] {
  return Array.from(graph.dependents(watched), ({ watcher }) => watcher);
}

function watchedBy(graph: DependencyGraph, watcher: Key): Key[] {
  return Array.from(graph.dependencies(watcher), ({ watched }) => watched);
}

describe("DependencyGraph", () => {
  it("finds an edge from either end", () => {
    const graph = new DependencyGraph();
    graph.link({ watcher: a, watched: x }, "explicit");
    graph.link({ watcher: b, watched: x }, "explicit");
    graph.link({ watcher: a, watched: y }, "explicit");
    expect(watchersOf(graph, x)).toEqual([a, b]);
    expect(watchedBy(graph, a)).toEqual([x, y]);
    expect(graph.watchedCount).toBe(2);
    expect([graph.isWatched(x), graph.isWatched(a)]).toEqual([true, false]);
  });

  it("says whether link made the edge and unlink ended it", () => {
    const graph = new DependencyGraph();
    const edge = { watcher: a, watched: x };
    expect(graph.link(edge, "explicit")).toBe(true);
    expect(graph.link(edge, "explicit")).toBe(false);
    expect(graph.unlink(edge, "explicit")).toBe(true);
    expect(graph.unlink(edge, "explicit")).toBe(false);
    expect(graph.watchedCount).toBe(0);
    expect(watchersOf(graph, x)).toEqual([]);
    expect(watchedBy(graph, a)).toEqual([]);
  });

  it("keeps an edge until its last owner lets go", () => {
    const graph = new DependencyGraph();
    const edge = { watcher: a, watched: x };
    graph.link(edge, "explicit");
    expect(graph.link(edge, "tracked")).toBe(false);
    expect(graph.unlink(edge, "explicit")).toBe(false);
    expect(watchersOf(graph, x)).toEqual([a]);
    expect(graph.unlink(edge, "tracked")).toBe(true);
    expect(watchersOf(graph, x)).toEqual([]);
  });

  it("ignores an owner that never asked", () => {
    const graph = new DependencyGraph();
    graph.link({ watcher: a, watched: x }, "explicit");
    expect(graph.unlink({ watcher: a, watched: x }, "tracked")).toBe(false);
    expect(graph.unlink({ watcher: b, watched: y }, "explicit")).toBe(false);
    expect(graph.watchedCount).toBe(1);
  });
});
