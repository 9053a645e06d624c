/** Codes and messages longer than this say more than the reason. */
const LONGEST = 160;

/**
 * Why something failed, in brackets for the end of a message: the code of the innermost cause that has one, else what
 * the innermost cause says, in one line. "" where neither is there.
 */
export function reasonOf(error: unknown): string {
  let code = "";
  let message = "";
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ("code" in cause && typeof cause.code === "string") code = cause.code;
    message = cause.message;
  }
  const reason = harmless(code || message);
  return reason && ` (${reason})`;
}

/** Without what may hold a secret: what is quoted, addresses and other pairs, what a header shows, and what is no word. */
function harmless(text: string): string {
  const line = text
    .replace(/"[^"]*"?|`[^`]*`?|(?<!\w)'[^']*'|\b(?:bearer|basic)\s+\S+|\S*[:=@/\\]\S+|\S{40,}/gis, "…")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return line.length > LONGEST ? `${line.slice(0, LONGEST - 1)}…` : line;
}
