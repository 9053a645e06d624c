import type { Activity } from "./reflector_state.ts";

const SHORTEST_WATCH_MS = 300_000;
/** A watch is dead when it is silent for its own timeout and this much longer. */
const WATCH_MARGIN_MS = 30_000;
/** A server that takes a streaming list begins at once. */
const STREAMING_LIST_SILENCE_MS = 10_000;
/** A server that has lost its etcd answers a list after 60 s. */
const LIST_SILENCE_MS = 90_000;

/** A watch is answered before there is anything to tell. */
export const WATCH_ANSWER_MS = 30_000;

/** How long a watch is asked to last, unless that is set: 5 to 10 minutes, so that not all end at once. */
export function watchTimeoutMs(random: () => number): number {
  return SHORTEST_WATCH_MS * (1 + random());
}

/** How long nothing may come of an activity that has begun. */
export function answerLimitMs(activity: Activity): number {
  switch (activity.do) {
    case "wait":
      return Number.POSITIVE_INFINITY;
    case "watch":
      return activity.initialEvents ? STREAMING_LIST_SILENCE_MS : WATCH_ANSWER_MS;
    default:
      return LIST_SILENCE_MS;
  }
}

/** How long an open watch may be silent: one that is `live` has told everything, a streaming list has not. */
export function silenceLimitMs(timeoutMs: number, { live }: { live: boolean }): number {
  return live ? timeoutMs + WATCH_MARGIN_MS : STREAMING_LIST_SILENCE_MS;
}
