import { afterEach } from "@std/testing/bdd";
import {
  type Cause,
  DynamicWatcher,
  type DynamicWatcherOptions,
  type ObjectIdentifier,
  type ReconcileContext,
  type Transport,
} from "../../../mod.ts";
import { until } from "../../fixtures/control_plane.ts";
import { GROUP } from "../custom_kinds.ts";
import type { OpenSession, Session } from "../session.ts";

export interface WorldOptions extends Partial<Omit<DynamicWatcherOptions, "transport" | "reconcile">> {
  /** Whose requests those of the DynamicWatcher are. Default: the superuser. */
  user?: string;
}

/** A reconcile as it was called. */
export interface Run extends ReconcileContext {
  readonly watcher: ObjectIdentifier;
}

/** A DynamicWatcher on one of the servers, and all that it did. What a case itself writes goes by the session. */
export class World {
  readonly api: Session;
  readonly dynamicWatcher: DynamicWatcher;
  readonly runs: Run[] = [];
  /** The paths that the DynamicWatcher asked for. */
  readonly requests: string[] = [];
  /** How many times a watch has caught up with the server, for the first time or again. */
  liveCount = 0;
  #toldRuns = 0;
  #gate = Promise.resolve();
  #held = 0;

  constructor(api: Session, { user, ...options }: WorldOptions) {
    this.api = api;
    this.dynamicWatcher = new DynamicWatcher({
      logger: false,
      ...options,
      transport: this.#recorded(api.server.transport(user)),
      reconcile: (watcher, context) => {
        this.runs.push({ watcher, ...context });
      },
    });
    this.dynamicWatcher.addEventListener("stream", ({ state }) => {
      if (state.state === "live") this.liveCount += 1;
    });
  }

  configMap(name: string): ObjectIdentifier {
    return { version: "v1", kind: "ConfigMap", namespace: this.api.namespace, name };
  }

  configMaps(selector: string): ObjectIdentifier {
    return { version: "v1", kind: "ConfigMap", namespace: this.api.namespace, selector };
  }

  widget(name: string): ObjectIdentifier {
    return { group: GROUP, version: "v1", kind: "Widget", namespace: this.api.namespace, name };
  }

  /** Makes the ConfigMap, with that label `app`. */
  async create(name: string, app?: string): Promise<void> {
    await this.api.create(this.api.configMaps, { metadata: { name, ...(app && { labels: { app } }) } });
  }

  /** Merges into the ConfigMap. */
  async patch(name: string, body: object): Promise<void> {
    await this.api.patch(`${this.api.configMaps}/${name}`, body);
  }

  /** Deletes the ConfigMap. */
  async delete(name: string): Promise<void> {
    await this.api.delete(`${this.api.configMaps}/${name}`);
  }

  /** Waits until reconciles have told `count` causes more than before, and answers them all: `web: ADDED ConfigMap/one`. */
  async causes(count = 1): Promise<string[]> {
    const told = () => this.runs.slice(this.#toldRuns).flatMap((run) => run.causes.map(formatCause(run)));
    await until(() => told().length >= count, { what: `${count} causes` });
    const causes = told();
    this.#toldRuns = this.runs.length;
    return causes;
  }

  /** Holds back the requests of the DynamicWatcher from now on; open watches go on. */
  hold(): { held(count: number): Promise<void>; letGo(): void } {
    let open = () => {};
    this.#held = 0;
    this.#gate = new Promise((resolve) => {
      open = resolve;
    });
    return {
      held: (count) => until(() => this.#held >= count, { what: `${count} requests to be held back` }),
      letGo: () => open(),
    };
  }

  #recorded(transport: Transport): Transport {
    return {
      request: async (request) => {
        this.requests.push(request.path);
        this.#held += 1;
        await this.#gate;
        return transport.request(request);
      },
      close: () => transport.close(),
    };
  }
}

/** A watcher; no such object exists. */
export function watcher(name: string): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "default", name };
}

/** Opens a world, started; it stops with the test. */
export type OpenWorld = (options?: WorldOptions) => Promise<World>;

/** Gives worlds to the tests of the describe block that it is called in. */
export function worlds(open: OpenSession): OpenWorld {
  const opened: World[] = [];
  afterEach(async () => {
    await Promise.all(opened.splice(0).map(({ dynamicWatcher }) => dynamicWatcher.stop({ graceMs: 1_000 })));
  });
  return async (options = {}) => {
    const world = new World(await open(), options);
    opened.push(world);
    await world.dynamicWatcher.start();
    return world;
  };
}

function formatCause({ watcher }: Run): (cause: Cause) => string {
  return (cause) => {
    if (!("watched" in cause)) return `${watcher.name}: ${cause.type}`;
    const { kind, name, selector } = cause.watched;
    const object = "relisted" in cause ? (cause.after ?? cause.before)?.name : undefined;
    const what = object ?? name;
    return `${watcher.name}: ${cause.type} ${kind}${what === undefined ? `?${selector}` : `/${what}`}`;
  };
}
