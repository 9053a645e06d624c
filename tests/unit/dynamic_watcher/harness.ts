import { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import type { Cause, ObjectCause } from "../../../lib/kubernetes/cause.ts";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { ReconcileContext, ReconcileFunction } from "../../../lib/reconcile/reconcile_function.ts";
import type { DynamicWatcherOptions } from "../../../lib/watchers/options.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { ManualApi } from "../../fixtures/manual_api.ts";

export interface WorldOptions extends Partial<Omit<DynamicWatcherOptions, "transport" | "clock">> {
  /** What the reconcile does once it is recorded. Default: nothing. */
  readonly reconcile?: ReconcileFunction;
}

/** A DynamicWatcher on an API server by hand and a clock that stands still, and all that it did. */
export class World {
  readonly clock = new FakeClock();
  readonly api = new ManualApi();
  readonly dynamicWatcher: DynamicWatcher;
  readonly runs: ({ readonly watcher: ObjectIdentifier } & ReconcileContext)[] = [];
  readonly transitions: ObjectCause[] = [];
  readonly logged: unknown[][] = [];
  #told = 0;

  constructor({ reconcile, ...options }: WorldOptions = {}) {
    const log = (...line: unknown[]) => this.logged.push(line);
    this.dynamicWatcher = new DynamicWatcher({
      logger: { warn: log, error: log },
      ...options,
      clock: this.clock,
      transport: this.api,
      reconcile: (watcher, context) => {
        this.runs.push({ watcher, ...context });
        return reconcile?.(watcher, context);
      },
    });
    this.dynamicWatcher.addEventListener("transition", ({ cause }) => this.transitions.push(cause));
  }

  /** What the reconciles were told since it was last asked, as text: `web: ADDED Secret/db`. */
  async causes(): Promise<string[]> {
    // A reconcile that adds or queries is followed by another.
    for (let round = 0; round < 4; round++) await settle();
    const runs = this.runs.slice(this.#told);
    this.#told = this.runs.length;
    return runs.flatMap(({ watcher, causes }) =>
      causes.map((cause) => `${watcher.name}: ${formatCause(cause)}`),
    );
  }

  get counts(): { watched: number; streams: number } {
    const { watchCount, streamCount } = this.dynamicWatcher;
    return { watched: watchCount, streams: streamCount };
  }
}

/** A world whose DynamicWatcher has started. */
export async function startedWorld(options: WorldOptions = {}): Promise<World> {
  const world = new World(options);
  await world.dynamicWatcher.start();
  return world;
}

export function watcher(name: string): ObjectIdentifier {
  return configMap(name);
}

export function configMap(name: string): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "ns", name };
}

export function configMaps(selector: string): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "ns", selector };
}

export function secret(name: string): ObjectIdentifier {
  return { version: "v1", kind: "Secret", namespace: "ns", name };
}

export function deployment(name: string): ObjectIdentifier {
  return { group: "apps", version: "v1", kind: "Deployment", namespace: "ns", name };
}

export function namespace(name: string): ObjectIdentifier {
  return { version: "v1", kind: "Namespace", name };
}

/** How a promise stands once everything that can settle has: its error, "resolved" or "pending". */
export async function standing(promise: Promise<unknown>): Promise<unknown> {
  let state: unknown = "pending";
  promise.then(
    () => {
      state = "resolved";
    },
    (error) => {
      state = error;
    },
  );
  await settle();
  return state;
}

function formatCause(cause: Cause): string {
  if (!("watched" in cause)) return cause.type;
  const { kind, name, selector } = cause.watched;
  const object = "relisted" in cause ? (cause.after ?? cause.before)?.name : name;
  return `${cause.type} ${kind}${object === undefined ? `?${selector}` : `/${object}`}`;
}
