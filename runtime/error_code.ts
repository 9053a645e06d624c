/** What an error may be called in a message that must hold no secret: its code, else its class, such as Deno's NotCapable. */
export function errorCode(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return "code" in error && typeof error.code === "string" ? error.code : error.name;
}
