import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { type ApiResource, STANDARD_VERBS } from "./api_resource.ts";
import { builtInBody } from "./body_types.ts";
import { builtInObjectType } from "./field_type.ts";

/** A row of the table of built-in kinds. It says what is not as with most of them. */
export type ResourceRow = Pick<ApiResource, "kind" | "resource"> & Partial<ApiResource>;

/** The field labels of every namespaced kind. */
export const OBJECT_LABELS = ["metadata.name", "metadata.namespace"];

/** A kind whose status has its own path, and whose spec is counted by its generation. */
export const WITH_STATUS = {
  subresources: ["status"],
  counted: ({ spec }: KubernetesObject) => spec,
} as const satisfies Partial<ApiResource>;

/** What is said of a field label by kinds with labels of their own. */
export function unsupportedLabel(label: string): string {
  return `field label not supported: ${label}`;
}

/** The rows of one group in full: namespaced, with spec and status, in version v1, with all verbs. */
export function resourcesOf(group: string, rows: readonly ResourceRow[]): ApiResource[] {
  return rows.map((row) => ({
    group,
    version: "v1",
    listKind: `${row.kind}List`,
    singular: row.kind.toLowerCase(),
    namespaced: true,
    shortNames: [],
    categories: [],
    verbs: STANDARD_VERBS,
    subresources: [],
    custom: false,
    cached: true,
    fields: ["spec", "status"],
    zero: { spec: {}, status: {} },
    fieldLabels: OBJECT_LABELS,
    unknownFieldLabel: (label) =>
      `"${label}" is not a known field selector: only ${OBJECT_LABELS.map((known) => `"${known}"`).join(", ")}`,
    names: "subdomain",
    fieldType: builtInObjectType(row.kind, row.fields ?? ["spec", "status"]),
    body: builtInBody(row.kind, row.fields ?? ["spec", "status"]),
    counted: undefined,
    unconditionalUpdate: true,
    createOnUpdate: false,
    statusOnCreate: false,
    terminating: false,
    graceful: false,
    ...row,
  }));
}
