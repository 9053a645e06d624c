/** Labels as Kubernetes keeps them: key to value. */
export type Labels = Readonly<Record<string, string>>;

/** The part of an object's metadata that this library reads or that reconcilers commonly do. */
export interface ObjectMeta {
  name?: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: { apiVersion: string; kind: string; name: string; uid: string; controller?: boolean }[];
  managedFields?: unknown[];
  [field: string]: unknown;
}

/** Any Kubernetes object, as its JSON says it: times are strings. */
export interface KubernetesObject {
  apiVersion?: string;
  kind?: string;
  metadata?: ObjectMeta;
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
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
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
