import type { ByteStream } from "./byte_stream.ts";

/** How a request says who it comes from: by nothing, by a name that is taken on trust, or by its header. */
export type Login = "superuser" | { readonly name: string } | { readonly authorization: string | null };

/** One request, however it came in. */
export interface ServerRequest {
  readonly method: string;
  /** Encoded, with its query. */
  readonly path: string;
  readonly headers: { get(name: string): string | null };
  readonly body: string;
  readonly login: Login;
  /** Aborts when the client has gone or its connection is broken. */
  readonly signal: AbortSignal;
}

interface AnswerWith<Body> {
  readonly status: number;
  /** Their names are in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
}

/** The answer to one request, as it goes out. */
export type WrittenAnswer = AnswerWith<string | ByteStream>;

/** An answer that is yet to be written, in the form that the client asks for. */
export type JsonAnswer = AnswerWith<{ readonly json: unknown }>;

/** The answer to one request, as a handler gives it. */
export type Answer = WrittenAnswer | JsonAnswer;

/** Whether an answer is yet to be written. */
export function isJson(answer: Answer): answer is JsonAnswer {
  return typeof answer.body !== "string" && "json" in answer.body;
}

/** Of all answers but those of aggregated discovery. */
export const UNCACHED = { "cache-control": "no-cache, private" } as const;

/** An answer in JSON. */
export function jsonAnswer(json: unknown, { status = 200 }: { status?: number } = {}): JsonAnswer {
  return {
    status,
    headers: { ...UNCACHED, "content-type": "application/json" },
    body: { json },
  };
}

/** An answer in plain text, as from /healthz and for paths that nothing serves. */
export function textAnswer(body: string, { status = 200 }: { status?: number } = {}): WrittenAnswer {
  return {
    status,
    headers: {
      ...UNCACHED,
      ...{ "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" },
    },
    body,
  };
}
