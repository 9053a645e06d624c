import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { entryType } from "./field_changes.ts";
import type { FieldSet } from "./field_set.ts";
import type { FieldType, ItemType } from "./field_type.ts";
import { fieldElement, fieldName, type PathElement } from "./path_element.ts";

/** What applying a configuration makes of an object: maps merge, as do lists whose items are owned one by one. */
export function mergedFields(
  type: FieldType,
  { live, applied }: { live: JsonObject; applied: JsonObject },
): JsonObject {
  return merged(type, live, applied) as JsonObject;
}

function merged(type: FieldType, live: unknown, applied: unknown): unknown {
  if (applied === undefined) return live;
  if (type.isAtomic || live === undefined || live === null) return applied;
  if (isJsonObject(live)) {
    if (applied === null) return Object.keys(live).length > 0 ? live : null;
    return isJsonObject(applied) ? mergedMaps(type, live, applied) : applied;
  }
  if (Array.isArray(live) && type.items) {
    if (applied === null) return live.length > 0 ? live : null;
    if (Array.isArray(applied)) return mergedLists(type.items, live, applied);
  }
  return applied;
}

function mergedMaps(type: FieldType, live: JsonObject, applied: JsonObject): JsonObject {
  const names = new Set([...Object.keys(live), ...Object.keys(applied)]);
  return Object.fromEntries(
    Array.from(names, (name) => [name, merged(entryType(type, name), live[name], applied[name])]),
  );
}

/** Items that both lists have come in the applied order; those of the live list stay where they are between them. */
function mergedLists(items: ItemType, live: readonly unknown[], applied: readonly unknown[]): unknown[] {
  const [left, right] = [elementsOf(items, live), elementsOf(items, applied)];
  const shared = right.filter(({ element }) => left.some((item) => item.element === element));
  const outcome: unknown[] = [];
  let position = 0;
  const takeLiveOnes = () => {
    for (; position < left.length; position += 1) {
      const item = left[position];
      if (!item || item.element === shared[0]?.element) return;
      if (!right.some(({ element }) => element === item.element)) outcome.push(item.value);
    }
  };
  for (const { element, value } of right) {
    takeLiveOnes();
    const same = left.find((item) => item.element === element);
    outcome.push(merged(items.type, same?.value, value));
    if (same) shared.shift();
  }
  takeLiveOnes();
  return outcome;
}

/** The object without the fields of a set; a map or list of which nothing is left becomes null. */
export function withoutFields(type: FieldType, object: JsonObject, fields: FieldSet): JsonObject {
  return (without(type, object, fields) ?? {}) as JsonObject;
}

function without(type: FieldType, value: unknown, fields: FieldSet): unknown {
  if (fields.isEmpty) return value;
  if (isJsonObject(value)) {
    if (type.isAtomic) return null;
    const rest = Object.entries(value)
      .filter(([name]) => !fields.has(fieldElement(name)))
      .map(([name, inner]) => [
        name,
        without(entryType(type, name), inner, fields.below(fieldElement(name))),
      ]);
    return rest.length === 0 ? null : Object.fromEntries(rest);
  }
  if (!Array.isArray(value)) return value;
  const { items } = type;
  if (type.isAtomic || !items) return null;
  const rest = elementsOf(items, value)
    .filter(({ element }) => !fields.has(element))
    .map(({ element, value: item }) => without(items.type, item, fields.below(element)));
  return rest.length === 0 ? null : rest;
}

/** The set with each declared field that it has something below of: where nothing is left of one, it goes as a whole. */
export function withDeclaredFields(type: FieldType, fields: FieldSet): FieldSet {
  return fields.grown((element, { isMember, children }) => {
    const name = fieldName(element);
    const declared = name === undefined ? undefined : type.field(name);
    const below = name === undefined ? (type.items?.type ?? type) : entryType(type, name);
    return {
      isMember: isMember || (declared !== undefined && !children.isEmpty),
      children: withDeclaredFields(below, children),
    };
  });
}

function elementsOf(items: ItemType, list: readonly unknown[]): { element: PathElement; value: unknown }[] {
  return list.flatMap((value) => {
    const element = items.element(value);
    return element === undefined ? [] : [{ element, value }];
  });
}
