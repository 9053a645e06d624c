import { formatIdentifier, type ObjectIdentifier } from "../../mod.ts";

/** A kind whose objects are written and watched. */
export interface ChaosKind {
  readonly apiVersion: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  /** What a new object has beside its metadata. */
  readonly body: Readonly<Record<string, unknown>>;
}

/** One of the objects that are written. */
export interface Target {
  readonly kind: ChaosKind;
  readonly name: string;
}

/** A watcher and all that it depends on. */
export interface ChaosWatcher {
  readonly watcher: ObjectIdentifier;
  readonly watched: readonly ObjectIdentifier[];
}

/** How many objects of a kind come and go. */
const OBJECTS_OF_A_KIND = 6;
const LABEL = "group";
/** The values of the label: each is a selector that is watched. */
export const GROUPS: readonly string[] = ["red", "blue"];

/** The custom kind of a namespace: its group is its own, so that its definition can go without disturbing others. */
export function customKind(namespace: string): ChaosKind {
  const apiVersion = `${namespace}.example.com/v1`;
  return {
    apiVersion,
    kind: "Widget",
    resource: "widgets",
    namespaced: true,
    body: { spec: { size: "small" } },
  };
}

/** The kinds of a namespace: in the core and out of it, built in and custom, without a namespace, without bookmarks. */
export function kindsOf(namespace: string): readonly ChaosKind[] {
  return [
    { apiVersion: "v1", kind: "ConfigMap", resource: "configmaps", namespaced: true, body: {} },
    { apiVersion: "v1", kind: "Secret", resource: "secrets", namespaced: true, body: {} },
    {
      apiVersion: "v1",
      kind: "Event",
      resource: "events",
      namespaced: true,
      body: { involvedObject: { namespace } },
    },
    { apiVersion: "coordination.k8s.io/v1", kind: "Lease", resource: "leases", namespaced: true, body: {} },
    {
      apiVersion: "rbac.authorization.k8s.io/v1",
      kind: "ClusterRole",
      resource: "clusterroles",
      namespaced: false,
      body: {},
    },
    customKind(namespace),
  ];
}

/** The objects that are written. */
export function targetsOf(namespace: string): readonly Target[] {
  return kindsOf(namespace).flatMap((kind) =>
    Array.from({ length: OBJECTS_OF_A_KIND }, (_, index) => ({ kind, name: nameOf(namespace, index) })),
  );
}

/** For each identifier that is watched an object whose change concerns it, and in which group that is then. */
export function marksOf(namespace: string): readonly { kind: string; name: string; group: string }[] {
  return kindsOf(namespace).flatMap(({ kind }) =>
    GROUPS.map((group, index) => ({ kind, name: nameOf(namespace, index), group })),
  );
}

/** Many watchers: each kind by name, by selector, and mixed with the next kind; and one that depends on everything. */
export function watchersOf(namespace: string): readonly ChaosWatcher[] {
  const kinds = kindsOf(namespace);
  const watchers = kinds.flatMap((kind, index) => {
    const next = kinds[(index + 1) % kinds.length] as ChaosKind;
    const [first, second] = [named(kind, 0, namespace), named(kind, 1, namespace)];
    const [red, blue] = GROUPS.map((group) => selected(kind, group, namespace)) as [
      ObjectIdentifier,
      ObjectIdentifier,
    ];
    const sets = {
      names: [first, second],
      red: [red],
      blue: [blue],
      mixed: [red, named(next, 0, namespace)],
      both: [red, blue, selected(next, "red", namespace)],
    };
    return Object.entries(sets).map(([set, watched]) => ({
      watcher: watcherNamed(`${kind.resource}-${set}`, namespace),
      watched,
    }));
  });
  const everything = new Map(
    watchers.flatMap(({ watched }) => watched.map((id) => [formatIdentifier(id), id] as const)),
  );
  return [...watchers, { watcher: watcherNamed("everything", namespace), watched: [...everything.values()] }];
}

/** The labels by which an object is selected; what is in no namespace carries its owner's name in them. */
export function labelsOf(namespace: string, group: string): Record<string, string> {
  return { chaos: namespace, [LABEL]: group };
}

/** The path of all objects of a kind, in the namespace if it has one. */
export function pathOf({ apiVersion, resource, namespaced }: ChaosKind, namespace: string): string {
  const root = apiVersion.includes("/") ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}${namespaced ? `/namespaces/${namespace}` : ""}/${resource}`;
}

function nameOf(namespace: string, index: number): string {
  return `${namespace}-${index}`;
}

function watcherNamed(name: string, namespace: string): ObjectIdentifier {
  return { version: "v1", kind: "Watcher", namespace, name };
}

function named(kind: ChaosKind, index: number, namespace: string): ObjectIdentifier {
  return { ...kindIdentifier(kind, namespace), name: nameOf(namespace, index) };
}

function selected(kind: ChaosKind, group: string, namespace: string): ObjectIdentifier {
  const selector = Object.entries(labelsOf(namespace, group))
    .map(([label, value]) => `${label}=${value}`)
    .join(",");
  return { ...kindIdentifier(kind, namespace), selector };
}

function kindIdentifier(
  { apiVersion, kind, namespaced }: ChaosKind,
  namespace: string,
): Pick<ObjectIdentifier, "group" | "version" | "kind" | "namespace"> {
  const [version, group] = apiVersion.split("/").reverse() as [string, string | undefined];
  return { ...(group && { group }), version, kind, ...(namespaced && { namespace }) };
}
