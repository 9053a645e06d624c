import type { Credentials } from "../lib/protocol/transport.ts";
import type { Clock } from "../lib/support/clock.ts";

/** How long a token that was read from a file is used before the file is read again, as client-go does. */
const REREAD_AFTER_MS = 60_000;

/** The token that `text` holds, without the white space around it; undefined where a header cannot carry it. */
export function bearerToken(text: string): string | undefined {
  const token = text.trim();
  return /^[\x21-\x7e]+$/.test(token) ? token : undefined;
}

/** Credentials of a token that never changes. */
export function staticTokenCredentials(token: string): Credentials {
  return { headers: async () => authorization(token) };
}

/**
 * Credentials of a token that others renew, in a file. It is read at once, then again when it is a minute old and
 * when the server has rejected it; a later read that fails keeps the old token.
 *
 * @param read gives the token, or rejects
 * @throws what the first `read` rejects with
 */
export async function renewedTokenCredentials(
  read: () => Promise<string>,
  clock: Clock,
): Promise<Credentials> {
  let token = await read();
  let readAt = clock.now();
  let reading: Promise<void> | undefined;

  async function readAgain(): Promise<void> {
    try {
      token = await read();
      readAt = clock.now();
    } catch {
      // The next request tries again, and the server judges the old token.
    } finally {
      reading = undefined;
    }
  }

  return {
    async headers({ rejected }) {
      if (rejected || clock.now() - readAt >= REREAD_AFTER_MS) {
        reading ??= readAgain();
        await reading;
      }
      return authorization(token);
    },
  };
}

function authorization(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}
