import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { DependencyGraph } from "../../../lib/graph/dependency_graph.ts";
import { ApiError } from "../../../lib/kubernetes/errors.ts";
import { canonicalize, type Key } from "../../../lib/kubernetes/identifier.ts";
import { watchedObject } from "../../../lib/kubernetes/object.ts";
import type { Lease, Serving } from "../../../lib/serve/serving.ts";
import { type Change, commit } from "../../../lib/watchers/commit.ts";
import { WatcherState } from "../../../lib/watchers/watcher_state.ts";

type Name = "A" | "B" | "C";

function secret(name: string) {
  return canonicalize({ version: "v1", kind: "Secret", namespace: "ns", name });
}

function someObject() {
  const context = { apiVersion: "v1", kind: "Secret", content: "metadata" } as const;
  const object = watchedObject({ metadata: { name: "a", resourceVersion: "1" } }, context);
  if (!object) throw new Error("no object");
  return object;
}

/** A watcher whose commits are made by hand, in any order. */
class Bench {
  readonly state = new WatcherState(
    canonicalize({ version: "v1", kind: "ConfigMap", namespace: "ns", name: "w" }),
  );
  readonly graph = new DependencyGraph();
  readonly released: string[] = [];
  readonly queued: string[] = [];
  readonly absent = new Set<Key>();
  readonly #serving: Serving = {
    acquire: () => Promise.reject(new Error("not asked for")),
    release: async (lease) => {
      this.released.push(lease.watched.name ?? "");
    },
    read: (key) => ({ known: true, objects: this.absent.has(key) ? [] : [someObject()] }),
    scoped: (id) => id,
    reassign: async () => {},
    close: async () => {},
  };

  lease(name: Name, error?: ApiError): Lease {
    const { key, identifier } = secret(name);
    return { key, watched: identifier, error };
  }

  commit(change: Omit<Change, "signal"> & { signal?: AbortSignal }, initialReconcile = true): void {
    commit(
      this.state,
      { signal: new AbortController().signal, ...change },
      {
        serving: this.#serving,
        graph: this.graph,
        initialReconcile,
        enqueue: (_watcher, cause) =>
          this.queued.push(`${cause.type} ${"watched" in cause ? cause.watched.name : ""}`),
      },
    );
  }

  get edges(): string[] {
    return [...this.graph.dependencies(this.state.key)]
      .map(({ watched }) => JSON.parse(watched)[4].slice(1))
      .sort();
  }
}

/** Calls as they were made; their commits come in the order of `commits`. */
interface Call {
  readonly replace?: boolean;
  readonly names: readonly Name[];
}

function outcome(calls: readonly Call[], commits: readonly number[]): string[] {
  const bench = new Bench();
  for (const index of commits) {
    const { replace, names } = calls[index]!;
    const leases = names.map((name) => bench.lease(name));
    const keep = new Set(leases.map((lease) => lease.key));
    bench.commit({ number: index + 1, leases, ...(replace && { keep }) });
  }
  return bench.edges;
}

function permutations(length: number): number[][] {
  if (length === 0) return [[]];
  return permutations(length - 1).flatMap((rest) =>
    Array.from({ length }, (_, at) => [...rest.slice(0, at), length - 1, ...rest.slice(at)]),
  );
}

describe("commit", () => {
  const stories: [string, Call[], string[]][] = [
    ["an add, then a replacement", [{ names: ["A"] }, { replace: true, names: ["B"] }], ["B"]],
    ["a replacement, then an add", [{ replace: true, names: ["B"] }, { names: ["A"] }], ["A", "B"]],
    [
      "two replacements",
      [
        { replace: true, names: ["A", "B"] },
        { replace: true, names: ["B", "C"] },
      ],
      ["B", "C"],
    ],
    [
      "an add of what a replacement drops, twice",
      [{ names: ["A"] }, { replace: true, names: ["B"] }, { names: ["A"] }],
      ["A", "B"],
    ],
    [
      "an add between two replacements",
      [{ replace: true, names: ["A"] }, { names: ["B"] }, { replace: true, names: ["C"] }],
      ["C"],
    ],
    [
      "a replacement that keeps what an earlier add asked for",
      [{ names: ["A"] }, { replace: true, names: ["A", "B"] }, { names: ["C"] }],
      ["A", "B", "C"],
    ],
  ];
  for (const [what, calls, edges] of stories) {
    for (const order of permutations(calls.length)) {
      it(`${what}: the outcome is that of call order when committed as ${order.map((i) => i + 1).join(", ")}`, () => {
        expect(outcome(calls, order)).toEqual(edges);
      });
    }
  }

  it("gives back what is not linked, and what it replaces", () => {
    const bench = new Bench();
    bench.commit({ number: 1, leases: [bench.lease("A")] });
    bench.commit({ number: 2, leases: [bench.lease("A")] });
    expect(bench.released).toEqual(["A"]);
    bench.commit({ number: 4, leases: [bench.lease("B")], keep: new Set([secret("B").key]) });
    expect(bench.released).toEqual(["A", "A"]);
    bench.commit({ number: 3, leases: [bench.lease("C")] });
    expect(bench.released).toEqual(["A", "A", "C"]);
  });

  it("queues the initial reconcile once for each new edge with something in it", () => {
    const bench = new Bench();
    bench.absent.add(secret("B").key);
    bench.commit({ number: 1, leases: [bench.lease("A"), bench.lease("B"), bench.lease("A")] });
    bench.commit({ number: 2, leases: [bench.lease("A")] });
    expect(bench.queued).toEqual(["INITIAL A"]);
  });

  it("queues no initial reconcile where that is off", () => {
    const bench = new Bench();
    bench.commit({ number: 1, leases: [bench.lease("A")] }, false);
    expect(bench.queued).toEqual([]);
    expect(bench.edges).toEqual(["A"]);
  });

  it("changes nothing where a lease has been blocked meanwhile", () => {
    const bench = new Bench();
    bench.commit({ number: 1, leases: [bench.lease("A")] });
    const denied = new ApiError("denied", { status: 403, reason: "Forbidden", details: {} });
    const leases = [bench.lease("B"), bench.lease("C", denied)];
    const keep = new Set(leases.map((lease) => lease.key));
    expect(() => bench.commit({ number: 2, leases, keep })).toThrow(denied);
    expect(bench.edges).toEqual(["A"]);
    expect(bench.released).toEqual(["B", "C"]);
  });

  it("changes nothing where the call is over", () => {
    const bench = new Bench();
    const controller = new AbortController();
    const reason = new Error("over");
    controller.abort(reason);
    expect(() => bench.commit({ number: 1, leases: [bench.lease("A")], signal: controller.signal })).toThrow(
      reason,
    );
    expect(bench.edges).toEqual([]);
    expect(bench.released).toEqual(["A"]);
  });

  it("confirms a provisional edge when somebody asks for it outright", () => {
    const bench = new Bench();
    bench.commit({ number: 1, leases: [bench.lease("A"), bench.lease("B")], provisional: true });
    bench.commit({ number: 2, leases: [bench.lease("A")] });
    bench.commit({ number: 3, leases: [bench.lease("B")], provisional: true });
    expect(bench.state.edges.get(secret("A").key)?.provisional).toBe(false);
    expect(bench.state.edges.get(secret("B").key)?.provisional).toBe(true);
  });
});
