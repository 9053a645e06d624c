import { ApiError, NoVersionedResourceError } from "../../lib/kubernetes/errors.ts";
import type { ObjectIdentifier } from "../../lib/kubernetes/identifier.ts";
import type { KubernetesObject, Labels } from "../../lib/kubernetes/object.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../lib/protocol/transport.ts";
import { type MemoryApiServer, memoryApiServer } from "../../transports/memory/mod.ts";
import type { FakeClock } from "../fixtures/fake_clock.ts";
import type { Random } from "../fixtures/random.ts";
import {
  type App,
  definitionOf,
  KINDS,
  kindNamed,
  NAMESPACES,
  type Place,
  placeNamed,
  type SimulatedKind,
  type Watched,
  watchedNamed,
} from "./catalogue.ts";
import type { Schedule, WriteStep } from "./schedule.ts";
import type { Totals } from "./totals.ts";

/** What is at a place of the server. */
interface Present {
  readonly uid: string;
  readonly resourceVersion: string;
  readonly labels: Labels;
}

/** What the cluster is made with. */
export interface ClusterOptions {
  readonly schedule: Schedule;
  readonly clock: FakeClock;
  readonly random: Random;
  readonly totals: Totals;
  /** The next moment of the simulation. */
  tick(): number;
}

const HOLD = "simulation.example.com/hold";
const CUSTOM_KINDS = KINDS.filter(({ custom }) => custom);
/** How many revisions the first server has behind it: one made from its backup never comes to where it was. */
const LIVED_REVISIONS = 2_000;

/** The API server, what is written to it, and what it then holds: the truth that a DynamicWatcher must come to. */
export class Cluster implements Transport {
  server: MemoryApiServer;
  /** The kinds that may not be read. */
  readonly revoked = new Set<string>();
  /** The kinds that were away at some time since the last rest. */
  readonly wereGone = new Set<string>();
  /** The custom kinds that are away. */
  readonly #gone = new Set<string>();
  readonly #options: ClusterOptions;
  readonly #places: readonly Place[];
  readonly #watched: readonly Watched[];
  readonly #present = new Map<Place, Present>();
  /** When the objects of an identifier changed last. */
  readonly #changedAt = new Map<Watched, number>();
  #transport: Transport;
  #backup: readonly KubernetesObject[] = [];
  #isRestored = false;
  #writes = 0;

  private constructor(options: ClusterOptions) {
    this.#options = options;
    this.#places = options.schedule.places.map(placeNamed);
    this.#watched = options.schedule.watched.map(watchedNamed);
    this.server = this.#newServer();
    this.#transport = this.server.transport("simulator");
  }

  static async open(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    const { steps } = options.schedule;
    if (steps.some((step) => step.do === "restoreBackup")) {
      for (let revision = 0; revision < LIVED_REVISIONS; revision += 1) cluster.server.restart();
    }
    await cluster.#furnish();
    return cluster;
  }

  /** As the DynamicWatcher reaches it: whichever server there is now answers. */
  request(request: TransportRequest): Promise<TransportResponse> {
    return this.#transport.request(request);
  }

  close(): Promise<void> {
    return this.#transport.close();
  }

  /** When the objects of an identifier changed last; 0: never. */
  changedAt(watched: Watched): number {
    return this.#changedAt.get(watched) ?? 0;
  }

  /** The objects of an identifier that the server has now, asked of it directly. */
  async objectsOf({ identifier, kind }: Watched): Promise<KubernetesObject[]> {
    if (!this.isServed(kind)) return [];
    if (identifier.name === undefined) return this.server.list(identifier);
    const object = await this.server.get(identifier);
    return object ? [object] : [];
  }

  /** Whether what is at a place belongs to an identifier. */
  isIncluded(place: Place, watched: Watched): boolean {
    const present = this.#present.get(place);
    return present !== undefined && watched.includes(place, present.labels);
  }

  isServed({ kind, custom }: SimulatedKind): boolean {
    return !custom || !this.#gone.has(kind);
  }

  async write(step: WriteStep): Promise<void> {
    const moment = this.#options.tick();
    try {
      await this.#write(step);
      this.#options.totals.count(`write ${step.do}`);
    } catch (error) {
      if (!(error instanceof ApiError || error instanceof NoVersionedResourceError)) throw error;
      this.#options.totals.count("write refused");
    }
    const places =
      "kind" in step ? this.#places.filter(({ kind }) => kind.kind === step.kind) : [placeNamed(step.place)];
    for (const place of places) await this.#look(place, moment);
  }

