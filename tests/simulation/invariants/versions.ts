import type { ObjectCause } from "../../../lib/kubernetes/cause.ts";
import { formatIdentifier } from "../../../lib/kubernetes/identifier.ts";
import { compareResourceVersions } from "../../../lib/kubernetes/resource_version.ts";

/**
 * What the cache takes in is never older than what it had of the same object. Another server, as after a restored
 * backup, has other objects: their uids differ.
 */
export class VersionsGoForward {
  readonly #newest = new Map<string, string>();

  /** Takes a change in; says so where it goes back. */
  wentBack({ watched, before, after }: ObjectCause): string | undefined {
    const object = after ?? before;
    if (!object) return undefined;
    const key = `${object.uid} ${formatIdentifier(watched)}`;
    const newest = this.#newest.get(key);
    const order = newest === undefined ? 1 : compareResourceVersions(object.resourceVersion, newest);
    // An object goes at the version that was known, or at a later one.
    if (order !== undefined && (after ? order <= 0 : order < 0)) {
      return `${key} has come back as ${object.resourceVersion} after ${newest}`;
    }
    this.#newest.set(key, object.resourceVersion);
    return undefined;
  }
}
