/** Flags that a pattern of Go's begins with, of those that JavaScript has too. */
const LEADING_FLAGS = /^\(\?([ims]+)\)/;
/** What Go writes in another way. */
const SPELLINGS: readonly [go: RegExp, here: string][] = [
  [/\\A/g, "^"],
  [/\\z/g, "$"],
  [/\[:alpha:\]/g, "a-zA-Z"],
  [/\[:digit:\]/g, "0-9"],
  [/\[:alnum:\]/g, "a-zA-Z0-9"],
  [/\[:lower:\]/g, "a-z"],
  [/\[:upper:\]/g, "A-Z"],
  [/\[:space:\]/g, "\\s"],
  [/\\p([A-Z])/g, "\\p{$1}"],
];

/** Whether a text has a match for a pattern of Go's; for one that cannot be read here, every text has. */
export function matchesPattern(text: string, pattern: string): boolean {
  const [prefix = "", flags = ""] = LEADING_FLAGS.exec(pattern) ?? [];
  const source = SPELLINGS.reduce(
    (translated, [go, here]) => translated.replace(go, here),
    pattern.slice(prefix.length),
  );
  // In Unicode mode some escapes are errors that Go takes, as `\@`.
  for (const mode of ["u", ""]) {
    try {
      return new RegExp(source, flags + mode).test(text);
    } catch {
      // Tried in the other mode.
    }
  }
  return true;
}
