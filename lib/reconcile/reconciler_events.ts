import type { Cause } from "../kubernetes/cause.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { ReconcileResult } from "./reconcile_function.ts";

/**
 * Asks a Reconciler to run for these watchers: dispatch it, or call `trigger`, which does that.
 *
 * @example
 * ```ts
 * import { Reconciler, TriggerEvent } from "kubernetes-dependency-watches";
 *
 * const reconciler = new Reconciler((watcher) => console.log(watcher.name));
 * reconciler.dispatchEvent(new TriggerEvent([{ version: "v1", kind: "ConfigMap", namespace: "a", name: "b" }]));
 * ```
 */
export class TriggerEvent extends Event {
  /** Who is to be reconciled. */
  readonly watchers: readonly ObjectIdentifier[];
  /** Why; each run is told. */
  readonly cause: Cause;

  /** The cause is `{ type: "TRIGGER" }` where none is given. */
  constructor(watchers: readonly ObjectIdentifier[], cause: Cause = { type: "TRIGGER" }) {
    super("trigger");
    this.watchers = watchers;
    this.cause = cause;
  }
}

/** A run has begun. */
export class ReconcileStartEvent extends Event {
  /** Who is reconciled. */
  readonly watcher: ObjectIdentifier;

  /** Names the watcher. */
  constructor(watcher: ObjectIdentifier) {
    super("reconcilestart");
    this.watcher = watcher;
  }
}

/** How a run ended: with what it answered, or with an error. */
export type ReconcileOutcome =
  | { readonly result: ReconcileResult | undefined; readonly error?: never }
  | { readonly result?: never; readonly error: unknown };

/**
 * A run has ended; each start has one end. One that took too long, or that stop() did not wait for any longer, ends
 * with a TimeoutError though its function may still be under way.
 */
export class ReconcileEndEvent extends Event {
  /** Who was reconciled. */
  readonly watcher: ObjectIdentifier;
  /** How long it took, in milliseconds. */
  readonly durationMs: number;
  /** What the reconcile answered; undefined when that was nothing, or when it failed. */
  readonly result: ReconcileResult | undefined;
  /** Why it failed; undefined when it did not. */
  readonly error: unknown;

  /** Names the watcher, and says how its run ended. */
  constructor(watcher: ObjectIdentifier, fields: ReconcileOutcome & { readonly durationMs: number }) {
    super("reconcileend");
    this.watcher = watcher;
    this.durationMs = fields.durationMs;
    this.result = fields.result;
    this.error = fields.error;
  }
}

/** The events of a Reconciler, by type. */
export interface ReconcilerEvents {
  /** Watchers are to be reconciled. */
  trigger: TriggerEvent;
  /** A run has begun. */
  reconcilestart: ReconcileStartEvent;
  /** A run has ended. */
  reconcileend: ReconcileEndEvent;
}
