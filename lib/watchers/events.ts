import type { ObjectCause } from "../kubernetes/cause.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";

/** A watch connection of a DynamicWatcher changed its state. */
export class WatchStreamEvent extends Event {
  /** What the connection watches. */
  readonly spec: StreamSpec;
  /** The state that it has now. */
  readonly state: StreamState;

  /** Says which connection, and its state. */
  constructor(spec: StreamSpec, state: StreamState) {
    super("stream");
    this.spec = spec;
    this.state = state;
  }
}

/** One object of one watched identifier changed. */
export class WatchTransitionEvent extends Event {
  /** The change, as a reconcile is told of it. */
  readonly cause: ObjectCause;

  /** Names the change. */
  constructor(cause: ObjectCause) {
    super("transition");
    this.cause = cause;
  }
}

/** The events of a DynamicWatcher, by type. */
export interface DynamicWatcherEvents {
  /** start() is done. */
  started: Event;
  /** stop() is done. */
  stopped: Event;
  /** A watch connection changed its state. */
  stream: WatchStreamEvent;
  /** An object of a watched identifier changed. */
  transition: WatchTransitionEvent;
}
