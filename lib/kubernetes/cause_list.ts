import { type Cause, type ObjectCause, objectCause } from "./cause.ts";
import { formatIdentifier } from "./identifier.ts";
import { objectKey } from "./object.ts";

/** How many causes a watcher is told at most. */
const LIMIT = 100;

/** What has happened to one object, or one kind of other cause, from the first to the last that came. */
interface Span {
  readonly first: Cause;
  last: Cause;
  relisted: boolean;
}

/**
 * What is pending for one watcher, coalesced: the changes of one object (a watched identifier and a uid) are one
 * cause, from the first state to the last, and so are all causes of one other type. An add costs the same however
 * many came before.
 */
export class CauseList {
  /** What concerns a watched identifier: at most LIMIT of them, in the order in which they first came. */
  readonly #watched = new Map<string, Span>();
  /** REQUEUE, RETRY and TRIGGER: one of each. */
  readonly #others = new Map<string, Span>();
  #overflowed = false;

  /** Adds what is newer than all before. */
  add(cause: Cause): void {
    this.#join({ first: cause, last: cause, relisted: "relisted" in cause && cause.relisted });
  }

  /** Adds all that `newer` holds, which came later than what is here. */
  addAll(newer: CauseList): void {
    for (const span of newer.#watched.values()) this.#join(span);
    for (const span of newer.#others.values()) this.#join(span);
    this.#overflowed ||= newer.#overflowed;
  }

  /** There were others, which nobody knows any more. */
  drop(): void {
    this.#overflowed = true;
  }

  /** What is pending now, at most 100; later adds do not change it. */
  toArray(): readonly Cause[] {
    const watched = [...this.#watched.values()].slice(0, LIMIT - this.#others.size);
    return [...watched, ...this.#others.values()].map(causeOf);
  }

  /** Whether there was more than `toArray` tells. */
  get dropped(): boolean {
    return this.#overflowed || this.#watched.size + this.#others.size > LIMIT;
  }

  #join({ first, last, relisted }: Span): void {
    const spans = "watched" in first ? this.#watched : this.#others;
    const key = spanKey(first);
    const known = spans.get(key);
    if (known !== undefined) {
      known.last = last;
      known.relisted ||= relisted;
    } else if (spans.size < LIMIT) {
      spans.set(key, { first, last, relisted });
    } else {
      this.#overflowed = true;
    }
  }
}

function spanKey(cause: Cause): string {
  if (!("watched" in cause)) return cause.type;
  const watched = formatIdentifier(cause.watched);
  if (!("relisted" in cause)) return `${cause.type} ${watched}`;
  const object = cause.after ?? cause.before;
  return object === undefined ? watched : `${object.uid} ${objectKey(object)} ${watched}`;
}

function causeOf({ first, last, relisted }: Span): Cause {
  if (first === last || !("relisted" in first) || !("relisted" in last)) return last;
  return coalesced(first, last, relisted);
}

/** The one change from before `first` to after `last`. */
function coalesced(first: ObjectCause, last: ObjectCause, relisted: boolean): ObjectCause {
  const { watched, after } = last;
  const { before } = first;
  if (before && after) return objectCause({ type: "MODIFIED", watched, before, after, relisted });
  if (after) return objectCause({ type: "ADDED", watched, after, relisted });
  // What came and went meanwhile was last seen just before it went.
  return objectCause({ type: "DELETED", watched, before: before ?? last.before, relisted });
}
