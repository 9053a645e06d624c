import { DependencyWatchError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";

/** `error`, saying what it is about; a copy where it says something else, as when many wait for one failure. */
export function errorAbout<E>(error: E, watched: ObjectIdentifier): E {
  if (!(error instanceof DependencyWatchError)) return error;
  error.watched ??= watched;
  if (error.watched === watched) return error;
  const copy = Object.create(Object.getPrototypeOf(error), Object.getOwnPropertyDescriptors(error));
  copy.watched = watched;
  return copy;
}
