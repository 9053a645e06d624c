import * as v from "valibot";
import { ApiError } from "./errors.ts";

/** An answer of the API server, as far as an error is made from it. */
export interface ErrorAnswer {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  /** The body's text, whatever its Content-Type. */
  readonly body: string;
}

/** A message is for people: what is longer than this is cut. */
const LONGEST_MESSAGE = 1000;
const LONGEST_EXCERPT = 200;

/** The reason that a code stands for where the server names none (some 500, every text/plain answer). */
const REASONS: Readonly<Record<number, string>> = {
  400: "BadRequest",
  401: "Unauthorized",
  403: "Forbidden",
  404: "NotFound",
  405: "MethodNotAllowed",
  406: "NotAcceptable",
  409: "Conflict",
  410: "Expired",
  413: "RequestEntityTooLarge",
  415: "UnsupportedMediaType",
  422: "Invalid",
  429: "TooManyRequests",
  500: "InternalError",
  503: "ServiceUnavailable",
  504: "Timeout",
};

// What is not as it should be counts as absent: a bad detail must not hide the error that it belongs to.
const text = lenient(v.string());
const count = lenient(v.number());

const StatusSchema = v.object({
  message: text,
  reason: text,
  code: count,
  details: lenient(
    v.object({
      ...{ name: text, group: text, kind: text, uid: text, retryAfterSeconds: count },
      causes: lenient(v.array(v.object({ reason: text, message: text, field: text }))),
    }),
  ),
});

type Status = v.InferOutput<typeof StatusSchema>;

/**
 * The error for an HTTP answer that is no success. The body is taken for what it is: the API server sends a Status
 * as text/plain and without a kind, and plain text where a proxy or its own filters answer.
 *
 * @param verb what could not be done, as in "Cannot <verb>: ..."
 */
export function apiErrorFromAnswer(verb: string, { status: code, headers, body }: ErrorAnswer): ApiError {
  const status = parseStatus(body);
  return makeError(verb, {
    ...status,
    code,
    message:
      status.message || excerpt(body) || (code >= 300 && code < 400 ? "a redirect is not followed" : ""),
    retryAfterSeconds: headerSeconds(headers.get("retry-after")) ?? status.details?.retryAfterSeconds,
  });
}

/** The error for a Status that came inside a watch. */
export function apiErrorFromStatus(verb: string, object: unknown): ApiError {
  const status = v.safeParse(StatusSchema, object);
  if (!status.success) return makeError(verb, { code: 500, message: "an error without a Status" });
  return makeError(verb, { ...status.output, retryAfterSeconds: status.output.details?.retryAfterSeconds });
}

/** Whether the resource version or the continue token that was asked with is too old. */
export function isExpired(error: unknown): error is ApiError {
  return error instanceof ApiError && (error.status === 410 || error.reason === "Expired");
}

/** Whether the server has not yet reached the resource version that it was asked for. */
export function isResourceVersionTooLarge(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    error.reason === "Timeout" &&
    (error.details.causes?.some(({ reason }) => reason === "ResourceVersionTooLarge") ?? false)
  );
}

function parseStatus(body: string): Partial<Status> {
  try {
    const status = v.safeParse(StatusSchema, JSON.parse(body));
    return status.success ? status.output : {};
  } catch {
    return {};
  }
}

function makeError(
  verb: string,
  status: Partial<Status> & { retryAfterSeconds?: number | undefined },
): ApiError {
  const { code = 500, message, details, retryAfterSeconds } = status;
  const reason = status.reason || (REASONS[code] ?? "");
  const said = cut(message || reason || "no reason was given", LONGEST_MESSAGE);
  const waits = retryAfterSeconds !== undefined && retryAfterSeconds >= 0;
  return new ApiError(`Cannot ${verb}: ${said} (${code})`, {
    status: code,
    reason,
    // Without what the schema has set to undefined.
    details: JSON.parse(JSON.stringify(details ?? {})),
    retryAfterMs: waits ? retryAfterSeconds * 1000 : undefined,
  });
}

/** Seconds only: the API server sends no dates. */
function headerSeconds(header: string | null): number | undefined {
  return header !== null && /^\d{1,9}$/.test(header.trim()) ? Number(header) : undefined;
}

function lenient<Schema extends v.GenericSchema>(schema: Schema) {
  return v.fallback(v.optional(schema), undefined);
}

function excerpt(body: string): string {
  const start = body.slice(0, 2 * LONGEST_EXCERPT);
  return cut(start.replace(/\s+/g, " ").trim(), LONGEST_EXCERPT);
}

function cut(message: string, longest: number): string {
  return message.length > longest ? `${message.slice(0, longest)}…` : message;
}
