import type { FieldSet } from "./field_set.ts";
import { type FieldOwner, ownerKey } from "./managed_fields.ts";
import { formatPath } from "./path_element.ts";
import { StatusError } from "./status_error.ts";

/** The 409 for fields of others that an apply would change; undefined where there are none. */
export function applyConflict(fields: ReadonlyMap<FieldOwner, FieldSet>): StatusError | undefined {
  const conflicts = [...fields]
    .filter(([, taken]) => !taken.isEmpty)
    .sort(([a], [b]) => (ownerKey(a) < ownerKey(b) ? -1 : 1))
    .map(([owner, taken]) => ({ who: described(owner), paths: taken.paths().map(formatPath) }));
  const causes = conflicts.flatMap(({ who, paths }) =>
    paths.map((field) => ({ reason: "FieldManagerConflict", message: `conflict with ${who}`, field })),
  );
  const [first, ...more] = causes;
  if (!first) return undefined;
  const words =
    more.length === 0
      ? `1 conflict: ${first.message}: ${first.field}`
      : `${causes.length} conflicts: ${conflicts.map(listed).join("\n")}`;
  return new StatusError(409, {
    message: `Apply failed with ${words}`,
    reason: "Conflict",
    details: { causes },
  });
}

function listed({ who, paths }: { who: string; paths: readonly string[] }): string {
  return [`conflicts with ${who}:`, ...paths.map((path) => `- ${path}`)].join("\n");
}

function described({ manager, operation, apiVersion, subresource }: FieldOwner): string {
  const where = subresource === "" ? "" : ` with subresource ${JSON.stringify(subresource)}`;
  const how = operation === "Update" ? ` using ${apiVersion}` : "";
  return `${JSON.stringify(manager)}${where}${how}`;
}
