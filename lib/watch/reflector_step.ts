import { ApiError, type DependencyWatchError, TransportError } from "../kubernetes/errors.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";
import type { BookmarkEvent, ObjectEvent } from "../protocol/watch_event.ts";
import { classifyFailure, type FailureKind, silenceError } from "./failure.ts";
import type { Activity, Plan, ReflectorEffect, ReflectorInput, ReflectorState } from "./reflector_state.ts";

/** What a step leads to. */
export interface ReflectorStep {
  readonly state: ReflectorState;
  readonly effects: readonly ReflectorEffect[];
}

/** A watch that ends sooner, and without progress, is asked for again only after a wait. */
const SHORT_WATCH_MS = 1000;
/** A refusal counts when it is still there so much later: a server that starts refuses what it will allow. */
const ASK_AGAIN_MS = 1000;
/** A server that asks for more, as a page for maintenance may, is asked again all the same. */
const LONGEST_RETRY_AFTER_MS = 60_000;
/** Turns are too short for the evidence that two silent watches are: a stream that is quiet so long lists again. */
const LONGEST_QUIET_MS = 600_000;
/** After so long without a failure the next one is the first again. */
const HEALTHY_MS = 120_000;

/** How a stream goes on after a failure: `again` is what failed, once more. All wait before they do. */
interface Reaction {
  readonly list: Plan | "again";
  readonly watch: Plan | "again";
  /** Whether the first start goes on too; else it fails. */
  readonly atStart: boolean;
}

const REACTIONS: Readonly<Record<Exclude<FailureKind, "notServed">, Reaction>> = {
  expired: { list: "listFreshest", watch: "list", atStart: true },
  versionTooLarge: { list: "listFreshest", watch: "listFreshest", atStart: true },
  throttled: { list: "again", watch: "again", atStart: true },
  denied: { list: "again", watch: "again", atStart: false },
  missing: { list: "again", watch: "list", atStart: false },
  notAcceptable: { list: "again", watch: "again", atStart: false },
  refused: { list: "listFreshest", watch: "list", atStart: false },
  unavailable: { list: "again", watch: "again", atStart: false },
  disconnected: { list: "again", watch: "again", atStart: false },
  broken: { list: "again", watch: "list", atStart: false },
};

/**
 * What a stream does about what happened: pure, and the whole of the list and watch protocol. An event costs one
 * copy of the small state, whatever the number of objects.
 */
export function step(state: ReflectorState, input: ReflectorInput): ReflectorStep {
  if (state.phase === "over") return to(state);
  switch (input.type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
      return onObject(state, input);
    case "BOOKMARK":
      return onBookmark(state, input);
    case "start":
      return begin(state, { do: "report", state: { state: "starting" } });
    case "listed":
      return onListed(state, input);
    case "opened":
      return onOpened(state, input.now);
    case "ended":
      return onEnded(state, input.now);
    case "failed":
      return onFailed(state, input);
    case "silent":
      return onSilent(state, input);
    case "confirmed":
      return retry(state, { plan: state.plan === "watch" ? "list" : state.plan, now: input.now });
    case "waited":
      return begin(state);
    case "queued":
      return onQueued(state);
    case "gaveWay":
      return onGaveWay(state, input.now);
    case "stop":
      return to({ ...state, phase: "over" });
  }
}

function onObject(state: ReflectorState, event: ObjectEvent): ReflectorStep {
  // Initial objects come in the order of their keys: their versions say nothing about the stream's.
  if (state.phase === "collecting") return to(state, { do: "collect", event });
  const { resourceVersion } = event.object;
  if (!isNewer(resourceVersion, state)) return heardReplay(state);
  return to(advance(state, resourceVersion), { do: "apply", event });
}

function onBookmark(state: ReflectorState, bookmark: BookmarkEvent): ReflectorStep {
  const { resourceVersion, initialEventsEnd } = bookmark;
  if (state.phase === "collecting") {
    // An ordinary bookmark: this server has taken the streaming list for a common watch.
    if (!initialEventsEnd) return begin({ ...state, streamingList: false });
    const replaced = { ...state, plan: "watch", resourceVersion, heard: "progress" } as const;
    const relisted = hasListed(state);
    return goLive(replaced, { do: "replace", items: "collected", resourceVersion, relisted });
  }
  if (!isNewer(resourceVersion, state)) return heardReplay(state);
  return to(advance(state, resourceVersion));
}

