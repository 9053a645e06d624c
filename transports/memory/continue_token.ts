import { badRequest } from "./status_error.ts";

const VERSION = "meta.k8s.io/v1";

/** Where a list goes on: after which key, and as things were at which revision; undefined: as they are now. */
export interface ContinueToken {
  readonly revision: number | undefined;
  readonly after: string;
}

/** The text of a token, opaque to clients. */
export function formatContinue({ revision = -1, after }: ContinueToken): string {
  const json = JSON.stringify({ v: VERSION, rv: revision, start: encodeURIComponent(after) });
  return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** Reads a token that this server made; any other is a 400. */
export function parseContinue(text: string): ContinueToken {
  let why = "illegal base64 data at input byte 0";
  try {
    const { v, rv, start } = JSON.parse(atob(text.replaceAll("-", "+").replaceAll("_", "/")));
    if (v !== VERSION) why = `server does not recognize this encoded version ${v ?? ""}`;
    else if (Number.isInteger(rv) && typeof start === "string") {
      return { revision: rv < 0 ? undefined : rv, after: decodeURIComponent(start) };
    }
  } catch {
    // Refused below, like one whose content is not ours.
  }
  throw badRequest(`invalid continue token: continue key is not valid: ${why}`);
}
