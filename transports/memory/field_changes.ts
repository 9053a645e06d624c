import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { FieldSet } from "./field_set.ts";
import type { FieldType } from "./field_type.ts";
import { fieldElement, type PathElement } from "./path_element.ts";
import { isSame } from "./same_value.ts";

/** Which fields differ between two objects. */
export interface FieldChanges {
  readonly added: FieldSet;
  readonly modified: FieldSet;
  readonly removed: FieldSet;
}

type Path = readonly PathElement[];

/** How a place in an object is walked: as one leaf, or by its entries. */
type Shape = "leaf" | "map" | "list";

interface Entry {
  readonly element: PathElement;
  readonly type: FieldType;
  readonly value: unknown;
}

/** What turned the object `before` into `after`. */
export function fieldChanges(
  type: FieldType,
  { before, after }: { before: JsonObject; after: JsonObject },
): FieldChanges {
  const paths = { added: [] as Path[], modified: [] as Path[], removed: [] as Path[] };

  function walk(inner: FieldType, path: Path, [old, now]: readonly [unknown, unknown]): void {
    const shapes = [shapeOf(inner, old), shapeOf(inner, now)];
    const isLeaf = shapes.includes("leaf") || (isEmpty(old) && isEmpty(now));
    // What had entries and now is a leaf, or the other way round, counts both ways.
    const left = isEmpty(old) ? [] : entriesOf(inner, old);
    const right = isEmpty(now) ? [] : entriesOf(inner, now);
    if (left.length > 0 || right.length > 0) {
      const after = new Map(right.map((entry) => [entry.element, entry]));
      for (const { element, type: next, value } of left) {
        walk(next, [...path, element], [value, after.get(element)?.value]);
        after.delete(element);
      }
      for (const { element, type: next, value } of after.values())
        walk(next, [...path, element], [undefined, value]);
    }
    if (path.length === 0) return;
    if (old === undefined) paths.added.push(path);
    else if (now === undefined) paths.removed.push(path);
    else if (isLeaf && !isSame(old, now)) paths.modified.push(path);
  }

  walk(type, [], [before, after]);
  return {
    added: FieldSet.of(paths.added),
    modified: FieldSet.of(paths.modified),
    removed: FieldSet.of(paths.removed),
  };
}

/** The fields that an object has: its leaves, the items of its lists, and the keys of its maps. */
export function fieldsOf(type: FieldType, object: JsonObject): FieldSet {
  const paths: Path[] = [];

  function walk(inner: FieldType, path: Path, value: unknown): void {
    if (shapeOf(inner, value) === "leaf") {
      paths.push(path);
      return;
    }
    for (const entry of entriesOf(inner, value)) {
      const below = [...path, entry.element];
      walk(entry.type, below, entry.value);
      if (isOwnedItself(inner, entry)) paths.push(below);
    }
  }

  walk(type, [], object);
  return FieldSet.of(paths);
}

/** The entries of a map, or of a list whose items are owned one by one; nothing of all else. */
export function entriesOf(type: FieldType, value: unknown): Entry[] {
  if (type.isAtomic) return [];
  if (isJsonObject(value)) {
    return Object.entries(value).flatMap(([name, inner]) =>
      inner === undefined ? [] : [{ element: fieldElement(name), type: entryType(type, name), value: inner }],
    );
  }
  const { items } = type;
  if (!Array.isArray(value) || !items) return [];
  return value.flatMap((item: unknown) => {
    const element = items.element(item);
    return element === undefined ? [] : [{ element, type: items.type, value: item }];
  });
}

/** The type of a field or of a key. */
export function entryType(type: FieldType, name: string): FieldType {
  return type.field(name) ?? type.values ?? type;
}

function isOwnedItself(type: FieldType, { element, value }: Entry): boolean {
  if (!element.startsWith("f:")) return true;
  const isDeclared = type.field(element.slice(2)) !== undefined;
  return !isDeclared || value === null || (isJsonObject(value) && isEmpty(value));
}

function shapeOf(type: FieldType, value: unknown): Shape | undefined {
  if (type.isAtomic) return "leaf";
  if (value === undefined || value === null) return undefined;
  if (Array.isArray(value)) return type.items ? "list" : "leaf";
  return isJsonObject(value) ? "map" : "leaf";
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
