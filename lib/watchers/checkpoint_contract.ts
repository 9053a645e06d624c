import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { ObjectIdentifier } from "../kubernetes/identifier.ts";
import type { Transport } from "../protocol/transport.ts";
import type { DueReconcile } from "../reconcile/reconcile_run.ts";
import type { ServedSnapshot } from "../serve/serving.ts";
import type { Clock } from "../support/clock.ts";
import type { Logger } from "../support/logger.ts";

/** What a watcher depends on, all of it explicit. */
export interface WatcherSnapshot {
  /** Canonical. */
  readonly watcher: ObjectIdentifier;
  /** Canonical; each is one of those served. */
  readonly watched: Iterable<ObjectIdentifier>;
}

/** All that a run knows at one moment, but for the bodies. */
export interface RunSnapshot {
  /** What is watched, and what is known of it. */
  readonly served: Iterable<ServedSnapshot>;
  /** Who depends on what. */
  readonly watchers: Iterable<WatcherSnapshot>;
  /** What is not done, also where it is under way. */
  readonly due: Iterable<DueReconcile>;
}

/** What a checkpoint had: nothing, a run to go on from, or something that it refuses to go on from. */
export interface LoadedCheckpoint {
  /** What a warm start goes on from. */
  readonly snapshot?: RunSnapshot | undefined;
  /** Why the start is a cold one though there was something. */
  readonly refused?: DependencyWatchError | undefined;
}

/** What a checkpoint works with. */
export interface CheckpointContext {
  /** What reaches the API server. */
  readonly transport: Transport;
  /** Where a refusal is said. */
  readonly logger: Logger;
  /** What limits the store and questions to the API server. */
  readonly clock: Clock;
  /** Aborts when the start is given up. */
  readonly signal: AbortSignal;
}

/** What keeps the knowledge of a run for the next one. `checkpoint()` of `/serverless` makes it. */
export interface Checkpoint {
  /**
   * What the last run kept, if anything.
   *
   * @throws where that cannot be told
   */
  load(context: CheckpointContext): Promise<LoadedCheckpoint>;
  /** Reads the snapshot before it returns, as that changes from then on. */
  save(snapshot: RunSnapshot, context: Pick<CheckpointContext, "clock">): Promise<void>;
}
