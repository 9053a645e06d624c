import type { BodyFault, Fault, FaultVerb } from "../../transports/faults.ts";
import type { App } from "./catalogue.ts";

/** Something that a user calls. Watchers, identifiers and places go by their names in the catalogue. */
export type CallStep =
  | { readonly do: "add"; readonly watcher: string; readonly watched: string; readonly abortable?: boolean }
  | {
      readonly do: "set";
      readonly watcher: string;
      readonly watched: readonly string[];
      readonly abortable?: boolean;
    }
  | { readonly do: "remove"; readonly watcher: string; readonly endBatch: boolean }
  | {
      readonly do: "query";
      readonly watcher: string;
      readonly watched: readonly string[];
      readonly fails: boolean;
      /** Between two reads. */
      readonly holdMs: number;
      readonly abortable?: boolean;
    }
  | { readonly do: "openBatch" | "endBatch" | "trigger"; readonly watcher: string }
  | { readonly do: "read"; readonly watcher: string; readonly watched: string }
  | { readonly do: "abort" }
  | { readonly do: "stop"; readonly graceMs: number }
  | { readonly do: "start" };

/** What happens to the objects of the server. */
export type WriteStep =
  | { readonly do: "put" | "relabel"; readonly place: string; readonly app: App }
  | { readonly do: "status" | "delete" | "recreate" | "hold" | "letGo"; readonly place: string }
  | { readonly do: "burst"; readonly place: string; readonly times: number }
  | { readonly do: "dropKind" | "restoreKind"; readonly kind: string };

/** What goes wrong. */
export type FaultStep =
  | {
      readonly do: "fault";
      readonly verbs: readonly FaultVerb[];
      readonly fault: Fault;
      readonly times: number;
    }
  | { readonly do: "break"; readonly fault: BodyFault }
  | { readonly do: "down" | "up" | "dropConnections" | "endWatches" | "compact" | "restart" }
  | { readonly do: "revoke" | "grant"; readonly kind: string }
  | { readonly do: "backup" | "restoreBackup" };

/** How time goes by: all that follows from what was done, a few promises only, or until everything is quiet. */
export type TimeStep =
  | { readonly do: "advance"; readonly ms: number }
  | { readonly do: "microtasks"; readonly count: number }
  | { readonly do: "rest" };

/** What the next reconcile of a watcher does. */
export interface Behaviour {
  /** Called from within, awaited or not. */
  readonly calls: readonly CallStep[];
  readonly awaits: boolean;
  /** Promises that it waits for before it ends. */
  readonly microtasks: number;
  readonly lastsMs: number;
  /** `hang` ends only when the simulation heals; `untilAborted` with its signal. */
  readonly ends: "succeeds" | "fails" | "requeues" | "hangs" | "untilAborted";
}

export type Step =
  | CallStep
  | WriteStep
  | FaultStep
  | TimeStep
  | { readonly do: "behave"; readonly watcher: string; readonly behaviour: Behaviour };

/** What a schedule's DynamicWatcher and server are made with. */
export interface Settings {
  readonly cache: boolean;
  readonly initialReconcile: boolean;
  readonly maxConcurrentReconciles: number;
  readonly reconcileTimeoutMs: number | undefined;
  readonly startTimeoutMs: number;
  readonly watchTimeoutMs: number;
  readonly discoveryTtlMs: number;
  readonly watchList: boolean;
  readonly historyLimit: number;
}

/** All that happens in one simulation. Each step does nothing where it does not apply, so any of them may go. */
export interface Schedule {
  readonly seed: number;
  readonly settings: Settings;
  /** What its steps are about. */
  readonly watchers: readonly string[];
  readonly watched: readonly string[];
  readonly places: readonly string[];
  readonly steps: readonly Step[];
}

/** One step on one line. */
export function formatStep({ do: name, ...fields }: Step): string {
  const words = Object.entries(fields).map(([field, value]) => `${field}=${JSON.stringify(value)}`);
  return [name, ...words].join(" ");
}
