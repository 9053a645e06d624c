import type { ObjectVersion } from "./object_version.ts";
import { badRequest } from "./status_error.ts";

/** One term of a field selector; all must hold. */
export interface FieldTerm {
  readonly label: string;
  readonly value: string;
  readonly equal: boolean;
}

const TERM = /^(?<label>.*?)(?<operator>!=|==|=)(?<value>.*)$/s;

/**
 * Reads the terms of a field selector, such as `metadata.name=a,status.phase!=Running`. A backslash escapes commas,
 * equal signs and backslashes in values.
 */
export function parseFieldSelector(text: string): FieldTerm[] {
  return splitTerms(text).map((term) => {
    const { label, operator, value } = TERM.exec(term)?.groups ?? {};
    if (label === undefined || value === undefined) {
      throw badRequest(`invalid selector: '${text}'; can't understand '${term}'`);
    }
    if (/^(?:\\.|[^\\=])*=/s.test(value)) {
      throw badRequest(`invalid field selector: unescaped character in value: ${"=".charCodeAt(0)}`);
    }
    return { label, value: value.replace(/\\(.)/g, "$1"), equal: operator !== "!=" };
  });
}

/** What a resource says of its field labels. */
interface FieldLabels {
  readonly fieldLabels: readonly string[];
  /** What is said of a label that is none of them. */
  unknownFieldLabel(label: string): string;
}

/** Refuses labels that a field selector on this resource may not name. */
export function checkFieldLabels(terms: readonly FieldTerm[], resource: FieldLabels): void {
  for (const { label } of terms) {
    if (!resource.fieldLabels.includes(label)) throw badRequest(resource.unknownFieldLabel(label));
  }
}

/** Whether a field selector selects the object; a field that is absent is "". */
export function matchesFields(terms: readonly FieldTerm[], version: ObjectVersion): boolean {
  return terms.every(({ label, value, equal }) => (fieldValue(version, label) === value) === equal);
}

/** The name that the terms pin: a request for it counts as one for that object. */
export function pinnedName(terms: readonly FieldTerm[]): string {
  return terms.find(({ label, equal }) => label === "metadata.name" && equal)?.value ?? "";
}

function fieldValue(version: ObjectVersion, label: string): string {
  if (label === "metadata.name") return version.name;
  if (label === "metadata.namespace") return version.namespace;
  let value: unknown = version.object;
  for (const field of label.split(".")) {
    value =
      typeof value === "object" && value !== null ? (value as Record<string, unknown>)[field] : undefined;
  }
  return value === undefined || value === null ? "" : String(value);
}

/** Splits at the commas that are not escaped; empty terms say nothing. */
function splitTerms(text: string): string[] {
  return text.match(/(?:\\.|[^\\,])+/gs) ?? [];
}