  /** Remembers what there is now. */
  async backUp(): Promise<void> {
    const objects = await Promise.all(this.#places.map((place) => this.#get(place)));
    this.#backup = objects.filter((object) => object !== undefined);
  }

  /**
   * Goes back, once, to what the backup holds, if only to nothing, on a server whose resource versions are lower. A
   * second time they would overtake those of the first, and no client can tell: false.
   */
  async restoreBackup(): Promise<boolean> {
    if (this.#isRestored) return false;
    this.#isRestored = true;
    const moment = this.#options.tick();
    const old = this.server;
    this.server = this.#newServer();
    this.server.down = old.down;
    this.#gone.clear();
    await this.#furnish();
    for (const { apiVersion, kind, metadata, ...fields } of this.#backup) {
      const { name, namespace, labels, annotations } = metadata ?? {};
      const kept = { name, ...(namespace && { namespace }), ...(labels && { labels }), annotations };
      await this.server.create({ ...fields, apiVersion, kind, metadata: kept });
    }
    this.#transport = this.server.transport("simulator");
    old.dropConnections();
    for (const place of this.#places) await this.#look(place, moment);
    return true;
  }

  /** Brings back what is missing or forbidden. */
  async heal(): Promise<void> {
    this.server.down = false;
    this.revoked.clear();
    for (const { kind } of CUSTOM_KINDS) await this.write({ do: "restoreKind", kind });
  }

  #newServer(): MemoryApiServer {
    const { clock, random, schedule } = this.#options;
    return memoryApiServer({
      clock,
      random: random.next,
      wallClock: () => new Date(clock.now()),
      historyLimit: schedule.settings.historyLimit,
      features: { watchList: schedule.settings.watchList },
      authorize: ({ resource }) => !this.revoked.has(resource),
    });
  }

  async #furnish(): Promise<void> {
    for (const name of NAMESPACES) {
      await this.server.create({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    for (const kind of CUSTOM_KINDS) await this.server.create(definitionOf(kind));
  }

  async #write(step: WriteStep): Promise<void> {
    if ("kind" in step) {
      const kind = kindNamed(step.kind);
      return step.do === "dropKind" ? this.#dropKind(kind) : this.#restoreKind(kind);
    }
    const place = placeNamed(step.place);
    const id = identifierOf(place);
    const exists = this.#present.has(place);
    switch (step.do) {
      case "put":
        return exists ? this.#change(place, step.app) : this.#create(place, step.app);
      case "relabel":
        return exists ? this.#change(place, step.app) : undefined;
      case "status":
        if (!exists) return;
        await this.server.patch(id, { status: { n: String(this.#next()) } }, { subresource: "status" });
        return;
      case "delete":
        await this.server.delete(id);
        return;
      case "recreate":
        await this.server.delete(id);
        return this.#create(place, "red");
      case "hold":
        if (exists) await this.server.patch(id, { metadata: { finalizers: [HOLD] } });
        return;
      case "letGo":
        if (exists) await this.server.patch(id, { metadata: { finalizers: null } });
        return;
      case "burst":
        for (let time = 0; exists && time < step.times; time += 1) await this.#change(place);
    }
  }

  async #create({ kind, namespace, name }: Place, app: App): Promise<void> {
    const metadata = { name, ...(namespace && { namespace }), ...(app && { labels: { app } }) };
    const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
    const annotations = { n: String(this.#next()) };
    await this.server.create({ apiVersion, kind: kind.kind, metadata: { ...metadata, annotations } });
  }

  async #change(place: Place, app?: App): Promise<void> {
    const labels = app === undefined ? {} : { labels: { app: app || null } };
    const annotations = { n: String(this.#next()) };
    await this.server.patch(identifierOf(place), { metadata: { annotations, ...labels } });
  }

  async #dropKind(kind: SimulatedKind): Promise<void> {
    if (!this.isServed(kind)) return;
    const own = this.#places.filter((place) => place.kind === kind && this.#present.has(place));
    for (const place of own) await this.server.patch(identifierOf(place), { metadata: { finalizers: null } });
    this.wereGone.add(kind.kind);
    this.#gone.add(kind.kind);
    await this.server.delete(definitionIdentifier(kind));
  }

  async #restoreKind(kind: SimulatedKind): Promise<void> {
    if (this.isServed(kind)) return;
    await this.server.create(definitionOf(kind));
    this.#gone.delete(kind.kind);
  }

  async #get(place: Place): Promise<KubernetesObject | undefined> {
    return this.isServed(place.kind) ? this.server.get(identifierOf(place)) : undefined;
  }

  /** Sees what a write has made of a place, and notes whose objects have changed. */
  async #look(place: Place, moment: number): Promise<void> {
    const before = this.#present.get(place);
    const object = await this.#get(place);
    const { uid = "", resourceVersion = "", labels = {} } = object?.metadata ?? {};
    const after = object && { uid, resourceVersion, labels };
    if (before?.resourceVersion === after?.resourceVersion && before?.uid === after?.uid) return;
    if (after) this.#present.set(place, after);
    else this.#present.delete(place);
    for (const watched of this.#watched) {
      const concerned = [before, after].some((one) => one && watched.includes(place, one.labels));
      if (concerned) this.#changedAt.set(watched, moment);
    }
  }

  #next(): number {
    this.#writes += 1;
    return this.#writes;
  }
}

function identifierOf({ kind, namespace, name }: Place): ObjectIdentifier {
  const { group, version, kind: kindName } = kind;
  return { ...(group && { group }), version, kind: kindName, ...(namespace && { namespace }), name };
}

function definitionIdentifier({ resource, group }: SimulatedKind): ObjectIdentifier {
  const kind = "CustomResourceDefinition";
  return { group: "apiextensions.k8s.io", version: "v1", kind, name: `${resource}.${group}` };
}
