/** Labels as Kubernetes keeps them: key to value. */
export type Labels = Readonly<Record<string, string>>;

/** The part of an object's metadata that this library reads or that reconcilers commonly do. */
export interface ObjectMeta {
  /** Unique in its namespace. */
  name?: string;
  /** What the server makes a name of, where none is given. */
  generateName?: string;
  /** Absent for cluster-scoped objects. */
  namespace?: string;
  /** Unique for ever: an object that comes again under the same name has another. */
  uid?: string;
  /** Of the last write. */
  resourceVersion?: string;
  /** Counts changes of the specification. */
  generation?: number;
  /** When it was made, in RFC 3339. */
  creationTimestamp?: string;
  /** Since when it waits for its finalizers to go, in RFC 3339. */
  deletionTimestamp?: string;
  /** What selectors look at. */
  labels?: Record<string, string>;
  /** What selectors do not look at. */
  annotations?: Record<string, string>;
  /** Who must be done before it goes. */
  finalizers?: string[];
  /** With whom it goes. */
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  /** Who wrote which field; not in what a cache hands out. */
  managedFields?: unknown[];
  /** More that the server keeps. */
  [field: string]: unknown;
}

/** Any Kubernetes object, as its JSON says it: times are strings. */
export interface KubernetesObject {
  /** Such as `apps/v1`. */
  apiVersion?: string;
  /** Such as `Deployment`. */
  kind?: string;
  /** What every object has. */
  metadata?: ObjectMeta;
  /** What objects of its kind have. */
  [field: string]: unknown;
}

/** `T` as it is handed out of a cache: frozen at every depth. */
export type Frozen<T> = T extends (...args: never[]) => unknown
  ? T
  : T extends readonly (infer Item)[]
    ? readonly Frozen<Item>[]
    : T extends object
      ? { readonly [K in keyof T]: Frozen<T[K]> }
      : T;

/** One version of one object as a stream delivered it. */
export interface WatchedObject {
  /** "" for a cluster-scoped object. */
  readonly namespace: string;
  /** Unique in its namespace. */
  readonly name: string;
  /** Tells it from an earlier object of the same name. */
  readonly uid: string;
  /** Of its last write. */
  readonly resourceVersion: string;
  /** Those of this version. */
  readonly labels: Labels;
  /**
   * The object itself: without managedFields and the last-applied annotation, with kind and apiVersion, frozen at
   * every depth (at the first call) and shared by all who ask. Undefined where only metadata was kept.
   */
  object(): Frozen<KubernetesObject> | undefined;
}

/** What a decoder knows of every object of a stream. Items of typed lists carry neither kind nor apiVersion. */
export interface ObjectContext {
  readonly apiVersion: string;
  readonly kind: string;
  /** "metadata" drops the body as soon as the metadata is read. */
  readonly content: "object" | "metadata";
}

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";
const NO_LABELS: Labels = Object.freeze({});

/** Freezes `value` and all that hangs on it; what is frozen already is taken as frozen at every depth. */
export function deepFreeze<T>(value: T): Frozen<T> {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const inner of Object.values(value)) deepFreeze(inner);
  }
  return value as Frozen<T>;
}

/** A copy of `body` as answers have it: stripped of managedFields and last-applied, with kind and apiVersion. */
export function strippedObject(
  body: KubernetesObject,
  { apiVersion, kind }: { apiVersion: string; kind: string },
): KubernetesObject {
  const { managedFields: _, ...metadata } = body.metadata ?? {};
  if (metadata.annotations && LAST_APPLIED in metadata.annotations) {
    const { [LAST_APPLIED]: _, ...annotations } = metadata.annotations;
    metadata.annotations = annotations;
    if (Object.keys(annotations).length === 0) delete metadata.annotations;
  }
  const { apiVersion: ownApiVersion, kind: ownKind, metadata: _metadata, ...rest } = body;
  return { apiVersion: ownApiVersion || apiVersion, kind: ownKind || kind, metadata, ...rest };
}

/**
 * The watched object for a decoded `body`, or undefined where it has no name or no resource version and so cannot
 * be one. The body is neither copied nor frozen before somebody asks for it.
 */
export function watchedObject(body: KubernetesObject, context: ObjectContext): WatchedObject | undefined {
  const { name, resourceVersion, namespace, uid, labels } = body.metadata ?? {};
  if (!name || !resourceVersion) return undefined;
  let shared: Frozen<KubernetesObject> | undefined;
  let pending = context.content === "object" ? body : undefined;
  // A server may say null for what is absent.
  return {
    namespace: namespace ?? "",
    name,
    uid: uid ?? "",
    resourceVersion,
    labels: labels ? Object.freeze(labels) : NO_LABELS,
    object() {
      if (pending !== undefined) {
        shared = deepFreeze(strippedObject(pending, context));
        pending = undefined;
      }
      return shared;
    },
  };
}

/** The place of an object within its kind: `namespace/name`, or `/name` at cluster scope. */
export function objectKey({ namespace, name }: { namespace: string; name: string }): string {
  return `${namespace}/${name}`;
}

/** Sorts by namespace and name, as the API server lists. */
export function compareByPlace(
  a: { namespace: string; name: string },
  b: { namespace: string; name: string },
): number {
  if (a.namespace !== b.namespace) return a.namespace < b.namespace ? -1 : 1;
  return a.name === b.name ? 0 : a.name < b.name ? -1 : 1;
}
