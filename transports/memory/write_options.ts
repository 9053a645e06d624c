import {
  forbiddenValue,
  invalidValue,
  requiredValue,
  tooLongValue,
  unsupportedValue,
} from "./field_cause.ts";
import { isTrue, type Verb } from "./request_info.ts";
import { type InvalidCause, invalid } from "./status_error.ts";

/** What the query of a write says. */
export interface WriteOptions {
  /** Answer as if it were done, and do nothing. */
  readonly dryRun: boolean;
  /** In whose name fields are set. */
  readonly fieldManager: string;
  /** Of an apply: take over the fields of others. */
  readonly force: boolean;
  /** What becomes of unknown fields: they are dropped in silence or with a warning, or refused. */
  readonly fieldValidation: "Ignore" | "Warn" | "Strict";
}

/** The media type of server-side apply. Every JSON text is YAML. */
export const APPLY_PATCH = "application/apply-patch+yaml";

const KINDS: Readonly<Partial<Record<Verb, string>>> = {
  create: "CreateOptions",
  update: "UpdateOptions",
  patch: "PatchOptions",
  delete: "DeleteOptions",
  deletecollection: "DeleteOptions",
};
const FIELD_VALIDATIONS = ["", "Ignore", "Strict", "Warn"];
const LONGEST_MANAGER = 128;
const UNPRINTABLE = /[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u;
const utf8 = new TextEncoder();

/** Reads the query of a write; what it may not say is a 422. Without a field manager the user agent names one. */
export function writeOptions(
  query: URLSearchParams,
  { verb, mediaType, userAgent }: { verb: Verb; mediaType: string; userAgent: string },
): WriteOptions {
  const fieldManager = query.get("fieldManager") ?? "";
  const fieldValidation = query.get("fieldValidation") ?? "";
  const dryRun = query.getAll("dryRun");
  const kind = KINDS[verb];
  if (kind !== undefined) {
    const causes = [
      ...(verb === "patch" ? patchCauses(query, { fieldManager, isApply: mediaType === APPLY_PATCH }) : []),
      ...(isDeletion(verb) ? [] : managerCauses(fieldManager)),
    ];
    if (!dryRun.every((value) => value === "All")) causes.push(unsupportedValue("dryRun", dryRun, ["All"]));
    if (!isDeletion(verb) && !FIELD_VALIDATIONS.includes(fieldValidation)) {
      causes.push(unsupportedValue("fieldValidation", fieldValidation, FIELD_VALIDATIONS));
    }
    if (causes.length > 0) throw invalid({ group: "meta.k8s.io", kind, name: "" }, causes);
  }
  return {
    dryRun: kind !== undefined && dryRun.length > 0,
    fieldManager: fieldManager || managerOf(userAgent),
    force: isTrue(query, "force"),
    fieldValidation: (fieldValidation || "Warn") as WriteOptions["fieldValidation"],
  };
}

function isDeletion(verb: Verb): boolean {
  return verb === "delete" || verb === "deletecollection";
}

function patchCauses(
  query: URLSearchParams,
  { fieldManager, isApply }: { fieldManager: string; isApply: boolean },
): InvalidCause[] {
  if (isApply)
    return fieldManager === "" ? [requiredValue("fieldManager", "is required for apply patch")] : [];
  return query.has("force") ? [forbiddenValue("force", "may not be specified for non-apply patch")] : [];
}

function managerCauses(fieldManager: string): InvalidCause[] {
  const field = "fieldManager";
  const causes: InvalidCause[] = [];
  if (utf8.encode(fieldManager).length > LONGEST_MANAGER) causes.push(tooLongValue(field, LONGEST_MANAGER));
  for (const [position, character] of [...fieldManager].entries()) {
    if (!UNPRINTABLE.test(character)) continue;
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    causes.push(invalidValue(field, fieldManager, `invalid character U+${code} (at position ${position})`));
  }
  return causes;
}

/** The part of a user agent before its version. */
function managerOf(userAgent: string): string {
  const [product = ""] = userAgent.split("/");
  const printable = [...product].filter((character) => !UNPRINTABLE.test(character)).join("");
  return utf8.encode(printable).length > LONGEST_MANAGER
    ? printable.slice(0, LONGEST_MANAGER)
    : printable || "unknown";
}
