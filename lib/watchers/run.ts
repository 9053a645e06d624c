import { DependencyGraph } from "../graph/dependency_graph.ts";
import type { ObjectCause } from "../kubernetes/cause.ts";
import type { Discovery } from "../protocol/discovery.ts";
import type { Reconciler } from "../reconcile/reconciler.ts";
import { StreamServing } from "../serve/stream_serving.ts";
import type { StreamSpec, StreamState } from "../watch/stream.ts";
import type { LoadedCheckpoint } from "./checkpoint_contract.ts";
import type { ResolvedOptions } from "./options.ts";
import { Watchers } from "./watchers.ts";

/** What exists between a start and the end of the stop that follows it. */
export interface Run {
  readonly graph: DependencyGraph;
  readonly serving: StreamServing;
  readonly watchers: Watchers;
  /** What its checkpoint had; undefined where it has none. */
  readonly loaded: LoadedCheckpoint | undefined;
}

/** What lasts over runs, and who hears of this one. */
export interface RunContext {
  readonly discovery: Discovery;
  readonly reconciler: Reconciler;
  readonly loaded: LoadedCheckpoint | undefined;
  onTransition(cause: ObjectCause): void;
  onStream(spec: StreamSpec, state: StreamState): void;
}

/** The rooms of one run, each with nothing in it, and the ways between them. */
export function createRun(
  options: ResolvedOptions,
  { discovery, reconciler, loaded, onTransition, onStream }: RunContext,
): Run {
  const graph = new DependencyGraph();
  const serving = new StreamServing({
    ...options,
    discovery,
    content: options.cache ? "object" : "metadata",
    sink: {
      transition: (key, cause) => {
        watchers.onTransition(key, cause);
        onTransition(cause);
      },
      blocked: (key, error) => watchers.onBlocked(key, error),
      stream: onStream,
    },
  });
  const watchers = new Watchers({
    serving,
    graph,
    initialReconcile: options.initialReconcile,
    enqueue: (watcher, cause) => reconciler.enqueue(watcher, cause),
    forget: (watcher) => reconciler.forget(watcher),
  });
  return { graph, serving, watchers, loaded };
}
