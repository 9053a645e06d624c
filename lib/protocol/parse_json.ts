import { ProtocolError } from "../kubernetes/errors.ts";
import { isJsonObject, type JsonObject } from "../support/json.ts";

/**
 * The JSON object that `text` holds.
 *
 * @param verb what cannot be done without it, as in "Cannot <verb>: ..."
 * @throws {ProtocolError} for anything else. It quotes nothing of the text, and has no `cause` since a runtime's
 *   own SyntaxError does: the text may be a Secret.
 */
export function parseJsonObject(text: string, verb: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ProtocolError(`Cannot ${verb}: ${text.length} characters are no valid JSON`);
  }
  if (!isJsonObject(value)) throw new ProtocolError(`Cannot ${verb}: the JSON is no object`);
  return value;
}
