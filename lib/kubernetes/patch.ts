import jsonpatch from "fast-json-patch";
import * as v from "valibot";
import { isJsonObject } from "../support/json.ts";
import { InvalidInputError } from "./errors.ts";

/** One operation of a JSON Patch (RFC 6902). */
export type JsonPatchOperation =
  | { readonly op: "add" | "replace" | "test"; readonly path: string; readonly value: unknown }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly path: string; readonly from: string };

const pointerSchema = v.pipe(
  v.string(),
  v.regex(
    /^(?:\/(?:[^~/]|~[01])*)*$/,
    'a JSON Pointer is "" or begins with "/", and "~" is "~0" and "/" is "~1" in it',
  ),
  v.check((pointer) => !tokensOf(pointer).includes("__proto__"), '"__proto__" is refused'),
);

const operationSchema = v.variant("op", [
  v.object({
    op: v.picklist(["add", "replace", "test"]),
    path: pointerSchema,
    value: v.custom<unknown>((value) => value !== undefined, "a value is required"),
  }),
  v.object({ op: v.literal("remove"), path: pointerSchema }),
  v.object({ op: v.picklist(["move", "copy"]), path: pointerSchema, from: pointerSchema }),
]);

/** The operations that turn `before` into `after`; neither is touched, and the operations share nothing with them. */
export function diff(before: object, after: object): JsonPatchOperation[] {
  return jsonpatch.compare(before, after) as JsonPatchOperation[];
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
  return operations.reduce((patched: unknown, operation: unknown, index) => {
    const field = `operations[${index}]`;
    const parsed = v.safeParse(operationSchema, operation);
    if (!parsed.success) {
      const inner = v.getDotPath(parsed.issues[0]);
      throw invalid(inner ? `${field}.${inner}` : field, parsed.issues[0].message);
    }
    try {
      return applied(patched, parsed.output);
    } catch (cause) {
      throw invalid(field, cause instanceof Error ? cause.message : String(cause), cause);
    }
  }, structuredClone(document));
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

/** Applies one operation to a document of our own, which is another one after a change at its root. */
function applied(document: unknown, operation: JsonPatchOperation): unknown {
  const path = tokensOf(operation.path);
  switch (operation.op) {
    case "add":
      return put(document, path, { value: structuredClone(operation.value), over: 0 });
    case "replace":
      read(document, path);
      return put(document, path, { value: structuredClone(operation.value), over: 1 });
    case "remove":
      return removed(document, path);
    case "move": {
      const from = tokensOf(operation.from);
      const value = read(document, from);
      return put(removed(document, from), path, { value, over: 0 });
    }
    case "copy": {
      const value = structuredClone(read(document, tokensOf(operation.from)));
      return put(document, path, { value, over: 0 });
    }
    case "test":
      if (jsonpatch.compare([read(document, path)], [operation.value]).length > 0) {
        throw new Error(`the value at "${operation.path}" is not the one that was tested for`);
      }
      return document;
  }
}

function read(document: unknown, path: readonly string[]): unknown {
  return path.reduce((value, token, depth) => {
    if (Array.isArray(value)) {
      const index = arrayIndex(token);
      if (index < value.length) return value[index];
    } else if (isJsonObject(value) && Object.hasOwn(value, token)) {
      return value[token];
    }
    throw new Error(`there is nothing at "${pointerOf(path.slice(0, depth + 1))}"`);
  }, document);
}

/** Puts a value where `path` says; `over` counts the elements of an array that it takes the place of. */
function put(
  document: unknown,
  path: readonly string[],
  { value, over }: { value: unknown; over: 0 | 1 },
): unknown {
  const key = path.at(-1);
  if (key === undefined) return value;
  const container = read(document, path.slice(0, -1));
  if (Array.isArray(container)) {
    const index = key === "-" ? container.length : arrayIndex(key);
    if (!(index <= container.length)) throw new Error(`"${pointerOf(path)}" is beyond the end of the array`);
    container.splice(index, over, value);
  } else if (isJsonObject(container)) {
    container[key] = value;
  } else {
    throw new Error(`"${pointerOf(path.slice(0, -1))}" is neither an object nor an array`);
  }
  return document;
}

function removed(document: unknown, path: readonly string[]): unknown {
  const key = path.at(-1);
  if (key === undefined) return null;
  read(document, path);
  const container = read(document, path.slice(0, -1));
  if (Array.isArray(container)) container.splice(arrayIndex(key), 1);
  else if (isJsonObject(container)) delete container[key];
  return document;
}

/** NaN, which is less than no length, where the token is no index (RFC 6901, section 4). */
function arrayIndex(token: string): number {
  return /^(?:0|[1-9]\d*)$/.test(token) ? Number(token) : Number.NaN;
}

function tokensOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((token) => token.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function pointerOf(path: readonly string[]): string {
  return path.map((token) => `/${token.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

function invalid(field: string, problem: string, cause?: unknown): InvalidInputError {
  return new InvalidInputError(field, `Cannot apply ${field}: ${problem}`, { cause });
}
