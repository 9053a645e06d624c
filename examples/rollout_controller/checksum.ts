/** The part of a ConfigMap or Secret that pods see. */
export interface Contents {
  readonly data?: Readonly<Record<string, string>>;
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** One ConfigMap or Secret with what it holds; undefined where it does not exist. */
export interface Holding {
  readonly kind: string;
  readonly name: string;
  readonly contents: Contents | undefined;
}

/**
 * SHA-256, in hex, over what the objects hold. It changes exactly when a key or a value does, when an object comes or
 * goes, or when others are named; never with labels, resource versions or the order of anything.
 */
export async function checksumOf(holdings: readonly Holding[]): Promise<string> {
  const canonical = holdings
    .map(({ kind, name, contents }) =>
      JSON.stringify([kind, name, contents && [sorted(contents.data), sorted(contents.binaryData)]]),
    )
    .sort()
    .join("\n");
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(canonical));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function sorted(entries: Readonly<Record<string, string>> = {}): [string, string][] {
  return Object.entries(entries).sort(([a], [b]) => (a < b ? -1 : 1));
}
