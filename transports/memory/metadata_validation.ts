import type { KubernetesObject, ObjectMeta } from "../../lib/kubernetes/object.ts";
import { isJsonObject } from "../../lib/support/json.ts";
import type { ApiResource } from "./api_resource.ts";
import { invalidValue, tooLongValue } from "./field_cause.ts";
import { labelValueProblems, qualifiedNameProblems } from "./qualified_name.ts";
import type { InvalidCause } from "./status_error.ts";

const LARGEST_ANNOTATIONS = 256 * 1024;
const FOREGROUND = "foregroundDeletion";
const ORPHAN = "orphan";
const STANDARD_FINALIZERS = ["kubernetes", FOREGROUND, ORPHAN];
/** Kinds whose groups have stricter rules for finalizers are all but these. */
const LENIENT_GROUPS = ["apiextensions.k8s.io", "coordination.k8s.io"];
/** Kinds that are validated as if they were new with each update, too. */
const ALWAYS_AS_NEW = ["ConfigMap", "Secret"];
const utf8 = new TextEncoder();

/** What is wrong with the metadata of a new object, but for its name. */
export function newMetadataCauses(
  { metadata = {} }: KubernetesObject,
  resource: ApiResource,
): InvalidCause[] {
  return [...causesAsNew(metadata), ...strictFinalizerCauses(metadata, resource)];
}

/** What is wrong with the metadata after an update: as often as the API server finds it. */
export function metadataCauses({ metadata = {} }: KubernetesObject, resource: ApiResource): InvalidCause[] {
  const [asNew, changed] = [causesAsNew(metadata), changeableCauses(metadata)];
  const strict = strictFinalizerCauses(metadata, resource);
  const again = ALWAYS_AS_NEW.includes(resource.kind) && !resource.custom ? [...asNew, ...strict] : [];
  return [...asNew, ...changed, ...changed, ...strict, ...again];
}

function causesAsNew(metadata: ObjectMeta): InvalidCause[] {
  return [...changeableCauses(metadata), ...finalizerCauses(metadata.finalizers ?? [])];
}

function changeableCauses({
  labels = {},
  annotations = {},
  ownerReferences = [],
}: ObjectMeta): InvalidCause[] {
  return [
    ...Object.entries(labels).flatMap(([key, value]) => [
      ...told("metadata.labels", key, qualifiedNameProblems(key)),
      ...told("metadata.labels", value, labelValueProblems(value)),
    ]),
    ...annotationCauses(annotations),
    ...ownerCauses(ownerReferences),
  ];
}

function annotationCauses(annotations: Readonly<Record<string, string>>): InvalidCause[] {
  const field = "metadata.annotations";
  const entries = Object.entries(annotations);
  const size = utf8.encode(entries.flat().join("")).length;
  return [
    ...entries.flatMap(([key]) => told(field, key, qualifiedNameProblems(key.toLowerCase()))),
    ...(size > LARGEST_ANNOTATIONS ? [tooLongValue(field, LARGEST_ANNOTATIONS)] : []),
  ];
}

function ownerCauses(owners: readonly unknown[]): InvalidCause[] {
  const field = "metadata.ownerReferences";
  const causes: InvalidCause[] = [];
  let controller: string | undefined;
  for (const owner of owners) {
    if (!isJsonObject(owner)) continue;
    const { apiVersion = "", kind = "", name = "", controller: isController } = owner;
    const version = String(apiVersion).split("/").at(-1);
    if (version === "")
      causes.push(invalidValue(`${field}.apiVersion`, apiVersion, "version must not be empty"));
    for (const part of ["kind", "name", "uid"]) {
      if (!owner[part]) causes.push(invalidValue(`${field}.${part}`, "", "must not be empty"));
    }
    if (apiVersion === "v1" && kind === "Event") {
      causes.push(invalidValue(field, owner, "/v1, Kind=Event is disallowed from being an owner"));
    }
    if (isController !== true) continue;
    const who = `${kind}/${name}`;
    if (controller === undefined) controller = who;
    else {
      const found = `Found "true" in references for ${controller} and ${who}`;
      const why = `Only one reference can have Controller set to true. ${found}`;
      causes.push(invalidValue(field, owners.map(inTypeOrder), why));
    }
  }
  return causes;
}

/** As the built-in type has its fields, which is how an owner is told. */
function inTypeOrder(owner: unknown): object {
  const { apiVersion, kind, name, uid, ...rest } = Object(owner);
  return { apiVersion, kind, name, uid, ...rest };
}

function finalizerCauses(finalizers: readonly string[]): InvalidCause[] {
  const field = "metadata.finalizers";
  const causes = finalizers.flatMap((finalizer) => told(field, finalizer, qualifiedNameProblems(finalizer)));
  if (!finalizers.includes(FOREGROUND) || !finalizers.includes(ORPHAN)) return causes;
  const why = `finalizer ${ORPHAN} and ${FOREGROUND} cannot be both set`;
  return [...causes, invalidValue(field, finalizers, why)];
}

function strictFinalizerCauses(
  { finalizers = [] }: ObjectMeta,
  { custom, group }: ApiResource,
): InvalidCause[] {
  if (custom || LENIENT_GROUPS.includes(group)) return [];
  const why = "name is neither a standard finalizer name nor is it fully qualified";
  return finalizers.flatMap((finalizer, index) =>
    finalizer.includes("/") || STANDARD_FINALIZERS.includes(finalizer)
      ? []
      : [invalidValue(`metadata.finalizers[${index}]`, finalizer, why)],
  );
}

function told(field: string, value: string, problems: readonly string[]): InvalidCause[] {
  return problems.map((problem) => invalidValue(field, value, problem));
}
