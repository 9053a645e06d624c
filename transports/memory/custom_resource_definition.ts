import type { Frozen, KubernetesObject } from "../../lib/kubernetes/object.ts";
import type { ApiResource } from "./api_resource.ts";
import { customColumns } from "./custom_columns.ts";
import { objectType } from "./field_type.ts";
import { ObjectSchema } from "./object_schema.ts";
import { type InvalidCause, invalid } from "./status_error.ts";
import type { StructuralSchema } from "./structural_schema.ts";

/** The group and plural of CustomResourceDefinitions themselves. */
export const DEFINITIONS = { group: "apiextensions.k8s.io", resource: "customresourcedefinitions" } as const;

/** The finalizer under which a definition stays until its objects are gone. */
const CLEANUP_FINALIZER = "customresourcecleanup.apiextensions.k8s.io";
const CUSTOM_VERBS = ["delete", "deletecollection", "get", "list", "patch", "create", "update", "watch"];
/** Discovery no longer tells of these while the definition is being deleted. */
const WRITING_VERBS = ["create", "patch", "update"];

/** The part of a definition that is read here. What it says is checked before it is stored. */
interface DefinitionSpec {
  readonly group: string;
  readonly scope: "Namespaced" | "Cluster";
  readonly names: {
    readonly plural: string;
    readonly kind: string;
    readonly singular?: string;
    readonly listKind?: string;
    readonly shortNames?: readonly string[];
    readonly categories?: readonly string[];
  };
  readonly versions: readonly {
    readonly name: string;
    readonly served?: boolean;
    readonly storage?: boolean;
    readonly schema?: { readonly openAPIV3Schema?: StructuralSchema };
    readonly subresources?: { readonly status?: object };
    readonly selectableFields?: readonly { readonly jsonPath: string }[];
    readonly additionalPrinterColumns?: unknown;
  }[];
}

/** A new definition is not yet established. */
export function prepareDefinition(draft: KubernetesObject): void {
  const { versions } = (draft.spec ?? {}) as Partial<DefinitionSpec>;
  draft.status = {
    conditions: null,
    acceptedNames: { plural: "", kind: "" },
    storedVersions: storageVersions(versions),
  };
}

/** Fills in the names that a definition leaves to the server; what cannot be served is a 422. */
export function normalizeDefinition(draft: KubernetesObject): void {
  const { group = "", scope, versions, names } = (draft.spec ?? {}) as Partial<DefinitionSpec>;
  const { plural = "", kind = "" } = names ?? {};
  const name = draft.metadata?.name ?? "";
  const causes: InvalidCause[] = [];
  if (name !== `${plural}.${group}` || plural === "" || group === "") {
    const message = `Invalid value: "${name}": must be spec.names.plural+"."+spec.group`;
    causes.push({ reason: "FieldValueInvalid", message, field: "metadata.name" });
  }
  if (scope === undefined) {
    causes.push({ reason: "FieldValueRequired", message: "Required value", field: "spec.scope" });
  }
  if (kind === "") {
    causes.push({ reason: "FieldValueRequired", message: "Required value", field: "spec.names.kind" });
  }
  if (storageVersions(versions).length !== 1) {
    const message = "Invalid value: null: must have exactly one version marked as storage version";
    causes.push({ reason: "FieldValueInvalid", message, field: "spec.versions" });
  }
  if (causes.length > 0) {
    throw invalid({ group: DEFINITIONS.group, kind: "CustomResourceDefinition", name }, causes);
  }
  draft.spec = {
    group,
    names: completeNames({ ...names, plural, kind }),
    scope,
    versions,
    conversion: { strategy: "None" },
  };
}

