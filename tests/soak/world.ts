import type { ObjectIdentifier } from "../../mod.ts";

export const NAMESPACE = "soak";
export const COLOURS: readonly string[] = ["red", "green", "blue", "grey"];

export type SoakKind = Pick<ObjectIdentifier, "group" | "version" | "kind">;

/** The kinds that are written and watched. */
export const SOAK_KINDS: readonly SoakKind[] = [
  { version: "v1", kind: "ConfigMap" },
  { version: "v1", kind: "Secret" },
  { group: "coordination.k8s.io", version: "v1", kind: "Lease" },
];

/** The names of the objects of each kind. */
export const soakNames: readonly string[] = Array.from({ length: 20 }, (_, index) => `object-${index}`);

/** All that can be watched: each object by name, and the objects of each colour. */
export const soakIdentifiers: readonly ObjectIdentifier[] = SOAK_KINDS.flatMap((kind) => [
  ...soakNames.map((name) => ({ ...kind, namespace: NAMESPACE, name })),
  ...COLOURS.map((colour) => ({ ...kind, namespace: NAMESPACE, selector: `colour=${colour}` })),
]);

/** A watcher; no such object exists. */
export function soakWatcher(name: string): ObjectIdentifier {
  return { version: "v1", kind: "Watcher", namespace: NAMESPACE, name };
}
