import type { Watched } from "./catalogue.ts";

/** One call of a watcher, by its effect on what the watcher depends on. */
export interface Entry {
  readonly watcher: string;
  /** What it asks for; false where an edge that came of it has been dropped, or may have been. */
  readonly asks: Map<Watched, boolean>;
  /** What stays: of everything, or where it takes back a query that failed, of what such queries alone asked for. */
  readonly keep: ReadonlySet<Watched> | undefined;
  readonly takesBack: boolean;
  readonly provisional: boolean;
  state: "pending" | "done" | "failed";
  /** When it was done. */
  doneAt: number;
  doneInTurn: number;
}

/** An edge that must be there. */
export interface ExpectedEdge {
  /** When the call that made it was done. */
  readonly since: number;
}

interface FoldedEdge {
  since: number;
  provisional: boolean;
  isSure: boolean;
}

/**
 * What each watcher is to depend on, by the rule that users are told: the outcome is that of the order of the calls.
 * Whatever order their requests end in, folding those that succeeded, in the order in which they were made, says it.
 */
export class Dependencies {
  readonly #logs = new Map<string, Entry[]>();
  /** Edges that a block has dropped, or may have. */
  readonly #dropped = new Map<string, Set<Watched>>();

  /** A call begins here, and takes its place in the order. */
  begin(
    watcher: string,
    {
      asks = [],
      keep,
      takesBack = false,
      provisional = false,
    }: {
      asks?: readonly Watched[];
      keep?: ReadonlySet<Watched>;
      takesBack?: boolean;
      provisional?: boolean;
    },
  ): Entry {
    const entry: Entry = {
      watcher,
      asks: new Map(asks.map((watched) => [watched, true])),
      keep,
      takesBack,
      provisional,
      state: "pending",
      doneAt: 0,
      doneInTurn: -1,
    };
    this.#log(watcher).push(entry);
    return entry;
  }

  done(entry: Entry, { moment, turn }: { moment: number; turn: number }): void {
    entry.state = "done";
    entry.doneAt = moment;
    entry.doneInTurn = turn;
    for (const [watched, isSure] of entry.asks) if (isSure) this.#dropped.get(entry.watcher)?.delete(watched);
  }

  /** All watchers depend on nothing any more, whatever is still under way. */
  clear(): void {
    this.#logs.clear();
    this.#dropped.clear();
  }

  /** Every edge to this identifier is dropped now; says whose, as far as that is sure. */
  block(watched: Watched, turn: number): string[] {
    const watchers: string[] = [];
    for (const [watcher, log] of this.#logs) {
      const isOld = log.some((one) => one.state === "done" && one.asks.has(watched) && one.doneInTurn < turn);
      if (isOld && this.expected(watcher).has(watched) && !this.mayDrop(watcher)) watchers.push(watcher);
      for (const entry of log) {
        if (!entry.asks.has(watched) || entry.state === "failed") continue;
        // What was done in this very turn, or is under way, may have come before or after.
        if (entry.state === "done" && entry.doneInTurn < turn) entry.asks.delete(watched);
        else entry.asks.set(watched, false);
        this.#droppedOf(watcher).add(watched);
      }
    }
    return watchers;
  }

  /** What was dropped, or may have been, and was not asked for again. */
  dropped(watcher: string): Watched[] {
    return [...(this.#dropped.get(watcher) ?? [])];
  }

  /** The edges that a watcher must have, as far as its calls are done. */
  expected(watcher: string): Map<Watched, ExpectedEdge> {
    const sure = [...this.#fold(watcher)].filter(([, { isSure }]) => isSure);
    return new Map(sure.map(([watched, { since }]) => [watched, { since }]));
  }

  /** What a watcher may depend on, or be about to. */
  possible(watcher: string): Set<Watched> {
    const underWay = this.#log(watcher).filter(({ state }) => state === "pending");
    return new Set([...this.#fold(watcher).keys(), ...underWay.flatMap(({ asks }) => [...asks.keys()])]);
  }

  /** Whether a call under way, but for this one, may drop edges or has done so. */
  mayDrop(watcher: string, but?: Entry): boolean {
    return this.#log(watcher).some((entry) => entry.state === "pending" && entry.keep && entry !== but);
  }

  get watchers(): string[] {
    return [...this.#logs.keys()];
  }

  #fold(watcher: string): Map<Watched, FoldedEdge> {
    const edges = new Map<Watched, FoldedEdge>();
    for (const { state, asks, provisional, doneAt, keep, takesBack } of this.#log(watcher)) {
      if (state !== "done") continue;
      for (const [watched, isSure] of asks) {
        const edge = edges.get(watched);
        if (edge) {
          edge.provisional &&= provisional;
          edge.isSure ||= isSure;
        } else edges.set(watched, { since: doneAt, provisional, isSure });
      }
      if (keep === undefined) continue;
      for (const [watched, edge] of edges) {
        if (keep.has(watched)) edge.provisional &&= takesBack;
        else if (!takesBack || edge.provisional) edges.delete(watched);
      }
    }
    return edges;
  }

  #log(watcher: string): Entry[] {
    const known = this.#logs.get(watcher) ?? [];
    this.#logs.set(watcher, known);
    return known;
  }

  #droppedOf(watcher: string): Set<Watched> {
    const known = this.#dropped.get(watcher) ?? new Set<Watched>();
    this.#dropped.set(watcher, known);
    return known;
  }
}