function onListed(
  state: ReflectorState,
  { items, resourceVersion }: Extract<ReflectorInput, { type: "listed" }>,
): ReflectorStep {
  const quietSince = Number.POSITIVE_INFINITY;
  const listed = { ...state, plan: "watch", resourceVersion, quietSince, denied: false } as const;
  return begin(listed, { do: "replace", items, resourceVersion, relisted: hasListed(state) });
}

function onOpened(state: ReflectorState, now: number): ReflectorStep {
  const quietSince = state.heard === "nothing" ? Math.min(state.quietSince, now) : now;
  const opened = { ...state, openedAt: now, heard: "nothing", quietSince, denied: false } as const;
  if (state.plan === "watch") return goLive(opened);
  return to({ ...opened, phase: "collecting" });
}

/** What was listed is known, and nothing after it is lost: the stream is started, though nothing is open. */
function onQueued(state: ReflectorState): ReflectorStep {
  const waiting = { ...state, started: true, reported: "waiting" } as const;
  return to(waiting, { do: "report", state: { state: "waiting" } });
}

/** A quiet turn says nothing of the version that it went on from, but for many of them. */
function onGaveWay(state: ReflectorState, now: number): ReflectorStep {
  const quiet = state.heard === "nothing" && now - state.quietSince >= LONGEST_QUIET_MS;
  return begin(quiet ? { ...state, plan: "listFreshest" } : state);
}

/** The watch is over, cleanly or not: what it has told counts. */
function onEnded(state: ReflectorState, now: number): ReflectorStep {
  if (state.phase === "collecting") return begin({ ...state, streamingList: false });
  const short = now - state.openedAt < SHORT_WATCH_MS;
  const progress = state.heard === "progress";
  if (short && (!progress || state.shortBefore)) {
    const error = new TransportError("Cannot keep a watch open: the API server ends it at once");
    return retry(state, { plan: progress ? "watch" : "list", error, now });
  }
  const silent = state.heard === "nothing";
  // Below a version from the future, as after a restored backup, a watch is silent for ever. It waits first: behind a
  // proxy that cuts what is idle, every quiet watch is silent.
  if (silent && state.silentBefore && state.bookmarks) {
    return retry({ ...state, silentBefore: false, shortBefore: false }, { plan: "listFreshest", now });
  }
  return begin({ ...state, silentBefore: silent, shortBefore: short });
}

function onSilent(
  state: ReflectorState,
  { afterMs, now }: Extract<ReflectorInput, { type: "silent" }>,
): ReflectorStep {
  if (state.phase === "watching") return onEnded(state, now);
  if (isStreamingList(state)) return begin({ ...state, streamingList: false });
  return onFailed(state, { error: silenceError(afterMs), now });
}

function onFailed(
  state: ReflectorState,
  { error, now }: { error: DependencyWatchError; now: number },
): ReflectorStep {
  const kind = classifyFailure(error);
  if (kind === "notServed") return block(state, error);
  const { list, watch, atStart } = REACTIONS[kind];
  const final = !state.started && !atStart;
  // Of discovery nothing more is asked than whether the kind is gone.
  if (state.phase === "confirming") return final ? block(state, error) : retry(state, { error, now });
  if (state.phase === "watching" && kind === "disconnected") return onEnded(state, now);
  if (kind === "notAcceptable" && !state.plainJson) return begin({ ...state, plainJson: true });
  if (kind === "refused" && isStreamingList(state)) return begin({ ...state, streamingList: false });
  // What discovery has and the server has not was just made: a start waits for it once.
  if (kind === "missing" && (state.started || state.failures === 0)) return confirmKind(state, error);
  if (final || (kind === "denied" && state.denied)) return block(state, error);
  if (kind === "denied") return askAgain(state, error);

  const reaction = state.plan === "watch" ? watch : list;
  const again = reaction === "again" ? state.plan : reaction;
  const plan = kind === "expired" && state.expired ? "listFreshest" : again;
  return retry(
    {
      ...state,
      denied: false,
      // A first 410 is the answer of a healthy server: what failed before it, as in an outage, counts no more.
      failures: kind === "expired" && !state.expired ? 0 : state.failures,
      expired: state.expired || kind === "expired",
      // What breaks a streaming list may spare a common one.
      streamingList: state.streamingList && !(kind === "broken" && isStreamingList(state)),
    },
    { plan, error, now },
  );
}

