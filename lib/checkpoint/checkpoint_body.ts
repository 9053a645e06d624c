import * as v from "valibot";
import type { ScopedResource } from "../kubernetes/group_version.ts";
import { canonicalize, type Key, type ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { ServedSnapshot } from "../serve/serving.ts";
import type { RunSnapshot } from "../watchers/checkpoint_contract.ts";
import { CheckpointRefusedError } from "./errors.ts";
import { type PackingBase, packVersions, unpackVersions } from "./object_versions.ts";

/** When a snapshot was taken, and of which cluster. */
export interface SnapshotContext {
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  /** What stands for the identity of the cluster; undefined where that is not known. */
  readonly cluster: string | undefined;
}

const index = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Group, version and kind; those that are watched also have their resource, and whether it is namespaced. */
const kindSchema = v.union([
  v.strictTuple([v.string(), v.string(), v.string()]),
  v.strictTuple([v.string(), v.string(), v.string(), v.string(), v.boolean()]),
]);
/** A kind, a namespace and a name; with a 1 behind it the last is a selector. */
const identifierSchema = v.union([
  v.strictTuple([index, v.string(), v.string()]),
  v.strictTuple([index, v.string(), v.string(), v.literal(1)]),
]);
const versionsSchema = v.array(v.union([v.string(), v.number()]));
const bodySchema = v.strictTuple([
  /** When it was taken. */
  v.number(),
  v.nullable(v.string()),
  v.array(kindSchema),
  /** What is watched: its identifier, where its watch goes on, and its objects. */
  v.array(v.strictTuple([identifierSchema, v.string(), versionsSchema])),
  /** Watchers, and what they depend on explicitly: places in the list of what is watched. */
  v.array(v.strictTuple([identifierSchema, v.array(index)])),
  /** Watchers whose reconcile is not done, in how many milliseconds it is due, and the attempts that failed. */
  v.array(v.strictTuple([identifierSchema, v.pipe(v.number(), v.minValue(0)), index])),
]);

type PackedKind = v.InferOutput<typeof kindSchema>;
type PackedIdentifier = v.InferOutput<typeof identifierSchema>;
/** A checkpoint as arrays and values only: some stores do not keep the order of an object's fields. */
export type CheckpointBody = v.InferOutput<typeof bodySchema>;

/** What a snapshot is written as. */
export function encodeBody(snapshot: RunSnapshot, { takenAt, cluster }: SnapshotContext): CheckpointBody {
  const kinds = new KindTable();
  const places = new Map<Key, number>();
  const served: CheckpointBody[3] = [];
  for (const { watched, resource, resourceVersion, versions } of snapshot.served) {
    places.set(canonicalize(watched).key, places.size);
    const packed = packVersions(versions, packingBase(watched, resourceVersion));
    served.push([kinds.pack(watched, resource), resourceVersion, packed]);
  }
  const watchers: CheckpointBody[4] = [];
  for (const { watcher, watched } of snapshot.watchers) {
    const all = Array.from(watched, (id) => places.get(canonicalize(id).key));
    const found = all.filter((place) => place !== undefined);
    if (found.length > 0) watchers.push([kinds.pack(watcher), found]);
  }
  const due: CheckpointBody[5] = [];
  for (const { watcher, delayMs, attempt } of snapshot.due) {
    due.push([kinds.pack(watcher), Math.ceil(delayMs), attempt]);
  }
  return [takenAt, cluster ?? null, kinds.table, served, watchers, due];
}

/**
 * The snapshot that `encodeBody` wrote, as it is to be gone on from at `now`.
 *
 * @throws CheckpointRefusedError for what it did not write
 */
export function decodeBody(
  body: unknown,
  { now }: { now: number },
): SnapshotContext & { snapshot: RunSnapshot } {
  try {
    const [takenAt, cluster, kinds, served, watchers, due] = v.parse(bodySchema, body);
    // A wall clock may go back.
    const elapsedMs = Math.max(0, now - takenAt);
    const restored = served.map((entry) => unpackServed(entry, kinds));
    return {
      takenAt,
      cluster: cluster ?? undefined,
      snapshot: {
        served: restored,
        watchers: watchers.map(([watcher, found]) => ({
          watcher: unpackIdentifier(watcher, kinds),
          watched: found.map((place) => at(restored, place).watched),
        })),
        due: due.map(([watcher, delayMs, attempt]) => ({
          watcher: unpackIdentifier(watcher, kinds),
          delayMs: Math.max(0, delayMs - elapsedMs),
          attempt,
        })),
      },
    };
  } catch (cause) {
    throw new CheckpointRefusedError("damaged", "its content makes no sense", { cause });
  }
}

/** The kinds of a checkpoint, each once. */
class KindTable {
  readonly table: PackedKind[] = [];
  readonly #places = new Map<string, number>();

  pack(id: ObjectIdentifier, resource?: ScopedResource): PackedIdentifier {
    const { group = "", version, kind, namespace = "", name, selector = "" } = id;
    const packed: PackedKind = resource
      ? [group, version, kind, resource.resource, resource.namespaced]
      : [group, version, kind];
    const text = JSON.stringify(packed);
    const place = this.#places.get(text) ?? this.table.push(packed) - 1;
    this.#places.set(text, place);
    return name === undefined ? [place, namespace, selector, 1] : [place, namespace, name];
  }
}

function unpackServed(
  [packed, resourceVersion, versions]: CheckpointBody[3][number],
  kinds: readonly PackedKind[],
): ServedSnapshot {
  const watched = unpackIdentifier(packed, kinds);
  const [group, version, , resource, namespaced] = at(kinds, packed[0]);
  if (resource === undefined || namespaced === undefined) throw new TypeError("it has no resource");
  return {
    watched,
    resource: { group, version, resource, namespaced },
    resourceVersion,
    versions: unpackVersions(versions, packingBase(watched, resourceVersion)),
  };
}

function unpackIdentifier(
  [kindPlace, namespace, text, isSelector]: PackedIdentifier,
  kinds: readonly PackedKind[],
): ObjectIdentifier {
  const [group, version, kind] = at(kinds, kindPlace);
  const of = isSelector ? { selector: text } : { name: text };
  return canonicalize({ group, version, kind, namespace, ...of }).identifier;
}

/** The one object of a name has this key. */
function packingBase({ namespace = "", name = "" }: ObjectIdentifier, resourceVersion: string): PackingBase {
  return { key: `${namespace}/${name}`, resourceVersion };
}

function at<T>(items: readonly T[], place: number): T {
  const item = items[place];
  if (item === undefined) throw new RangeError(`there is no place ${place}`);
  return item;
}
