import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";

/** A frame of a watch that tells of an object. */
export interface ObjectFrame {
  readonly type: unknown;
  readonly object: JsonObject & { readonly metadata: JsonObject };
}

const OBJECT_TYPES: readonly unknown[] = ["ADDED", "MODIFIED", "DELETED"];

/** What a frame says of an object; undefined for bookmarks, errors and what is no frame. */
export function parseObjectFrame(text: string): ObjectFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text);
    return isObjectFrame(frame) ? frame : undefined;
  } catch {
    return undefined;
  }
}

function isObjectFrame(frame: unknown): frame is ObjectFrame {
  if (!isJsonObject(frame) || !OBJECT_TYPES.includes(frame.type)) return false;
  return isJsonObject(frame.object) && isJsonObject(frame.object.metadata);
}
