import type { InvalidCause } from "./status_error.ts";

/** A field that holds what it may not; `value` as it is told, which need not be all of it. */
export function invalidValue(field: string, value: unknown, why: string): InvalidCause {
  return { reason: "FieldValueInvalid", message: `Invalid value: ${told(value)}: ${why}`, field };
}

/** A field of another type than it must be of. */
export function invalidType(field: string, value: unknown, why: string): InvalidCause {
  return { reason: "FieldValueTypeInvalid", message: `Invalid value: ${told(value)}: ${why}`, field };
}

/** A field that must be there. */
export function requiredValue(field: string, why = ""): InvalidCause {
  return {
    reason: "FieldValueRequired",
    message: why === "" ? "Required value" : `Required value: ${why}`,
    field,
  };
}

/** A field that may not be there. */
export function forbiddenValue(field: string, why: string): InvalidCause {
  return { reason: "FieldValueForbidden", message: `Forbidden: ${why}`, field };
}

/** A field that holds none of the values that there are. */
export function unsupportedValue(field: string, value: unknown, supported: readonly unknown[]): InvalidCause {
  const known = supported.map((one) => quoted(typeof one === "string" ? one : JSON.stringify(one)));
  const message = `Unsupported value: ${told(value)}: supported values: ${known.join(", ")}`;
  return { reason: "FieldValueNotSupported", message, field };
}

/** A text of more bytes than allowed. */
export function tooLongValue(field: string, most: number): InvalidCause {
  const message = `Too long: may not be more than ${most} ${most === 1 ? "byte" : "bytes"}`;
  return { reason: "FieldValueTooLong", message, field };
}

/** A list or map of more entries than allowed. */
export function tooManyValues(field: string, { count, most }: { count: number; most: number }): InvalidCause {
  const message = `Too many: ${count}: must have at most ${most} ${most === 1 ? "item" : "items"}`;
  return { reason: "FieldValueTooMany", message, field };
}

/** An item that is in its list already. */
export function duplicateValue(field: string, value: unknown): InvalidCause {
  return { reason: "FieldValueDuplicate", message: `Duplicate value: ${told(value)}`, field };
}

/** The control characters that have a letter of their own in Go, beside those that have one in JSON. */
const GO_ESCAPES: Readonly<Record<string, string>> = { "\\u0007": "\\a", "\\u000b": "\\v" };
/** What cannot be printed and what JSON does not escape. */
const UNPRINTABLE = /[\u007f-\u00a0\u00ad\u2028\u2029]/g;

/** A text in quotes, as Go writes it. */
export function quoted(text: string): string {
  const hex = (character: string) => character.charCodeAt(0).toString(16).padStart(4, "0");
  return JSON.stringify(text)
    .replace(/\\\\|\\u00([0-9a-f]{2})/g, (found, byte) => GO_ESCAPES[found] ?? (byte ? `\\x${byte}` : found))
    .replace(UNPRINTABLE, (character) => `\\u${hex(character)}`.replace("\\u007f", "\\x7f"));
}

/** A value as the API server tells it: a text in quotes, all else as JSON. */
function told(value: unknown): string {
  return typeof value === "string" ? quoted(value) : JSON.stringify(value);
}
