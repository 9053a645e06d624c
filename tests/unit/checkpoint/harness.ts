import { type CheckpointStore, checkpoint } from "../../../lib/checkpoint/mod.ts";
import { DynamicWatcher } from "../../../lib/dynamic_watcher.ts";
import type { Cause } from "../../../lib/kubernetes/cause.ts";
import type { ObjectIdentifier } from "../../../lib/kubernetes/identifier.ts";
import type { Transport } from "../../../lib/protocol/transport.ts";
import type { ReconcileFunction } from "../../../lib/reconcile/reconcile_function.ts";
import { delay } from "../../../lib/support/clock.ts";
import type { DynamicWatcherOptions } from "../../../lib/watchers/options.ts";
import type { RunSummary } from "../../../lib/watchers/until_idle.ts";
import { type FaultPlan, withFaults } from "../../../transports/faults.ts";
import { type MemoryApiServer, memoryApiServer } from "../../../transports/memory/mod.ts";
import { FakeClock } from "../../fixtures/fake_clock.ts";
import { Random } from "../../fixtures/random.ts";

export interface RunOptions
  extends Partial<Omit<DynamicWatcherOptions, "transport" | "clock" | "checkpoint">> {
  /** What the hook's own code does once it is started. Default: nothing. */
  readonly setup?: (dynamicWatcher: DynamicWatcher) => unknown;
  /** What the reconcile does once it is recorded. Default: nothing. */
  readonly reconcile?: ReconcileFunction;
  readonly timeoutMs?: number;
  readonly graceMs?: number;
  readonly signal?: AbortSignal;
}

/** What one run of the hook did. */
export interface HookRun {
  readonly summary: RunSummary;
  /** What the reconciles were told, as text: `web: ADDED Secret/db`. */
  readonly causes: string[];
  /** The requests, but for the question which cluster it is: `list configmaps`, `watch configmaps from 7`. */
  readonly requests: string[];
}

/** A hook that is called now and then, with the cluster and the store that stay. */
export class Hook {
  readonly clock = new FakeClock();
  server: MemoryApiServer;
  readonly store = new Map<string, unknown>();
  /** What the next run keeps its checkpoint in. */
  keptIn: CheckpointStore = this.store as CheckpointStore;
  readonly logged: unknown[][] = [];
  /** How many watches the transport has open at once. */
  streams = Number.POSITIVE_INFINITY;
  /** How much later than its head the body of a watch comes. */
  bodyDelayMs = 0;
  /** What befalls the requests of the next run. */
  faults: FaultPlan = {};
  /** Resources that are answered 403. */
  readonly forbidden = new Set<string>();
  /** How much later than the clock the time of day is. */
  sleptMs = 0;
  readonly #random = new Random(1).next;

  /** @param cluster clusters of one number give the same uids to the same objects */
  constructor(cluster = 1) {
    this.server = memoryApiServer({
      clock: this.clock,
      random: new Random(cluster).next,
      authorize: ({ resource }) => !this.forbidden.has(resource),
    });
  }

  /** One call of the hook. */
  async run(options: RunOptions = {}): Promise<HookRun> {
    const before = this.server.requests.length;
    const causes: string[] = [];
    const dynamicWatcher = this.dynamicWatcher(options, causes);
    const { setup, timeoutMs = 10_000, graceMs, signal } = options;
    const summary = await this.drive(async () => {
      await dynamicWatcher.start();
      await setup?.(dynamicWatcher);
      return dynamicWatcher.runUntilIdle({ timeoutMs, graceMs, signal });
    });
    const requests = this.server.requests.slice(before).map(describeRequest);
    return { summary, causes, requests: requests.filter((line) => line !== "get namespaces") };
  }

  dynamicWatcher(options: RunOptions = {}, causes: string[] = []): DynamicWatcher {
    const { setup: _, reconcile, timeoutMs: _timeout, graceMs: _grace, signal: _signal, ...rest } = options;
    const log = (...line: unknown[]) => this.logged.push(line);
    return new DynamicWatcher({
      logger: { warn: log, error: log },
      ...rest,
      clock: this.clock,
      random: this.#random,
      transport: this.#transport(),
      checkpoint: checkpoint(this.keptIn, { now: () => this.clock.now() + this.sleptMs }),
      reconcile: (watcher, context) => {
        causes.push(...context.causes.map((cause) => `${watcher.name}: ${formatCause(cause)}`));
        return reconcile?.(watcher, context);
      },
    });
  }

  #transport(): Transport {
    const { clock, bodyDelayMs, faults, streams } = this;
    const transport = withFaults(this.server.transport("hook"), faults, { clock });
    return {
      limits: { streams },
      async request(request) {
        const response = await transport.request(request);
        return request.stream && bodyDelayMs > 0 ? { ...response, body: late(response.body) } : response;
      },
      close: () => transport.close(),
    };
    async function* late(body: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
      await delay(clock, bodyDelayMs);
      yield* body;
    }
  }

  /** Lets time go by until `work` is done. */
  async drive<T>(work: () => Promise<T>): Promise<T> {
    let over = false;
    const result = work().finally(() => {
      over = true;
    });
    result.catch(() => undefined);
    for (let turn = 0; !over && turn < 2_000; turn += 1) await this.clock.advance(50);
    if (!over) throw new Error("It has not ended in 100 s of the clock");
    return result;
  }

  async create(id: ObjectIdentifier, data: Record<string, string> = {}): Promise<void> {
    const { version: apiVersion, kind, namespace, name } = id;
    await this.server.create({ apiVersion, kind, metadata: { name, ...(namespace && { namespace }) }, data });
  }

  async change(id: ObjectIdentifier, data: Record<string, string>): Promise<void> {
    await this.server.patch(id, { data }, { type: "merge" });
  }

  async delete(id: ObjectIdentifier): Promise<void> {
    await this.server.delete(id);
  }
}

/** A hook in a namespace that has these ConfigMaps. */
export async function hookWith(...names: string[]): Promise<Hook> {
  const hook = new Hook();
  await hook.create({ version: "v1", kind: "Namespace", name: "ns" });
  for (const name of names) await hook.create(configMap(name));
  return hook;
}

export function configMap(name: string): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "ns", name };
}

export function configMaps(selector = ""): ObjectIdentifier {
  return { version: "v1", kind: "ConfigMap", namespace: "ns", selector };
}

/** A watcher: no such object exists. */
export function app(name: string): ObjectIdentifier {
  return { group: "apps", version: "v1", kind: "Deployment", namespace: "ns", name };
}

function formatCause(cause: Cause): string {
  if (!("watched" in cause)) return cause.type;
  const { kind, name, selector } = cause.watched;
  if (!("relisted" in cause))
    return `${cause.type} ${kind}${name === undefined ? `?${selector}` : `/${name}`}`;
  const object = (cause.after ?? cause.before)?.name;
  return `${cause.type} ${kind}/${object}${cause.relisted ? " relisted" : ""}`;
}

function describeRequest({ path }: { readonly path: string }): string {
  const { pathname, searchParams: query } = new URL(path, "http://embedded.invalid");
  const parts = pathname.split("/").slice(pathname.startsWith("/apis") ? 4 : 3);
  const [first, , second] = parts;
  if (first === undefined) return `discover ${pathname}`;
  if (first === "namespaces" && second === undefined) return "get namespaces";
  const resource = first === "namespaces" ? second : first;
  if (query.get("sendInitialEvents") === "true") return `list ${resource}`;
  if (query.get("watch")) return `watch ${resource} from ${query.get("resourceVersion")}`;
  return query.get("limit") === "1" ? `newest ${resource}` : `list ${resource}`;
}
