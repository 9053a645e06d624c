/** Codes and messages longer than this say more than the reason. */
const LONGEST = 160;

export interface ReasonOptions {
  /** Whether the words of an error may be shown: false for those of code that handles secrets. By default true. */
  readonly messages?: boolean;
}

/**
 * Why something failed, in brackets for the end of a message: the code of the innermost cause that has one, else what
 * the innermost cause says, in one line and as far as it is harmless, or the name of its class where it is to say nothing.
 * "" where neither is there.
 */
export function reasonOf(error: unknown, { messages = true }: ReasonOptions = {}): string {
  let code = "";
  let words = "";
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ("code" in cause && typeof cause.code === "string") code = cause.code;
    words = messages ? cause.message : cause.name;
  }
  const reason = harmless(code || words);
  return reason && ` (${reason})`;
}

/**
 * Without what stands where secrets do: what is quoted (from the first quote to the last, or to the end where these two
 * are no pair), all that follows a word for a secret, addresses and other pairs, and what is no word.
 */
function harmless(text: string): string {
  const line = text
    .replace(/(["`]|(?<!\w)')(?:.*\1(?=[^"'`]*$)|.*)/s, "…")
    .replace(/((?:password|token|secret|value|bearer|basic)s?)\b.+/is, "$1 …")
    .replace(/\S*[:=@/\\]\S+|\S{40,}/g, "…")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
