import type { Answer } from "./player.ts";
import { documents, isRecord, type Step } from "./step.ts";
import { targetOf } from "./target.ts";

/** The first step to which the two servers did not say the same. */
export interface Difference {
  readonly index: number;
  readonly embedded: Answer;
  readonly real: Answer;
}

/** Where two servers differ in what they said to a sequence; undefined where they do not. */
export function firstDifference(
  steps: readonly Step[],
  { embedded, real }: { embedded: readonly Answer[]; real: readonly Answer[] },
): Difference | undefined {
  for (const [index, step] of steps.entries()) {
    const [ours, theirs] = [embedded[index], real[index]];
    if (ours === undefined || theirs === undefined)
      throw new Error(`Cannot compare step ${index}: it was not played`);
    const [a, b] = [compared(ours, step), compared(theirs, step)];
    if (JSON.stringify(a) !== JSON.stringify(b)) return { index, embedded: a, real: b };
  }
  return undefined;
}

/** What of an answer is compared: of kinds whose bodies the embedded server does not know in full, metadata and Status. */
function compared(answer: Answer, step: Step): Answer {
  const { kind } = targetOf(step);
  if (!kind || kind.whole) return answer;
  const read = documents(answer.text);
  if (read.length === 0) return answer;
  return { ...answer, text: read.map((json) => JSON.stringify(metadataOf(json))).join("\n") };
}

function metadataOf(json: unknown): unknown {
  if (!isRecord(json)) return json;
  if (json.kind === "Status") return withCausesOnce(json);
  const { type, object, kind, apiVersion, items, rows, metadata } = json;
  return {
    ...(type !== undefined && { type }),
    ...{ kind, apiVersion },
    ...(isRecord(metadata) && { metadata: withoutManagers(metadata) }),
    ...(object !== undefined && { object: metadataOf(object) }),
    ...(Array.isArray(items) && { items: items.map(metadataOf) }),
    ...(Array.isArray(rows) && { rows: rows.map(metadataOf) }),
  };
}

/** How often a cause is found depends on how often a kind is validated. */
function withCausesOnce({ details, ...status }: Record<string, unknown>): unknown {
  if (!isRecord(details) || !Array.isArray(details.causes)) return { ...status, details };
  const causes = new Set(details.causes.map((cause) => withoutBody(JSON.stringify(cause))));
  const message = withoutBody(String(status.message));
  return { ...status, message, details: { ...details, causes: [...causes] } };
}

/** A refused patch tells the whole object. */
function withoutBody(text: string): string {
  return text.replace(/Invalid value: \{[\s\S]*\}(?=: )/, "Invalid value: <object>");
}

/** Who manages what follows from the whole body, and from defaults and lists that the embedded server does not know. */
function withoutManagers({ managedFields: _, ...metadata }: Record<string, unknown>): unknown {
  return metadata;
}
