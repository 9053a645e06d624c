import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { formatSelector, type LabelSelector } from "../../lib/kubernetes/selector.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";

export const NONE = "<none>";

/** The value at a path such as `status.readyReplicas`; undefined where there is none. */
export function valueAt(object: KubernetesObject, path: string): unknown {
  return path
    .split(".")
    .reduce((value: unknown, field) => (isJsonObject(value) ? value[field] : undefined), object);
}

/** The text at a path; `absent` where there is none. */
export function textAt(object: KubernetesObject, path: string, absent = ""): string {
  const value = valueAt(object, path);
  return typeof value === "string" && value !== "" ? value : absent;
}

/** The number at a path; 0 where there is none. */
export function numberAt(object: KubernetesObject, path: string): number {
  const value = valueAt(object, path);
  return typeof value === "number" ? value : 0;
}

/** The objects in the array at a path; none where there is none. */
export function listAt(object: KubernetesObject, path: string): readonly JsonObject[] {
  const value = valueAt(object, path);
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

/** How many fields the map at a path has. */
export function sizeAt(object: KubernetesObject, path: string): number {
  const value = valueAt(object, path);
  return isJsonObject(value) ? Object.keys(value).length : 0;
}

/** The map at a path as labels are written. */
export function labelsAt(object: KubernetesObject, path: string): string {
  const value = valueAt(object, path);
  const labels = isJsonObject(value) ? Object.entries(value) : [];
  if (labels.length === 0) return NONE;
  return labels
    .map(([key, label]) => `${key}=${label}`)
    .sort()
    .join(",");
}

/** The label selector at a path in its text form; `absent` where it is not there or is none. */
export function selectorAt(object: KubernetesObject, path: string, absent: string): string {
  const value = valueAt(object, path);
  if (!isJsonObject(value)) return absent;
  try {
    return formatSelector(value as LabelSelector) || NONE;
  } catch (error) {
    if (error instanceof InvalidInputError) return absent;
    throw error;
  }
}

/** One field of several objects. */
export function fieldOfEach(objects: readonly JsonObject[], field: string): string[] {
  return objects.map((object) => String(object[field] ?? ""));
}
