const ESCAPED = /[<>&\u2028\u2029]/g;
const utf8 = new TextEncoder();

/** JSON as the API server writes it: with `<`, `>`, `&` and the two line separators escaped; compact by default. */
export function jsonText(value: unknown, { pretty = false }: { pretty?: boolean } = {}): string {
  // None of the escaped characters occurs outside of a string, so the text can be replaced as a whole.
  return JSON.stringify(value, undefined, pretty ? 2 : 0).replace(
    ESCAPED,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** One frame of a watch, as it goes over the wire. */
export function watchFrame(type: string, object: unknown): Uint8Array {
  return utf8.encode(`${jsonText({ type, object })}\n`);
}
