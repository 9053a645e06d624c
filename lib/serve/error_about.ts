import { DependencyWatchError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";

/**
 * `error`, saying what it is about: a copy of its class, since several who wait for different things may share one
 * failure.
 */
export function errorAbout<E>(error: E, watched: ObjectIdentifier): E {
  if (!(error instanceof DependencyWatchError) || error.watched === watched) return error;
  const { message, cause, stack } = error;
  const copy = new Error(message, cause === undefined ? undefined : { cause });
  return Object.assign(Object.setPrototypeOf(copy, Object.getPrototypeOf(error)), error, { stack, watched });
}
