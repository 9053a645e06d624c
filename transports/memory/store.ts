import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import { onAbort } from "../../lib/support/abort.ts";
import type { Clock } from "../../lib/support/clock.ts";
import type { ApiResource } from "./api_resource.ts";
import { Change } from "./change.ts";
import { Collection } from "./collection.ts";
import { type ObjectVersion, objectVersion } from "./object_version.ts";

/** All collections under one counter of revisions, as in etcd. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #waiting = new Set<() => void>();
  readonly #historyLimit: number;
  #revision = 0;
  #compacted = 0;

  constructor({ historyLimit }: { historyLimit: number }) {
    this.#historyLimit = historyLimit;
  }

  /** The revision of the last write of anything. */
  get revision(): number {
    return this.#revision;
  }

  get collections(): Iterable<Collection> {
    return this.#collections.values();
  }

  /** The objects of a resource; its versions share them. */
  collection({ group, resource }: Pick<ApiResource, "group" | "resource">): Collection {
    const key = `${group}/${resource}`;
    let collection = this.#collections.get(key);
    if (!collection) {
      collection = new Collection({ floor: this.#compacted, historyLimit: this.#historyLimit });
      this.#collections.set(key, collection);
    }
    return collection;
  }

  /** Writes an object, new or in place of `before`, and tells everybody before it returns. */
  put(
    collection: Collection,
    { before, object }: { before?: ObjectVersion | undefined; object: Frozen<KubernetesObject> },
  ): ObjectVersion {
    const revision = this.advance();
    const after = objectVersion(object, revision);
    collection.commit(new Change({ revision, before, after }));
    return after;
  }

  /** Removes an object, and tells everybody before it returns. */
  remove(collection: Collection, before: ObjectVersion): void {
    collection.commit(new Change({ revision: this.advance(), before }));
  }

  /** Takes the next revision, as a write does. */
  advance(): number {
    this.#revision += 1;
    for (const onAdvance of this.#waiting) onAdvance();
    return this.#revision;
  }

  /** Forgets what was before: only the present revision and later ones can be asked for. */
  compact(): void {
    this.#compacted = this.#revision;
    for (const collection of this.#collections.values()) collection.compact(this.#revision);
  }

  /**
   * Waits for `revision`, which may be in the future; false where it has not come after `timeoutMs`.
   *
   * @throws the reason of `signal`
   */
  reaches(
    revision: number,
    { clock, timeoutMs, signal }: { clock: Clock; timeoutMs: number; signal: AbortSignal },
  ): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        cancel();
        this.#waiting.delete(onAdvance);
        forgetSignal();
        act();
      };
      const onAdvance = () => {
        if (this.#revision >= revision) settle(() => resolve(true));
      };
      const cancel = clock.setTimeout(() => settle(() => resolve(false)), timeoutMs);
      const forgetSignal = onAbort(signal, () => settle(() => reject(signal.reason)));
      this.#waiting.add(onAdvance);
      onAdvance();
    });
  }
}
