import type { ByteStream } from "./byte_stream.ts";
import { jsonText } from "./json_text.ts";

/** One request, however it came in. */
export interface ServerRequest {
  readonly method: string;
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
  /** Undefined: the superuser, whom nothing is refused. */
  readonly user: string | undefined;
  /** Aborts when the client has gone or its connection is broken. */
  readonly signal: AbortSignal;
}

/** The answer to one request. Header names are in lower case. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | ByteStream;
}

/** An answer in JSON. */
export function jsonAnswer(value: unknown, { status = 200 }: { status?: number } = {}): Answer {
  return {
    status,
    headers: { "cache-control": "no-cache, private", "content-type": "application/json" },
    body: `${jsonText(value)}\n`,
  };
}

/** An answer in plain text, as from /healthz and for paths that nothing serves. */
export function textAnswer(body: string, { status = 200 }: { status?: number } = {}): Answer {
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    body,
  };
}
