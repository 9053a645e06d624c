import type { ScopedResource } from "../kubernetes/group_version.ts";
import type { Key, ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { StreamSpec } from "../watch/stream.ts";

/** What the planner decides over: the identifiers to serve, with the resource of each. */
export interface PlannerInput {
  readonly identifiers: ReadonlyMap<
    Key,
    { readonly identifier: ObjectIdentifier; readonly resource: ScopedResource }
  >;
  readonly content: "object" | "metadata";
}

/** Which stream serves each identifier: one of its own for each, for now. */
export function plan({ identifiers, content }: PlannerInput): ReadonlyMap<Key, StreamSpec> {
  const streams = new Map<Key, StreamSpec>();
  for (const [key, { identifier, resource }] of identifiers) {
    const { namespace, name, selector, kind } = identifier;
    streams.set(key, {
      resource: { group: resource.group, version: resource.version, resource: resource.resource },
      kind,
      content,
      ...(namespace && { namespace }),
      ...(name && { fieldSelector: `metadata.name=${escapeFieldValue(name)}` }),
      ...(selector && { labelSelector: selector }),
    });
  }
  return streams;
}

/** Field selectors take `\`, `,` and `=` in values with a backslash before them (apimachinery, EscapeValue). */
function escapeFieldValue(value: string): string {
  return value.replace(/[\\,=]/g, "\\$&");
}