/** A deleted definition is held until its objects are gone. */
export function markDefinitionDeleted(draft: KubernetesObject, deletionTimestamp: string): void {
  const finalizers = [...(draft.metadata?.finalizers ?? []), CLEANUP_FINALIZER];
  draft.metadata = { ...draft.metadata, deletionTimestamp, finalizers };
  const status = (draft.status ?? {}) as { conditions?: readonly unknown[] };
  const terminating = {
    type: "Terminating",
    status: "True",
    lastTransitionTime: deletionTimestamp,
    reason: "InstanceDeletionPending",
    message: "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
  };
  draft.status = { ...status, conditions: [...(status.conditions ?? []), terminating] };
}

/** The status of a definition whose names are accepted. */
export function establishedStatus(
  definition: Frozen<KubernetesObject>,
  lastTransitionTime: string,
): Record<string, unknown> {
  const { names, versions } = definition.spec as DefinitionSpec;
  const condition = { status: "True", lastTransitionTime };
  return {
    conditions: [
      { type: "NamesAccepted", ...condition, reason: "NoConflicts", message: "no conflicts found" },
      {
        type: "Established",
        ...condition,
        reason: "InitialNamesAccepted",
        message: "the initial names have been accepted",
      },
    ],
    acceptedNames: names,
    storedVersions: storageVersions(versions),
  };
}

/** The resources that a definition brings, one for each version that it serves. */
export function customResources(definition: Frozen<KubernetesObject>): ApiResource[] {
  const { group, scope, names, versions } = definition.spec as DefinitionSpec;
  const { plural, kind, singular, listKind, shortNames = [], categories = [] } = completeNames(names);
  const terminating = definition.metadata?.deletionTimestamp !== undefined;
  const verbs = CUSTOM_VERBS.filter((verb) => !terminating || !WRITING_VERBS.includes(verb));
  const namespaced = scope === "Namespaced";
  const objectLabels = namespaced ? ["metadata.name", "metadata.namespace"] : ["metadata.name"];
  const storageSchema = versions.find(({ storage }) => storage)?.schema?.openAPIV3Schema;
  const stored = storageSchema && new ObjectSchema(storageSchema);
  return versions
    .filter(({ served }) => served)
    .map(({ name, storage, schema, subresources, selectableFields = [], additionalPrinterColumns }) => ({
      ...{ group, version: name, kind, listKind, resource: plural, singular, namespaced },
      ...{ shortNames, categories, verbs, terminating },
      subresources: subresources?.status ? ["status"] : [],
      custom: true,
      cached: true,
      fields: [],
      zero: {},
      fieldLabels: [...objectLabels, ...selectableFields.map(({ jsonPath }) => jsonPath.replace(/^\./, ""))],
      unknownFieldLabel: (label) => `field label not supported: ${label}`,
      names: "subdomain",
      columns: customColumns(additionalPrinterColumns),
      fieldType: objectType(schema?.openAPIV3Schema),
      schema: schema?.openAPIV3Schema && new ObjectSchema(schema.openAPIV3Schema),
      stored: storage ? undefined : stored && ((object) => stored.pruned(object)),
      counted: ({ metadata: _, status, ...rest }) => (subresources?.status ? rest : { ...rest, status }),
      unconditionalUpdate: false,
      createOnUpdate: false,
      statusOnCreate: false,
      graceful: false,
    }));
}

/** The version in which the objects of a definition are stored. */
export function storageVersion({ spec }: Frozen<KubernetesObject>): string | undefined {
  return storageVersions((spec as DefinitionSpec).versions)[0];
}

function storageVersions(versions: DefinitionSpec["versions"] | undefined): string[] {
  return Array.isArray(versions) ? versions.flatMap(({ name, storage }) => (storage ? [name] : [])) : [];
}

function completeNames({ plural, kind, ...names }: DefinitionSpec["names"]) {
  const { singular = kind.toLowerCase(), listKind = `${kind}List`, shortNames, categories } = names;
  return {
    plural,
    singular,
    ...(shortNames && { shortNames }),
    kind,
    listKind,
    ...(categories && { categories }),
  };
}
