/**
 * One step of a path into an object, as `fieldsV1` writes it: `f:name` is a field or a key of a map, `k:{"name":"a"}` an
 * item of a list by its keys, `v:"a"` an item of a set by its value, `i:0` an item by its index.
 */
export type PathElement = string;

/** In which order the kinds of elements come. */
const KINDS = "fkvi";

/** The element of a field, or of a key of a map. */
export function fieldElement(name: string): PathElement {
  return `f:${name}`;
}

/** The element of an item of a list that is told by some of its fields. */
export function keyElement(keys: Readonly<Record<string, unknown>>): PathElement {
  const sorted = Object.entries(keys).sort(([a], [b]) => (a < b ? -1 : 1));
  return `k:${JSON.stringify(Object.fromEntries(sorted))}`;
}

/** The element of an item of a set. */
export function valueElement(value: unknown): PathElement {
  return `v:${JSON.stringify(value)}`;
}

/** Whether a key of `fieldsV1` is an element. */
export function isPathElement(text: string): boolean {
  const [kind = "", separator] = text;
  if (separator !== ":" || !KINDS.includes(kind)) return false;
  return kind === "f" || parsed(text) !== undefined;
}

/** The name of a field; undefined for an item of a list. */
export function fieldName(element: PathElement): string | undefined {
  return element.startsWith("f:") ? element.slice(2) : undefined;
}

/** The order of elements: by kind, then by name or value. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  const byKind = KINDS.indexOf(a.charAt(0)) - KINDS.indexOf(b.charAt(0));
  if (byKind !== 0) return byKind;
  if (a.startsWith("f:")) return a === b ? 0 : a < b ? -1 : 1;
  return compareValues(parsed(a), parsed(b));
}

/** A path as the words of a conflict have it: `.spec.ports[port=80,protocol="TCP"].name`. */
export function formatPath(path: readonly PathElement[]): string {
  return path.map(formatElement).join("");
}

function formatElement(element: PathElement): string {
  const name = fieldName(element);
  if (name !== undefined) return `.${name}`;
  const value = parsed(element);
  if (element.startsWith("v:")) return `[=${JSON.stringify(value)}]`;
  if (element.startsWith("i:")) return `[${JSON.stringify(value)}]`;
  const keys = Object.entries(value ?? {}).map(([key, inner]) => `${key}=${JSON.stringify(inner)}`);
  return `[${keys.join(",")}]`;
}

function compareValues(a: unknown, b: unknown): number {
  if (typeof a === "number" && typeof b === "number") return a - b;
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    const [left, right] = [Object.entries(a).flat(), Object.entries(b).flat()];
    for (const [index, value] of left.entries()) {
      const difference = index < right.length ? compareValues(value, right[index]) : 1;
      if (difference !== 0) return difference;
    }
    return left.length - right.length;
  }
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)];
  return left === right ? 0 : left < right ? -1 : 1;
}

/** What an element of an item holds; undefined where it is no JSON. */
function parsed(element: PathElement): unknown {
  try {
    return JSON.parse(element.slice(2));
  } catch {
    return undefined;
  }
}
