import { compareResourceVersions } from "../../lib/kubernetes/resource_version.ts";
import { isTrue } from "../memory/request_info.ts";
import type { FaultyExchange } from "./faulty_exchange.ts";
import { parseObjectFrame } from "./object_frame.ts";

/** How much of each collection is kept. */
const FRAMES_KEPT = 100;
const LONGEST_FRAME = 1_000_000;

/** Remembers the frames that the watches of each collection delivered last, so that they can come again. */
export class FrameLog {
  readonly #frames = new Map<string, Set<string>>();

  /** What is given the bytes of one watch, as its reader gets them. */
  recorder(watch: FaultyExchange): (chunk: Uint8Array) => void {
    const collection = collectionOf(watch);
    const frames = this.#frames.get(collection) ?? new Set();
    this.#frames.set(collection, frames);
    const decoder = new TextDecoder();
    let pending = "";
    return (chunk) => {
      const lines = (pending + decoder.decode(chunk, { stream: true })).split("\n");
      pending = lines.pop() ?? "";
      for (const line of lines) remember(frames, line);
    };
  }

  /** What a watch that resumes was given before, up to the version that it resumes from, oldest first. */
  framesFor(watch: FaultyExchange): string[] {
    const { query } = watch.about;
    // To one that begins anew, old frames would be new ones.
    if (isTrue(query, "sendInitialEvents")) return [];
    const from = query.get("resourceVersion") ?? "";
    return [...(this.#frames.get(collectionOf(watch)) ?? [])].filter((frame) => isUpTo(from, frame));
  }
}

/** The values in an order that `random` draws. */
export function shuffle<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, rank: random() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ value }) => value);
}

/** Watches that are told the same, in the same form. */
function collectionOf({ about, request }: FaultyExchange): string {
  const { path, query } = about;
  const accept = Object.entries(request.headers ?? {}).find(([name]) => name.toLowerCase() === "accept");
  return JSON.stringify([path, query.get("labelSelector"), query.get("fieldSelector"), accept?.[1]]);
}

/** A frame that comes again is not new. */
function remember(frames: Set<string>, frame: string): void {
  if (frame.length > LONGEST_FRAME) return;
  frames.add(frame);
  const [oldest] = frames;
  if (frames.size > FRAMES_KEPT && oldest !== undefined) frames.delete(oldest);
}

function isUpTo(resourceVersion: string, frame: string): boolean {
  const version = parseObjectFrame(frame)?.object.metadata.resourceVersion;
  if (typeof version !== "string") return false;
  const order = compareResourceVersions(version, resourceVersion);
  return order !== undefined && order <= 0;
}
