import * as v from "valibot";
import { CheckpointRefusedError } from "./errors.ts";

const FORMAT = "kubernetes-dependency-watches/checkpoint";
const VERSION = 1;

const envelopeSchema = v.object({ checksum: v.string(), body: v.unknown() });

/** Wraps a body, so that `open` can tell it from all else. Its order must not matter to the store: no objects in it. */
export function seal(body: unknown): string {
  const text = JSON.stringify(body);
  return `{"format":"${FORMAT}","version":${VERSION},"checksum":"${checksum(text)}","body":${text}}`;
}

/**
 * The body of what `seal` made, as text or parsed.
 *
 * @throws CheckpointRefusedError for all else
 */
export function open(value: unknown): unknown {
  const envelope = typeof value === "string" ? parsed(value) : value;
  const { format, version } = (envelope ?? {}) as { format?: unknown; version?: unknown };
  if (format !== FORMAT)
    throw new CheckpointRefusedError("foreign", "what stands under its key is no checkpoint");
  if (version !== VERSION) {
    const problem = `its format has version ${String(version)}, and this one reads ${VERSION}`;
    throw new CheckpointRefusedError("version", problem);
  }
  const { success, output } = v.safeParse(envelopeSchema, envelope);
  if (success && output.checksum === checksum(JSON.stringify(output.body) ?? "")) return output.body;
  throw new CheckpointRefusedError("damaged", "its checksum is another");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new CheckpointRefusedError("damaged", "it is no whole JSON text", { cause });
  }
}

/** FNV-1a over the text's code units, twice with different beginnings: against accidents, not against people. */
function checksum(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit, 0x85ebca6b);
  }
  return [low, high].map((part) => (part >>> 0).toString(16).padStart(8, "0")).join("");
}
