import type { DependencyWatchError } from "../kubernetes/errors.ts";
import type { GroupVersionResource } from "../kubernetes/group_version.ts";
import type { WatchedObject } from "../kubernetes/object.ts";
import type { ObjectEvent } from "../protocol/watch_event.ts";

/** What one watch connection is opened for: a collection with at most one selector. */
export interface StreamSpec {
  /** The collection. */
  readonly resource: GroupVersionResource;
  /** The kind of its objects. */
  readonly kind: string;
  /** Undefined: all namespaces, or a cluster-scoped resource. */
  readonly namespace?: string;
  /** As in a request, such as `metadata.name=app`. */
  readonly fieldSelector?: string;
  /** As in a request. */
  readonly labelSelector?: string;
  /** "metadata" asks for, and keeps, metadata only. */
  readonly content: "object" | "metadata";
}

/** What a stream watches, in words: "ConfigMap in default (metadata.name=app)". */
export function describeStream({ kind, namespace, fieldSelector, labelSelector }: StreamSpec): string {
  const selectors = [fieldSelector, labelSelector].filter(Boolean).join(",");
  return `${kind}${namespace ? ` in ${namespace}` : ""}${selectors && ` (${selectors})`}`;
}

/**
 * Where a stream is in its life. A waiting one has what it was told and watches on from there when its turn comes: the
 * transport has no more streams to give. A retrying one goes on by itself; a blocked or ended one is over.
 */
export type StreamState =
  | { readonly state: "starting" | "live" | "waiting" | "ended" }
  | { readonly state: "retrying" | "blocked"; readonly error: DependencyWatchError };

/** What a stream delivers to: the store of its objects. */
export interface StreamSink {
  /** One change that is newer than all before it. */
  apply(event: ObjectEvent): void;
  /** The whole truth of now. `relisted`: objects may have come and gone since the last event. */
  replace(items: readonly WatchedObject[], resourceVersion: string, relisted: boolean): void;
  state(state: StreamState): void;
}
