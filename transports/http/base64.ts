import { byteString } from "./byte_string.ts";

/** Base64 of a text's UTF-8. */
export function base64(text: string): string {
  return btoa(byteString(text));
}
