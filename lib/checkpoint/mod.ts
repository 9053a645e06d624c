/**
 * For functions that live for seconds: a checkpoint that carries what a DynamicWatcher knows from one run to the next.
 *
 * @module
 */

export { type CheckpointOptions, checkpoint } from "./checkpoint.ts";
export type { CheckpointStore, ItemStore, KeyValueStore, PutStore } from "./checkpoint_store.ts";
export { CheckpointRefusedError, CheckpointStoreError, type RefusalReason } from "./errors.ts";
