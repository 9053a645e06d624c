import type { ObjectCause } from "../kubernetes/cause.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";

/** A watch connection of a DynamicWatcher changed its state. */
export class WatchStreamEvent extends Event {
  readonly spec: StreamSpec;
  readonly state: StreamState;

  constructor(spec: StreamSpec, state: StreamState) {
    super("stream");
    this.spec = spec;
    this.state = state;
  }
}

/** One object of one watched identifier changed. */
export class WatchTransitionEvent extends Event {
  readonly cause: ObjectCause;

  constructor(cause: ObjectCause) {
    super("transition");
    this.cause = cause;
  }
}

/** The events of a DynamicWatcher, by type. */
export interface DynamicWatcherEvents {
  started: Event;
  stopped: Event;
  stream: WatchStreamEvent;
  transition: WatchTransitionEvent;
}
