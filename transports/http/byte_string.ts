/** UTF-8 of `text`, of which each byte shows as a character, as in a header or before base64. */
export function byteString(text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