/** Goes on with the plan, at once. */
function begin(state: ReflectorState, ...before: ReflectorEffect[]): ReflectorStep {
  return to({ ...state, phase: "requesting" }, ...before, request(state));
}

function request({ plan, resourceVersion, streamingList, plainJson }: ReflectorState): Activity {
  if (plan === "watch") return { do: "watch", resourceVersion, initialEvents: false, plainJson };
  const oldest = plan === "list" ? resourceVersion : "";
  return streamingList
    ? { do: "watch", resourceVersion: oldest, initialEvents: true, plainJson }
    : { do: "list", resourceVersion: oldest, plainJson };
}

/** Goes on with the plan after a wait: no failure is answered at once. */
function retry(
  state: ReflectorState,
  { plan = state.plan, error, now }: { plan?: Plan; error?: DependencyWatchError; now: number },
): ReflectorStep {
  const { healthySince } = state;
  const healthy = healthySince !== undefined && now - healthySince >= HEALTHY_MS;
  const failures = healthy ? 1 : state.failures + 1;
  const askedMs = (error instanceof ApiError && error.retryAfterMs) || 0;
  const atLeastMs = Math.min(askedMs, LONGEST_RETRY_AFTER_MS);
  const waiting = { ...state, phase: "waiting", plan, failures, healthySince: undefined } as const;
  return interrupt(waiting, { error, activity: { do: "wait", failures, atLeastMs } });
}

/** A refusal may be of the moment only. */
function askAgain(state: ReflectorState, error: DependencyWatchError): ReflectorStep {
  const waiting = { ...state, phase: "waiting", denied: true } as const;
  return interrupt(waiting, { error, activity: { do: "wait", failures: 0, atLeastMs: ASK_AGAIN_MS } });
}

function confirmKind(state: ReflectorState, error: DependencyWatchError): ReflectorStep {
  return interrupt({ ...state, phase: "confirming" }, { error, activity: { do: "confirmKind" } });
}

/** Does something else for a while, and says why unless that was said. */
function interrupt(
  state: ReflectorState,
  { error, activity }: { error: DependencyWatchError | undefined; activity: Activity },
): ReflectorStep {
  if (error === undefined) return to(state, activity);
  const report = { do: "report", state: { state: "retrying", error } } as const;
  return to({ ...state, reported: "retrying" }, report, activity);
}

function block(state: ReflectorState, error: DependencyWatchError): ReflectorStep {
  const over = { ...state, phase: "over", reported: "blocked" } as const;
  return to(over, { do: "report", state: { state: "blocked", error } });
}

function goLive(state: ReflectorState, ...before: ReflectorEffect[]): ReflectorStep {
  const healthySince = state.healthySince ?? state.openedAt;
  const live = { ...state, phase: "watching", started: true, reported: "live", healthySince } as const;
  if (state.reported === "live") return to(live, ...before);
  return to(live, ...before, { do: "report", state: { state: "live" } });
}

function to(state: ReflectorState, ...effects: ReflectorEffect[]): ReflectorStep {
  return { state, effects };
}

/** Spelled out: a spread of so many fields costs more than all else that is done for an event. */
function advance(state: ReflectorState, resourceVersion: string): ReflectorState {
  return {
    phase: state.phase,
    plan: state.plan,
    resourceVersion,
    started: state.started,
    reported: state.reported,
    streamingList: state.streamingList,
    plainJson: state.plainJson,
    bookmarks: state.bookmarks,
    openedAt: state.openedAt,
    heard: "progress",
    quietSince: state.quietSince,
    silentBefore: state.silentBefore,
    shortBefore: state.shortBefore,
    failures: state.failures,
    healthySince: state.healthySince,
    expired: false,
    denied: state.denied,
  };
}

/** What is at or below the floor is known: a replayed ADDED would bring back the dead. */
function heardReplay(state: ReflectorState): ReflectorStep {
  return to(state.heard === "nothing" ? { ...state, heard: "frames" } : state);
}

function isNewer(resourceVersion: string, { resourceVersion: floor }: ReflectorState): boolean {
  const order = compareResourceVersions(resourceVersion, floor);
  return order === undefined || order > 0;
}

function isStreamingList({ streamingList, plan, phase }: ReflectorState): boolean {
  return streamingList && plan !== "watch" && (phase === "requesting" || phase === "collecting");
}

/** Whether the sink has had a list, of this stream or of the one before it. */
function hasListed({ resourceVersion, started }: ReflectorState): boolean {
  return resourceVersion !== "" || started;
}
