/**
 * Say what a Kubernetes object depends on, and be called when that changes.
 *
 * This is the core: it runs unchanged on Node, Deno, Bun, workerd and in a browser. It reaches an API server by a
 * Transport: `transports/fetch`, `transports/undici`, `transports/memory`, or your own; on Node, `connect()` of
 * `/node` makes one from a kubeconfig.
 *
 * @module
 */

export { ObjectCache } from "./lib/cache/object_cache.ts";
export { DynamicWatcher } from "./lib/dynamic_watcher.ts";
export type { Cause, ObjectCause } from "./lib/kubernetes/cause.ts";
export * from "./lib/kubernetes/errors.ts";
export type {
  GroupVersionKind,
  GroupVersionResource,
  ScopedResource,
} from "./lib/kubernetes/group_version.ts";
export { formatIdentifier, type ObjectIdentifier, validateIdentifier } from "./lib/kubernetes/identifier.ts";
export { identifierOf, type ObjectReference } from "./lib/kubernetes/identifier_of.ts";
export type { Frozen, KubernetesObject, Labels, ObjectMeta, WatchedObject } from "./lib/kubernetes/object.ts";
export type { JsonPatchOperation } from "./lib/kubernetes/patch.ts";
export {
  formatSelector,
  type LabelSelector,
  type LabelSelectorRequirement,
} from "./lib/kubernetes/selector.ts";
export {
  ApiClient,
  type ApiClientOptions,
  type DeleteOptions,
  type PatchOptions,
  type ReadOptions,
  type UpdateOptions,
  type WriteOptions,
} from "./lib/protocol/api_client.ts";
export type { KindReference } from "./lib/protocol/discovery.ts";
export type {
  Credentials,
  Transport,
  TransportHeaders,
  TransportRequest,
  TransportResponse,
} from "./lib/protocol/transport.ts";
export {
  type BucketOptions,
  BucketRateLimiter,
  defaultControllerRateLimiter,
  type ItemExponentialFailureOptions,
  ItemExponentialFailureRateLimiter,
  MaxOfRateLimiter,
  type RateLimiter,
} from "./lib/reconcile/rate_limiter.ts";
export type {
  ReconcileContext,
  ReconcileFunction,
  ReconcileResult,
} from "./lib/reconcile/reconcile_function.ts";
export type { DueReconcile } from "./lib/reconcile/reconcile_run.ts";
export { Reconciler } from "./lib/reconcile/reconciler.ts";
export {
  ReconcileEndEvent,
  type ReconcileOutcome,
  type ReconcilerEvents,
  ReconcileStartEvent,
  TriggerEvent,
} from "./lib/reconcile/reconciler_events.ts";
export type { ReconcilerOptions, ReconcilerStopOptions } from "./lib/reconcile/reconciler_options.ts";
export {
  RequestEvent,
  WatcherSource,
  type WatcherSourceEvents,
  type WatcherSourceOptions,
} from "./lib/reconcile/watcher_source.ts";
export type { ServedSnapshot } from "./lib/serve/serving.ts";
export { type CancelTimer, type Clock, systemClock } from "./lib/support/clock.ts";
export type { Logger } from "./lib/support/logger.ts";
export type {
  AnyListener,
  Listener,
  ListenerOptions,
  RemovalOptions,
  TypedEventTarget,
} from "./lib/support/typed_events.ts";
export type { StreamSpec, StreamState } from "./lib/watch/stream.ts";
export type { CallOptions } from "./lib/watchers/call.ts";
export type {
  Checkpoint,
  CheckpointContext,
  LoadedCheckpoint,
  RunSnapshot,
  WatcherSnapshot,
} from "./lib/watchers/checkpoint_contract.ts";
export { type DynamicWatcherEvents, WatchStreamEvent, WatchTransitionEvent } from "./lib/watchers/events.ts";
export type { DynamicWatcherOptions } from "./lib/watchers/options.ts";
export type { Query, QueryBatch } from "./lib/watchers/query_batch.ts";
export type { RunSummary, RunUntilIdleOptions } from "./lib/watchers/until_idle.ts";
