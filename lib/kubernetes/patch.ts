/// <reference path="./fast_json_patch.d.ts" />
import { compare } from "fast-json-patch/module/duplex.mjs";
import * as v from "valibot";
import { checked, value } from "../support/checked.ts";
import { isJsonObject } from "../support/json.ts";
import { InvalidInputError } from "./errors.ts";

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

/** A place in a document: a member of an object, or an element of an array. */
interface Place {
  readonly container: Record<string, unknown>;
  readonly key: string;
}

const POINTER = /^(?:\/(?!__proto__(?:\/|$))(?:[^~/]|~[01])*)*$/;

const pointer = value<string>(
  (text) => typeof text === "string" && POINTER.test(text),
  'a JSON Pointer is "" or begins with "/"; "~" is "~0" and "/" is "~1" in it, and "__proto__" is refused',
);
const given = v.object({ path: pointer, value: value((one) => one !== undefined, "a value is required") });
const moved = v.object({ path: pointer, from: pointer });
const removed = v.object({ path: pointer });
const schemas = { add: given, replace: given, test: given, remove: removed, move: moved, copy: moved };

/** The operations that turn `before` into `after`; neither is touched, and the operations share nothing with them. */
export function diff(before: object, after: object): JsonPatchOperation[] {
  return compare(before, after) as JsonPatchOperation[];
}

/**
 * What a JSON Patch (RFC 6902) makes of `document`. Nothing given is touched, and the outcome shares nothing with it.
 *
 * It is stricter than `applyPatch` of fast-json-patch, which takes inherited properties for members (a `copy` from
 * `/constructor` gives a function) and lets a `move` go beyond the end of an array.
 *
 * @throws InvalidInputError (such as `operations[2]`) for the first operation that is not valid or does not apply.
 */
export function applyJsonPatch(document: unknown, operations: readonly JsonPatchOperation[]): unknown {
  if (!Array.isArray(operations)) throw invalid("operations", "a JSON Patch is an array of operations");
  // The member "" of an object of our own: then the root is a place like all others.
  const root = { "": structuredClone(document) };
  for (const [index, operation] of operations.entries()) {
    const field = `operations[${index}]`;
    const valid = checkedOperation(operation, field);
    try {
      apply(root, valid);
    } catch (cause) {
      throw invalid(field, (cause as Error).message, cause);
    }
  }
  return root[""] ?? null;
}

/**
 * What a merge patch (RFC 7396) makes of `target`: null removes a member, objects merge, all else replaces. Nothing
 * given is touched, and the outcome shares nothing with it.
 */
export function mergePatch(target: unknown, patch: unknown): unknown {
  return structuredClone(merged(target, patch));
}

function merged(target: unknown, patch: unknown): unknown {
  if (!isJsonObject(patch)) return patch;
  const members = new Map(isJsonObject(target) ? Object.entries(target) : []);
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) members.delete(key);
    else members.set(key, merged(members.get(key), value));
  }
  // Not by assignment, which would take a member named "__proto__" for the prototype.
  return Object.fromEntries(members);
}

function checkedOperation(operation: unknown, field: string): JsonPatchOperation {
  const op = isJsonObject(operation) ? operation.op : undefined;
  if (typeof op !== "string" || !Object.hasOwn(schemas, op)) {
    throw invalid(`${field}.op`, `${JSON.stringify(op)} is none of ${Object.keys(schemas).join(", ")}`);
  }
  const schema: v.GenericSchema<object> = schemas[op as JsonPatchOperation["op"]];
  const parts = checked(schema, operation, (part, problem) => invalid(`${field}.${part}`, problem));
  return { op, ...parts } as JsonPatchOperation;
}

function apply(root: Place["container"], operation: JsonPatchOperation): void {
  const { op, path } = operation;
  switch (op) {
    case "add":
      add(root, path, operation.value);
      break;
    case "replace": {
      const { container, key } = existing(root, path);
      container[key] = structuredClone(operation.value);
      break;
    }
    case "remove":
      remove(root, path);
      break;
    case "move":
      add(root, path, remove(root, operation.from));
      break;
    case "copy":
      add(root, path, read(root, operation.from));
      break;
    case "test":
      if (compare([read(root, path)], [operation.value]).length > 0) {
        throw new Error(`the value at "${path}" is another`);
      }
  }
}

function add(root: Place["container"], path: string, one: unknown): void {
  const { container, key } = placeOf(root, path);
  const copy = structuredClone(one);
  if (!Array.isArray(container)) {
    container[key] = copy;
    return;
  }
  const end = String(container.length);
  const index = key === "-" ? end : key;
  if (index !== end && !has(container, index)) throw new Error(`"${path}" is beyond the end of the array`);
  container.splice(Number(index), 0, copy);
}

function remove(root: Place["container"], path: string): unknown {
  const { container, key } = existing(root, path);
  const one = container[key];
  if (Array.isArray(container)) container.splice(Number(key), 1);
  else delete container[key];
  return one;
}

function read(root: Place["container"], path: string): unknown {
  const { container, key } = existing(root, path);
  return container[key];
}

function existing(root: Place["container"], path: string): Place {
  const place = placeOf(root, path);
  if (has(place.container, place.key)) return place;
  throw new Error(`there is nothing at "${path}"`);
}

function placeOf(root: Place["container"], path: string): Place {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return { container: root, key: "" };
  const parent = path.slice(0, slash);
  const container = read(root, parent);
  if (typeof container !== "object" || container === null) {
    throw new Error(`"${parent}" is neither an object nor an array`);
  }
  const key = path
    .slice(slash + 1)
    .replaceAll("~1", "/")
    .replaceAll("~0", "~");
  return { container: container as Place["container"], key };
}

/** Neither what is inherited nor the length of an array. */
function has(container: object, key: string): boolean {
  return Object.prototype.propertyIsEnumerable.call(container, key);
}

function invalid(field: string, problem: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(field, `Cannot apply ${field}: ${problem}`, { cause });
}
