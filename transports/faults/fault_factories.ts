/**
 * Makes faults. An option that there is not goes along into the fault, and is refused where that is used.
 *
 * @module
 */

import type { Transport } from "../../lib/protocol/transport.ts";
import type { BodyFault, Fault, FaultPosition } from "./fault.ts";
import type { AnswerName, ErrorFrameName } from "./server_words.ts";

/** Larger than the largest frame that the library takes by default. */
const OVERSIZED_BYTES = 33 * 1024 * 1024;

/** Nobody listens: a TransportError at once, and the request reaches no server. */
export function refused(): Fault {
  return { type: "refused" };
}

/** Nothing comes, ever; the request reaches no server. */
export function unanswered(): Fault {
  return { type: "unanswered" };
}

/** The server does what it was asked, and the connection is closed without any answer. */
export function answerLost(): Fault {
  return { type: "answerLost" };
}

/** Holds the request up for `delayMs` milliseconds; then it goes on, or `then` befalls it. */
export function slow(delayMs: number, then?: Fault): Fault {
  return { type: "slow", delayMs, then };
}

/** An answer of the API server in its own words, instead of the real one; the request reaches no server. */
export function answer(name: AnswerName): Fault {
  return { type: "answer", answer: name };
}

/** Any other answer instead of the real one: by default empty, and as plain text. */
export function status(
  code: number,
  { headers, body = "", ...rest }: { headers?: Readonly<Record<string, string>>; body?: string } = {},
): Fault {
  const fields = { "content-type": "text/plain", ...headers };
  return { type: "customAnswer", status: code, headers: fields, body, ...rest };
}

/**
 * Another server answers: one that lags behind, or, for a server that goes back in time, one that holds what a
 * backup held. A wrapper cannot make up an older state that agrees with itself; a second `memoryApiServer` has one.
 */
export function answeredBy(transport: Transport): Fault {
  return { type: "answeredBy", transport };
}

/**
 * The backend of an API group ("" for the core group) is away: aggregated discovery calls its versions stale and
 * lists nothing of them, the documents of its versions are 503, and so are its resources.
 */
export function groupUnavailable(group: string): Fault {
  return { type: "groupUnavailable", group };
}

/** The body comes byte by byte, `delayMs` milliseconds (by default 0) before each. */
export function bytewise({ delayMs = 0, ...rest }: { delayMs?: number } = {}): BodyFault {
  return { type: "bytewise", delayMs, ...rest };
}

/** The connection breaks: the body rejects with a TransportError. By default at once. */
export function cut(position: Partial<FaultPosition> = {}): BodyFault {
  return { type: "cut", ...at(position) };
}

/** The body ends too early, but cleanly. By default at once. */
export function end(position: Partial<FaultPosition> = {}): BodyFault {
  return { type: "end", ...at(position) };
}

/**
 * The connection is half-open: nothing comes any more, no end either. By default at once. The server's side of it is
 * freed.
 */
export function silence(position: Partial<FaultPosition> = {}): BodyFault {
  return { type: "silence", ...at(position) };
}

/** A Status inside the watch, then its clean end. By default it is the next frame. */
export function errorFrame(error: ErrorFrameName, position: Partial<FaultPosition> = {}): BodyFault {
  return { type: "errorFrame", error, ...at(position) };
}

/** A line of bytes that are no UTF-8 and no JSON; with `afterBytes` inside of a frame. The body goes on behind it. */
export function garbage(position: Partial<FaultPosition> = {}): BodyFault {
  return { type: "garbage", ...at(position) };
}

/** A frame comes as long as `bytes` (by default 33 MiB): the next one, filled up with blanks. */
export function oversizedFrame({
  afterFrames = 0,
  bytes = OVERSIZED_BYTES,
  ...rest
}: {
  afterFrames?: number;
  bytes?: number;
} = {}): BodyFault {
  return { type: "oversizedFrame", afterFrames, bytes, ...rest };
}

/** The next frame with an object comes without the object's resource version. */
export function withoutResourceVersion({
  afterFrames = 0,
  ...rest
}: {
  afterFrames?: number;
} = {}): BodyFault {
  return { type: "withoutResourceVersion", afterFrames, ...rest };
}

/** The next frame with an object comes with a type that the protocol does not have. */
export function unknownType({ afterFrames = 0, ...rest }: { afterFrames?: number } = {}): BodyFault {
  return { type: "unknownType", afterFrames, ...rest };
}

/**
 * A watch that resumes gets again what earlier watches of the same collection were given, up to the version that it
 * resumes from and at most the last 100 frames, before anything new; with `shuffled` in any order. What is new stays
 * in order: no server sends it otherwise, and nobody who resumes by versions could tell what he missed.
 */
export function replay({ shuffled = false, ...rest }: { shuffled?: boolean } = {}): BodyFault {
  return { type: "replay", shuffled, ...rest };
}

function at({ afterFrames = 0, afterBytes = 0, ...rest }: Partial<FaultPosition>): FaultPosition {
  return { afterFrames, afterBytes, ...rest };
}
