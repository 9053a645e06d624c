import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { WatchedObject } from "../kubernetes/object.ts";
import type { BookmarkEvent, ObjectEvent } from "../protocol/watch_event.ts";
import type { StreamState } from "./stream.ts";

/** How a stream goes on: `list` asks for what is not older than its version, `listFreshest` for the newest there is. */
export type Plan = "watch" | "list" | "listFreshest";

/** Page by page; "" is the freshest. Comes back as `listed` or `failed`. */
export interface ListActivity {
  readonly do: "list";
  readonly resourceVersion: string;
  readonly plainJson: boolean;
}

/** With `initialEvents` a streaming list. Comes back as `opened`, events, and then `ended` or `failed`. */
export interface WatchActivity {
  readonly do: "watch";
  readonly resourceVersion: string;
  readonly initialEvents: boolean;
  readonly plainJson: boolean;
}

/** The backoff after so many failures in a row (0: none), but no less than `atLeastMs`. Comes back as `waited`. */
export interface WaitActivity {
  readonly do: "wait";
  readonly failures: number;
  readonly atLeastMs: number;
}

/** Asks discovery whether the kind is still there. Comes back as `confirmed` or `failed`. */
export interface ConfirmActivity {
  readonly do: "confirmKind";
}

/** What the driver does next, instead of what it did before; its outcome comes back as an input. */
export type Activity = ListActivity | WatchActivity | WaitActivity | ConfirmActivity;

/** What the sink is told. */
export type Delivery =
  | { readonly do: "apply"; readonly event: ObjectEvent }
  /** A whole list: its items, or what was collected. */
  | {
      readonly do: "replace";
      readonly items: readonly WatchedObject[] | "collected";
      readonly resourceVersion: string;
      readonly relisted: boolean;
    }
  | { readonly do: "report"; readonly state: StreamState };

/** Keeps an initial object of a streaming list until its end bookmark. */
export interface Collection {
  readonly do: "collect";
  readonly event: ObjectEvent;
}

/** What a step asks for, to be done in order. At most one is an activity, and that is the last. */
export type ReflectorEffect = Delivery | Collection | Activity;

/** What happened. `now` is the clock's, in milliseconds. An ERROR of a watch is a failure like every other. */
export type ReflectorInput =
  | ObjectEvent
  | BookmarkEvent
  | { readonly type: "start" }
  | { readonly type: "listed"; readonly items: readonly WatchedObject[]; readonly resourceVersion: string }
  | { readonly type: "opened"; readonly now: number }
  | { readonly type: "ended"; readonly now: number }
  | { readonly type: "failed"; readonly error: DependencyWatchError; readonly now: number }
  | { readonly type: "silent"; readonly afterMs: number; readonly now: number }
  | { readonly type: "confirmed"; readonly now: number }
  | { readonly type: "waited" }
  /** The watch has to wait for its turn. */
  | { readonly type: "queued" }
  /** The watch has ended for the sake of those that wait for theirs. */
  | { readonly type: "gaveWay"; readonly now: number }
  | { readonly type: "stop" };

/** All that a stream knows about itself, but for its objects. */
export interface ReflectorState {
  /** `collecting`: a streaming list before its end bookmark. */
  readonly phase: "idle" | "requesting" | "collecting" | "watching" | "waiting" | "confirming" | "over";
  /** What is under way, or comes after the wait. */
  readonly plan: Plan;
  /** The floor, and where a watch resumes: of the last list, event or bookmark. "": nothing was listed yet. */
  readonly resourceVersion: string;
  /** Whether the stream has ever been live: until then most failures are final. */
  readonly started: boolean;
  readonly reported: StreamState["state"];

  /** Whether a list is asked for as a streaming list, as long as the server takes it. */
  readonly streamingList: boolean;
  /** Whether plain JSON is asked for, and not the metadata-only form. */
  readonly plainJson: boolean;
  /** False for Events, of which the server sends no bookmarks: a silent watch of theirs means nothing. */
  readonly bookmarks: boolean;

  /** When the watch under way was answered. */
  readonly openedAt: number;
  /** What came on it: no frame at all, frames, or one that raised the resource version. */
  readonly heard: "nothing" | "frames" | "progress";
  /** When the first of the watches was answered on which nothing came since; Infinity: there is none. */
  readonly quietSince: number;
  /** Whether the watch before this one ended without a frame, and within a moment. */
  readonly silentBefore: boolean;
  readonly shortBefore: boolean;

  /** Failures in a row: they end with two minutes without one. */
  readonly failures: number;
  /** When the first watch after the last failure was answered. */
  readonly healthySince: number | undefined;
  /** Whether a 410 came since the last progress: listing at the version it left us has not helped. */
  readonly expired: boolean;
  /** Whether the last answer was a 401 or 403, which counts when it comes twice. */
  readonly denied: boolean;
}

/** A stream that has not begun; with a resource version one that goes on there, without a list. */
export function initialState({
  streamingList,
  plainJson,
  bookmarks,
  started = false,
  resourceVersion = "",
}: Pick<ReflectorState, "streamingList" | "plainJson" | "bookmarks"> &
  Partial<Pick<ReflectorState, "started" | "resourceVersion">>): ReflectorState {
  return {
    phase: "idle",
    plan: resourceVersion === "" ? "listFreshest" : "watch",
    resourceVersion,
    started,
    reported: "starting",
    streamingList,
    plainJson,
    bookmarks,
    openedAt: 0,
    heard: "nothing",
    quietSince: Number.POSITIVE_INFINITY,
    silentBefore: false,
    shortBefore: false,
    failures: 0,
    healthySince: undefined,
    expired: false,
    denied: false,
  };
}
