import type { ObjectIdentifier } from "../../lib/kubernetes/identifier.ts";
import type { Labels } from "../../lib/kubernetes/object.ts";

/** A kind whose objects come and go in a simulation. */
export interface SimulatedKind {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly resource: string;
  readonly namespaced: boolean;
  /** It is made by a CustomResourceDefinition, which can be taken away. */
  readonly custom: boolean;
}

const GROUP = "simulation.example.com";

export const KINDS: readonly SimulatedKind[] = [
  { group: "", version: "v1", kind: "ConfigMap", resource: "configmaps", namespaced: true, custom: false },
  { group: "", version: "v1", kind: "Node", resource: "nodes", namespaced: false, custom: false },
  { group: GROUP, version: "v1", kind: "Widget", resource: "widgets", namespaced: true, custom: true },
  { group: GROUP, version: "v1", kind: "Zone", resource: "zones", namespaced: false, custom: true },
];

export const NAMESPACES = ["a", "b"] as const;
const NAMES = ["x", "y"] as const;

/** The values of the label `app`; "" stands for no label. */
export const APPS = ["red", "blue", ""] as const;
export type App = (typeof APPS)[number];

/** Where an object is, or may be. */
export interface Place {
  /** Such as `ConfigMap a/x` or `Node x`; the name of the place in a schedule. */
  readonly text: string;
  readonly kind: SimulatedKind;
  readonly namespace: string;
  readonly name: string;
}

/** What a watcher may depend on. */
export interface Watched {
  /** Such as `ConfigMap a/x` or `ConfigMap *?app=red`; the name of the identifier in a schedule. */
  readonly text: string;
  readonly identifier: ObjectIdentifier;
  readonly kind: SimulatedKind;
  /** The stream that serves it, as `streamOf` names it. */
  readonly stream: string;
  /** Whether an object with these labels at that place belongs to it. */
  includes(place: Place, labels: Labels): boolean;
}

/** What each selector of the catalogue selects, said once more and apart from the engine. */
const SELECTORS: ReadonlyMap<string, (app: string | undefined) => boolean> = new Map([
  ["", () => true],
  ["app", (app: string | undefined) => app !== undefined],
  ["app=red", (app: string | undefined) => app === "red"],
  ["app!=red", (app: string | undefined) => app !== "red"],
]);

export const PLACES: ReadonlyMap<string, Place> = byText(KINDS.flatMap(placesOf));
export const WATCHED: ReadonlyMap<string, Watched> = byText(KINDS.flatMap(watchedOf));
export const WATCHERS = ["w0", "w1", "w2", "w3"] as const;

export function placeNamed(text: string): Place {
  return known(PLACES, text);
}

export function watchedNamed(text: string): Watched {
  return known(WATCHED, text);
}

export function kindNamed(kind: string): SimulatedKind {
  return known(new Map(KINDS.map((one) => [one.kind, one])), kind);
}

/** The identifier of a watcher, which is no object of the server. */
export function watcherNamed(name: string): ObjectIdentifier {
  return { group: "watchers.example.com", version: "v1", kind: "Watcher", namespace: "none", name };
}

/** The definition that brings a custom kind to life. */
export function definitionOf({ group, version, kind, resource, namespaced }: SimulatedKind): object {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${resource}.${group}` },
    spec: {
      group,
      scope: namespaced ? "Namespaced" : "Cluster",
      names: { plural: resource, kind },
      versions: [{ name: version, served: true, storage: true, schema, subresources: { status: {} } }],
    },
  };
}

/** A name for the stream of a collection: what of a request does not change from one connection to the next. */
export function streamOf(
  resource: string,
  { namespace, selector }: { namespace: string; selector: string },
): string {
  return `${resource} ${namespace || "*"}?${selector}`;
}

function placesOf(kind: SimulatedKind): Place[] {
  const namespaces = kind.namespaced ? NAMESPACES : [""];
  return namespaces.flatMap((namespace) =>
    NAMES.map((name) => ({ text: `${kind.kind} ${join(namespace, name)}`, kind, namespace, name })),
  );
}

function watchedOf(kind: SimulatedKind): Watched[] {
  const { group, version, kind: name, resource } = kind;
  const head = { ...(group && { group }), version, kind: name };
  const objects = placesOf(kind).map(
    (place): Watched => ({
      text: place.text,
      kind,
      identifier: { ...head, ...(place.namespace && { namespace: place.namespace }), name: place.name },
      stream: streamOf(resource, { namespace: place.namespace, selector: `metadata.name=${place.name}` }),
      includes: ({ text }) => text === place.text,
    }),
  );
  const namespaces = kind.namespaced ? [...NAMESPACES, ""] : [""];
  const sets = namespaces.flatMap((namespace) =>
    [...SELECTORS].map(
      ([selector, selects]): Watched => ({
        text: `${name} ${namespace || "*"}?${selector}`,
        kind,
        identifier: { ...head, ...(namespace && { namespace }), selector },
        stream: streamOf(resource, { namespace, selector }),
        includes: (place, { app }) =>
          place.kind === kind && (namespace === "" || place.namespace === namespace) && selects(app),
      }),
    ),
  );
  return [...objects, ...sets];
}

function join(namespace: string, name: string): string {
  return namespace === "" ? name : `${namespace}/${name}`;
}

function byText<T extends { readonly text: string }>(list: readonly T[]): ReadonlyMap<string, T> {
  return new Map(list.map((one) => [one.text, one]));
}

function known<T>(map: ReadonlyMap<string, T>, text: string): T {
  const found = map.get(text);
  if (found === undefined) throw new RangeError(`Cannot find ${text} in the catalogue`);
  return found;
}
