import type { BodyFault, FaultPosition } from "./fault.ts";
import type { FaultRequest } from "./fault_request.ts";
import { parseObjectFrame } from "./object_frame.ts";
import { serverErrorFrame } from "./server_words.ts";

/** How a body goes on behind what was let through: broken off, over, or with nothing any more. */
export type Ending = "cut" | "end" | "silence";

/** What a filter lets through. */
export interface Passage {
  readonly chunks: readonly Uint8Array[];
  readonly ending?: Ending;
}

/** Turns the bytes that come into those that the reader gets. */
export interface BodyFilter {
  /** Called for each chunk, and first of all with an empty one. */
  pass(chunk: Uint8Array): Passage;
  /** What is held back, when nothing more comes. */
  rest(): readonly Uint8Array[];
  /** What the reader waits for each chunk, in milliseconds. */
  readonly paceMs: number;
}

/** What a filter is made with. */
export interface FilterOptions {
  /** Whether the reader has got a part of a frame: what is put in between frames waits for its end. */
  readonly isMidFrame: boolean;
  readonly about: FaultRequest;
  readonly replayed: (replay: { readonly shuffled: boolean }) => readonly string[];
}

const NEWLINE = 0x0a;
const utf8 = new TextEncoder();
const NOTHING = new Uint8Array(0);
/** No UTF-8, no JSON, and a whole line. */
const GARBAGE = Uint8Array.of(0xff, 0x7b, 0x22, 0xc3, 0x28, 0x00, NEWLINE);

/** Lets everything through. */
export const OPEN_FILTER: BodyFilter = {
  paceMs: 0,
  pass: (chunk) => ({ chunks: [chunk] }),
  rest: () => [],
};

/** What a fault does to a body. */
export function bodyFilter(fault: BodyFault, { isMidFrame, about, replayed }: FilterOptions): BodyFilter {
  switch (fault.type) {
    case "bytewise":
      return { ...OPEN_FILTER, paceMs: fault.delayMs, pass: (chunk) => ({ chunks: singleBytes(chunk) }) };
    case "cut":
    case "end":
    case "silence":
      return breakAt(fault, { ending: fault.type });
    case "garbage":
      return breakAt(betweenFrames(fault, isMidFrame), { insert: [GARBAGE] });
    case "errorFrame":
      return breakAt(betweenFrames(fault, isMidFrame), {
        insert: [serverErrorFrame(fault.error, about)],
        ending: "end",
      });
    case "replay":
      return breakAt(betweenFrames({ afterFrames: 0, afterBytes: 0 }, isMidFrame), {
        insert: replayed(fault).map((frame) => utf8.encode(`${frame}\n`)),
      });
    case "withoutResourceVersion":
      return changeFrame(fault.afterFrames, withoutResourceVersion);
    case "unknownType":
      return changeFrame(fault.afterFrames, withUnknownType);
    case "oversizedFrame":
      return changeFrame(fault.afterFrames, (frame) => frame.padEnd(fault.bytes));
  }
}

function betweenFrames({ afterFrames, afterBytes }: FaultPosition, isMidFrame: boolean): FaultPosition {
  return { afterFrames: afterFrames + (isMidFrame ? 1 : 0), afterBytes };
}

/** Puts something in at a position, and goes on behind it unless that is an ending. */
function breakAt(
  { afterFrames, afterBytes }: FaultPosition,
  { insert = [], ending }: { insert?: readonly Uint8Array[]; ending?: Ending },
): BodyFilter {
  let frames = afterFrames;
  let bytes = afterBytes;
  let isReached = false;

  /** The offset of the position in a chunk, undefined where it lies behind. */
  function find(chunk: Uint8Array): number | undefined {
    let offset = 0;
    for (; frames > 0; frames -= 1) {
      const newline = chunk.indexOf(NEWLINE, offset);
      if (newline < 0) return undefined;
      offset = newline + 1;
    }
    const left = chunk.length - offset;
    if (bytes <= left) return offset + bytes;
    bytes -= left;
    return undefined;
  }

  return {
    ...OPEN_FILTER,
    pass(chunk) {
      const offset = isReached ? undefined : find(chunk);
      if (offset === undefined) return { chunks: [chunk] };
      isReached = true;
      const chunks = [chunk.subarray(0, offset), ...insert];
      return ending ? { chunks, ending } : { chunks: [...chunks, chunk.subarray(offset)] };
    },
  };
}

/** Changes the first frame behind `afterFrames` in which there is something to change. */
function changeFrame(afterFrames: number, change: (frame: string) => string | undefined): BodyFilter {
  let frames = afterFrames;
  let isChanged = false;
  let held: Uint8Array = NOTHING;

  /** One frame, with its newline. */
  function passFrame(frame: Uint8Array): Uint8Array {
    frames -= 1;
    const changed = frames >= 0 ? undefined : change(new TextDecoder().decode(frame.subarray(0, -1)));
    if (changed === undefined) return frame;
    isChanged = true;
    return utf8.encode(`${changed}\n`);
  }

  return {
    ...OPEN_FILTER,
    pass(chunk) {
      const chunks: Uint8Array[] = [];
      let bytes = concatenated(held, chunk);
      while (!isChanged) {
        const newline = bytes.indexOf(NEWLINE);
        if (newline < 0) break;
        chunks.push(passFrame(bytes.subarray(0, newline + 1)));
        bytes = bytes.subarray(newline + 1);
      }
      held = isChanged ? NOTHING : bytes;
      return { chunks: isChanged ? [...chunks, bytes] : chunks };
    },
    rest: () => [held],
  };
}

function withoutResourceVersion(frame: string): string | undefined {
  const event = parseObjectFrame(frame);
  if (!event) return undefined;
  const { resourceVersion: _, ...metadata } = event.object.metadata;
  return JSON.stringify({ ...event, object: { ...event.object, metadata } });
}

function withUnknownType(frame: string): string | undefined {
  const event = parseObjectFrame(frame);
  return event && JSON.stringify({ ...event, type: "MOVED" });
}

function singleBytes(chunk: Uint8Array): Uint8Array[] {
  return Array.from(chunk, (_, at) => chunk.subarray(at, at + 1));
}

function concatenated(head: Uint8Array, tail: Uint8Array): Uint8Array {
  if (head.length === 0) return tail;
  const bytes = new Uint8Array(head.length + tail.length);
  bytes.set(head);
  bytes.set(tail, head.length);
  return bytes;
}
