import { DependencyWatchError } from "../kubernetes/errors.ts";

/**
 * Why a checkpoint is not gone on from: `damaged` (torn, changed by hand), `foreign` (something else stands under its
 * key), `version` (another version of this library wrote it) or `server` (it tells of another cluster).
 */
export type RefusalReason = "damaged" | "foreign" | "version" | "server";

/** A checkpoint was there and is not gone on from: the start is cold. */
export class CheckpointRefusedError extends DependencyWatchError {
  /** What was wrong with it. */
  readonly reason: RefusalReason;

  /** `problem` goes on from "Cannot go on from the checkpoint: ". */
  constructor(reason: RefusalReason, problem: string, options?: { cause?: unknown }) {
    super(
      "CHECKPOINT_REFUSED",
      `Cannot go on from the checkpoint: ${problem}; the start is a cold one`,
      options,
    );
    this.reason = reason;
  }
}

/** The store of a checkpoint failed, or gave no answer. */
export class CheckpointStoreError extends DependencyWatchError {
  /** `cause` is what the store threw, or a TimeoutError. */
  constructor(verb: "read" | "write", cause: unknown) {
    super("CHECKPOINT_STORE", `Cannot ${verb} the checkpoint: its store failed`, { cause });
  }
}
