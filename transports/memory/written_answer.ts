import { type Format, negotiated, type Wish } from "./accept.ts";
import { type Answer, isJson, type JsonAnswer, type WrittenAnswer } from "./answer.ts";
import { jsonText } from "./json_text.ts";

/** How errors are written for clients that take nothing that the server has. */
const LAST_RESORT = { type: "application/json", pretty: true } as const;

/** The answer with its body written out. YAML is written as JSON, which is YAML. */
export function written(
  { status, headers, body }: JsonAnswer,
  { type, pretty }: Pick<Format, "type" | "pretty">,
): WrittenAnswer {
  const text = jsonText(body.json, { pretty });
  return { status, headers: { ...headers, "content-type": type }, body: pretty ? text : `${text}\n` };
}

/** The answer of an error: never transformed, and never refused. */
export function writtenError(answer: Answer, wish: Wish): WrittenAnswer {
  if (!isJson(answer)) return answer;
  return written(answer, negotiated(wish, { transforms: () => false }) ?? LAST_RESORT);
}
