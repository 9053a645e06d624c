import type { Credentials, TransportHeaders } from "../lib/protocol/transport.ts";
import type { Clock } from "../lib/support/clock.ts";
import { Renewed } from "./renewed.ts";

/** The token that `text` holds, without the white space around it; undefined where a header cannot carry it. */
export function bearerToken(text: string): string | undefined {
  const token = text.trim();
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/** The header that shows a token. */
export function bearerHeader(token: string): TransportHeaders {
  return { authorization: `Bearer ${token}` };
}

/** Credentials of a token that never changes. */
export function staticTokenCredentials(token: string): Credentials {
  return { headers: async () => bearerHeader(token) };
}

/**
 * Credentials of a token that others renew, in a file.
 *
 * @param read gives the token, or rejects
 * @throws what the first `read` rejects with
 */
export async function renewedTokenCredentials(
  read: () => Promise<string>,
  clock: Clock,
): Promise<Credentials> {
  const token = await Renewed.first(read, clock);
  return { headers: async (options) => bearerHeader(await token.refresh(options)) };
}
