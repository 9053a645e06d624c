import { InvalidInputError, NoCacheEntryError } from "../kubernetes/errors.ts";
import { formatGroupVersion } from "../kubernetes/group_version.ts";
import {
  type CanonicalIdentifier,
  canonicalize,
  canonicalizeForGet,
  canonicalizeForList,
  formatIdentifier,
  type Key,
  type ObjectIdentifier,
} from "../kubernetes/identifier.ts";
import {
  compareByPlace,
  deepFreeze,
  type Frozen,
  type KubernetesObject,
  strippedObject,
} from "../kubernetes/object.ts";
import { applyJsonPatch, type JsonPatchOperation } from "../kubernetes/patch.ts";
import { isJsonObject } from "../support/json.ts";

type Answer = readonly Frozen<KubernetesObject>[];

/**
 * Answers to gets and lists by identifier, for your own use: to test a reconciler without an API server, or to keep
 * what you fetched yourself. What is set under a selector is found by that selector only, not by name.
 *
 * Answers are frozen at every depth and shared, without managedFields and the last-applied annotation, with kind and
 * apiVersion; lists are sorted by namespace and name. `structuredClone` makes one's own copy.
 *
 * @example
 * ```ts
 * import { ObjectCache } from "kubernetes-dependency-watches";
 *
 * const cache = new ObjectCache();
 * const id = { version: "v1", kind: "ConfigMap", namespace: "default", name: "settings" };
 * cache.set(id, { metadata: { namespace: "default", name: "settings" }, data: { color: "red" } });
 * cache.applyPatch(id, [{ op: "replace", path: "/data/color", value: "blue" }]);
 * cache.get(id)?.data; // { color: "blue" }
 * ```
 */
export class ObjectCache {
  readonly #answers = new Map<Key, Answer>();

  /**
   * The object, or undefined where it is known to be absent.
   *
   * @throws NoCacheEntryError when nothing was set; InvalidInputError for an identifier without a name
   */
  get<T = KubernetesObject>(id: ObjectIdentifier): Frozen<T> | undefined {
    return this.#read(canonicalizeForGet(id))[0] as Frozen<T> | undefined;
  }

  /**
   * The objects of a selector; without one, of the selector "". It is the same array until the next `set`.
   *
   * @throws NoCacheEntryError when nothing was set; InvalidInputError for an identifier with a name
   */
  list<T = KubernetesObject>(id: ObjectIdentifier): readonly Frozen<T>[] {
    return this.#read(canonicalizeForList(id)) as readonly Frozen<T>[];
  }

  /**
   * Keeps a copy of an answer: one object for a name, an array for a selector. Undefined says that there is none,
   * which is not the same as having no entry.
   *
   * @throws InvalidInputError for what cannot be kept; the entry is then as it was
   */
  set(id: ObjectIdentifier, answer: object | readonly object[] | undefined): void {
    const { key, identifier } = canonicalize(id);
    const isList = identifier.name === undefined;
    if (answer !== undefined && Array.isArray(answer) !== isList) {
      throw invalid("answer", identifier, isList ? "a selector takes an array" : "a name takes one object");
    }
    const objects = answer === undefined ? [] : [answer].flat();
    const copies = objects.map((object) => frozenCopy(object, identifier));
    this.#answers.set(key, Object.freeze(copies.sort(byPlace)));
  }

  /** Drops the entry; says whether there was one. */
  delete(id: ObjectIdentifier): boolean {
    return this.#answers.delete(canonicalize(id).key);
  }

  /** Drops every entry. */
  clear(): void {
    this.#answers.clear();
  }

  /**
   * Puts what a JSON Patch (RFC 6902) makes of the object in its place, and answers it.
   *
   * @throws NoCacheEntryError when nothing was set; InvalidInputError for a selector, an object that is known to be
   * absent, and operations that are not valid or do not apply. The entry is then as it was.
   */
  applyPatch<T = KubernetesObject>(
    id: ObjectIdentifier,
    operations: readonly JsonPatchOperation[],
  ): Frozen<T> {
    const object = this.get(id);
    if (object === undefined) throw invalid("name", id, "it is known to be absent");
    this.set(id, applyJsonPatch(object, operations) as object);
    return this.get<T>(id) as Frozen<T>;
  }

  #read({ key, identifier }: CanonicalIdentifier): Answer {
    const answer = this.#answers.get(key);
    if (answer !== undefined) return answer;
    const reason = "nothing was set for exactly this identifier";
    throw new NoCacheEntryError(formatIdentifier(identifier), reason, { watched: identifier });
  }
}

function frozenCopy(object: unknown, id: ObjectIdentifier): Frozen<KubernetesObject> {
  if (!isJsonObject(object) || !isJsonObject(object.metadata ?? {})) {
    throw invalid("answer", id, "an answer is made of Kubernetes objects");
  }
  const context = { apiVersion: formatGroupVersion(id), kind: id.kind };
  try {
    return deepFreeze(strippedObject(structuredClone(object), context));
  } catch (cause) {
    throw invalid("answer", id, "an answer is JSON", cause);
  }
}

function byPlace(a: Frozen<KubernetesObject>, b: Frozen<KubernetesObject>): number {
  return compareByPlace(placeOf(a), placeOf(b));
}

function placeOf({ metadata }: Frozen<KubernetesObject>): { namespace: string; name: string } {
  return { namespace: metadata?.namespace ?? "", name: metadata?.name ?? "" };
}

function invalid(field: string, id: ObjectIdentifier, problem: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(field, `Cannot cache ${formatIdentifier(id)}: ${problem}`, { cause });
}
