import { isJsonObject } from "../../lib/support/json.ts";
import { entryType } from "./field_changes.ts";
import type { FieldType, ItemType } from "./field_type.ts";
import { fieldElement, formatPath } from "./path_element.ts";

/**
 * Why an applied configuration cannot be what its type says, in the words of the API server: `.spec.size: expected
 * numeric (int or float), got string`.
 */
export function typeProblems(type: FieldType, value: unknown, path = ""): string[] {
  if (value === null) return [];
  const wrong = wrongType(type, value);
  if (wrong !== undefined) return [`${path}: expected ${wrong}`];
  if (isJsonObject(value)) {
    return Object.keys(value)
      .sort()
      .flatMap((name) => {
        const below = path + formatPath([fieldElement(name)]);
        const isDeclared = type.field(name) !== undefined || type.values !== undefined;
        return isDeclared
          ? typeProblems(entryType(type, name), value[name], below)
          : [`${below}: field not declared in schema`];
      });
  }
  return Array.isArray(value) && type.items
    ? itemProblems(type, { items: type.items, list: value, path })
    : [];
}

function itemProblems(
  { isAtomic }: FieldType,
  { items, list, path }: { items: ItemType; list: readonly unknown[]; path: string },
): string[] {
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    if (isAtomic) return typeProblems(items.type, item, `${path}[${index}]`);
    const element = items.element(item);
    if (element === undefined) return [`${path}: element ${index}: ${untold(items, item)}`];
    const below = formatPath([element]);
    const problems = seen.has(element) ? [`${path}: duplicate entries for key ${below}`] : [];
    seen.add(element);
    return [...problems, ...typeProblems(items.type, item, path + below)];
  });
}

/** Why an item cannot be told from others. */
function untold({ keys }: ItemType, item: unknown): string {
  if (keys === undefined) {
    if (Array.isArray(item)) return "not supported: associative list with lists as elements";
    const what = item === null ? "an explicit null" : "a map type";
    return `associative list without keys has an element that's ${what}`;
  }
  if (!isJsonObject(item)) {
    const what = item === null ? "a null element" : "non-map elements";
    return `associative list with keys may not have ${what}`;
  }
  const names = keys.map((key) => JSON.stringify(key)).join(" ");
  const defaults = "(and doesn't have default values for any key fields)";
  return `associative list with keys has an element that omits all key fields [${names}] ${defaults}`;
}

/** What a value should be and is; undefined where it is that. */
function wrongType({ accepts }: FieldType, value: unknown): string | undefined {
  switch (accepts) {
    case "map":
      return isJsonObject(value) ? undefined : `map, got &{${printed(value)}}`;
    case "list":
      return Array.isArray(value) ? undefined : `list, got &{${printed(value)}}`;
    case "numeric":
      return typeof value === "number" ? undefined : `numeric (int or float), got ${goType(value)}`;
    case "string":
      return typeof value === "string"
        ? undefined
        : `string, got &value.valueUnstructured{Value:${goSyntax(value)}}`;
    case "boolean":
      return typeof value === "boolean" ? undefined : `boolean, got &{${printed(value)}}`;
    default:
      return undefined;
  }
}

/** The name of a value's type in Go. */
function goType(value: unknown): string {
  if (Array.isArray(value)) return "[]interface {}";
  if (isJsonObject(value)) return "map[string]interface {}";
  return typeof value === "boolean" ? "bool" : typeof value;
}

/** A value as Go prints it: `map[a:1]`. */
function printed(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(printed).join(" ")}]`;
  if (!isJsonObject(value)) return value === null ? "<nil>" : String(value);
  return `map[${sortedEntries(value)
    .map(([key, inner]) => `${key}:${printed(inner)}`)
    .join(" ")}]`;
}

/** A value as one would write it in Go. */
function goSyntax(value: unknown): string {
  if (Array.isArray(value)) return `${goType(value)}{${value.map(goSyntax).join(", ")}}`;
  if (!isJsonObject(value)) return value === null ? "interface {}(nil)" : JSON.stringify(value);
  return `${goType(value)}{${sortedEntries(value)
    .map(([key, inner]) => `${JSON.stringify(key)}:${goSyntax(inner)}`)
    .join(", ")}}`;
}

function sortedEntries(value: Readonly<Record<string, unknown>>): [string, unknown][] {
  return Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
}
