import type { DependencyWatchError } from "./errors.ts";
import type { ObjectIdentifier } from "./identifier.ts";
import { deepFreeze, type WatchedObject } from "./object.ts";
import { diff, type JsonPatchOperation } from "./patch.ts";

/** A change of one object, relative to the watched identifier that it belongs to. */
export interface ObjectCause {
  /** What became of the object, seen from the watched identifier. */
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  /** The watched identifier. Under a selector, entering it is ADDED and leaving it DELETED. */
  readonly watched: ObjectIdentifier;
  /** The last version known before; absent for ADDED. */
  readonly before?: WatchedObject;
  /** The version now; absent for DELETED. */
  readonly after?: WatchedObject;
  /** Found by comparing a new list with the store, and not told by an event. */
  readonly relisted: boolean;
  /** RFC 6902, from before to after; computed when read, for MODIFIED with both bodies. Not enumerable. */
  readonly patch?: readonly JsonPatchOperation[] | undefined;
}

/** Why a watcher is reconciled. */
export type Cause =
  | ObjectCause
  | { readonly type: "INITIAL"; readonly watched: ObjectIdentifier }
  | { readonly type: "BLOCKED"; readonly watched: ObjectIdentifier; readonly error: DependencyWatchError }
  | { readonly type: "REQUEUE" }
  | { readonly type: "RETRY"; readonly error: unknown }
  | { readonly type: "TRIGGER" };

/** What an object cause is made of. */
export interface ObjectCauseFields {
  readonly type: ObjectCause["type"];
  readonly watched: ObjectIdentifier;
  readonly before?: WatchedObject | undefined;
  readonly after?: WatchedObject | undefined;
  readonly relisted: boolean;
}

/** An object cause whose `patch` is computed once, by the first who reads it. */
export function objectCause(fields: ObjectCauseFields): ObjectCause {
  return new PatchingCause(fields);
}

class PatchingCause implements ObjectCause {
  readonly type: ObjectCause["type"];
  readonly watched: ObjectIdentifier;
  declare readonly before?: WatchedObject;
  declare readonly after?: WatchedObject;
  readonly relisted: boolean;
  #patch: readonly JsonPatchOperation[] | undefined;

  constructor({ type, watched, before, after, relisted }: ObjectCauseFields) {
    this.type = type;
    this.watched = watched;
    if (before !== undefined) this.before = before;
    if (after !== undefined) this.after = after;
    this.relisted = relisted;
    Object.freeze(this);
  }

  get patch(): readonly JsonPatchOperation[] | undefined {
    this.#patch ??= patchBetween(this.before?.object(), this.after?.object());
    return this.#patch;
  }
}

function patchBetween(
  before: object | undefined,
  after: object | undefined,
): readonly JsonPatchOperation[] | undefined {
  return before && after && deepFreeze(diff(before, after));
}
