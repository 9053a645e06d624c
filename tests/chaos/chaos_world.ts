import { DynamicWatcher, type DynamicWatcherOptions, type ObjectIdentifier } from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { type ControlPlane, type Grant, type KeyPair, until } from "../fixtures/control_plane.ts";
import { startTcpRelay, type TcpRelay } from "../fixtures/tcp_relay.ts";
import { defineKind } from "./custom_kind.ts";
import { type ChaosKind, customKind, kindsOf, watchersOf } from "./population.ts";
import { Traffic } from "./traffic.ts";
import { Truth } from "./truth.ts";
import { Witness } from "./witness.ts";
import { Writer } from "./writer.ts";

const ROUND_MS = 2_000;

export interface ChaosWorldOptions extends Pick<DynamicWatcherOptions, "watchTimeoutMs"> {
  /** Logs in by certificate. Default: by a token. */
  readonly certificate?: KeyPair;
}

/** A DynamicWatcher with many watchers on a real API server behind a relay, and one who writes. */
export class ChaosWorld {
  readonly controlPlane: ControlPlane;
  readonly namespace: string;
  /** Between the DynamicWatcher and the API server; what is written goes past it. */
  readonly relay: TcpRelay;
  readonly traffic: Traffic;
  readonly dynamicWatcher: DynamicWatcher;
  readonly witness = new Witness();
  readonly writer: Writer;
  readonly #user: string;
  readonly #grants = new Map<string, Grant>();
  #healedAt: number | undefined;

  private constructor(
    place: { controlPlane: ControlPlane; user: string; namespace: string; relay: TcpRelay },
    { certificate, ...options }: ChaosWorldOptions,
  ) {
    this.controlPlane = place.controlPlane;
    this.#user = place.user;
    this.namespace = place.namespace;
    this.relay = place.relay;
    this.traffic = new Traffic(this.#connect(certificate));
    this.dynamicWatcher = new DynamicWatcher({
      ...options,
      transport: this.traffic,
      reconcile: (watcher, context) => this.witness.reconcile(watcher, context),
      cache: true,
      maxConcurrentReconciles: 4,
      logger: false,
    });
    this.witness.attach(this.dynamicWatcher);
    this.writer = new Writer(this.controlPlane, this.namespace);
  }

  /**
   * Makes the kinds, objects and permissions and adds all watchers. The DynamicWatcher's requests are those of `user`,
   * to whom nothing is allowed but to list and watch the kinds.
   */
  static async open(
    { controlPlane, user }: { controlPlane: ControlPlane; user: string },
    options: ChaosWorldOptions = {},
  ): Promise<ChaosWorld> {
    const namespace = await controlPlane.createNamespace();
    const relay = await startTcpRelay(controlPlane.server);
    const world = new ChaosWorld({ controlPlane, user, namespace, relay }, options);
    try {
      await defineKind(controlPlane, { kind: customKind(namespace), namespace, size: "string" });
      await Promise.all(kindsOf(namespace).map((kind) => world.allow(kind)));
      await world.writer.fill();
      await world.dynamicWatcher.start();
      await Promise.all(watchersOf(namespace).map(({ watcher, watched }) => world.depend(watcher, watched)));
      const [missing] = await world.caughtUp({ timeoutMs: 20_000 });
      if (missing !== undefined) throw new Error(`Cannot begin: ${missing}`);
      return world;
    } catch (error) {
      await world.close();
      throw error;
    }
  }

  /** Says that the fault is over: the time to recover begins, unless it has begun. */
  heal(): { healedAt: number } {
    this.#healedAt ??= performance.now();
    return { healedAt: this.#healedAt };
  }

  /** How many identifiers are watched. */
  get watchCount(): number {
    return this.dynamicWatcher.watchCount;
  }

  /** Adds dependencies to a watcher; they count as its own from now on. */
  async depend(watcher: ObjectIdentifier, watched: readonly ObjectIdentifier[]): Promise<void> {
    for (const id of watched) this.witness.expect(watcher, id);
    await Promise.all(watched.map((id) => this.dynamicWatcher.addWatcher(watcher, id)));
  }

  /** Adds again what has been blocked until now. */
  async addBlocked(): Promise<void> {
    const byName = new Map(watchersOf(this.namespace).map(({ watcher }) => [watcher.name, watcher]));
    const blocked = this.witness.blocked.splice(0);
    await Promise.all(
      blocked.map(({ watcher, watched }) => this.depend(byName.get(watcher) as ObjectIdentifier, [watched])),
    );
  }

  /** Allows the user to list and watch a kind; it holds when this resolves. */
  async allow({ apiVersion, resource }: ChaosKind): Promise<void> {
    const group = apiVersion.includes("/") ? apiVersion.replace(/\/.*/, "") : "";
    const permission = { apiGroups: [group], resources: [resource], verbs: ["list", "watch"] };
    this.#grants.set(resource, await this.controlPlane.grant(this.#user, permission));
  }

  /** Takes that back; it has ended when this resolves. */
  async forbid({ resource }: ChaosKind): Promise<void> {
    await this.controlPlane.revoke(this.#grants.get(resource) as Grant);
  }

  /** Logs in by another certificate, and trusts what the control plane trusts now; open streams go on. */
  async renewTransport(certificate: KeyPair): Promise<() => Promise<void>> {
    const former = this.traffic.replace(this.#connect(certificate));
    return () => former.close();
  }

  /** Waits until so many more changes are written. */
  async written(count: number): Promise<void> {
    const { writer } = this;
    const enough = writer.count + count;
    await until(() => writer.count >= enough, { what: `${count} more changes` });
  }

  /**
   * Waits until every watcher has been reconciled with what the server has, and answers what differs when that takes
   * too long. Nobody may write meanwhile.
   */
  async caughtUp({ timeoutMs }: { timeoutMs: number }): Promise<readonly string[]> {
    const deadline = performance.now() + timeoutMs;
    while (true) {
      // Asked again: a write that was given up may still come to something.
      const truth = await Truth.ask(this.controlPlane, this.namespace);
      const differences = () => truth.differences(this.witness);
      const agrees = () => this.witness.idle && differences().length === 0;
      await until(agrees, { what: "all watchers", timeoutMs: ROUND_MS }).catch(() => {});
      if (agrees() || performance.now() > deadline) return differences();
    }
  }

  async close(): Promise<void> {
    await this.writer.stop();
    await this.dynamicWatcher.stop({ graceMs: 1_000 });
    await this.traffic.close();
    await this.relay.refuse();
  }

  #connect(certificate: KeyPair | undefined) {
    const { ca } = this.controlPlane;
    const headers = { authorization: `Bearer ${this.controlPlane.token(this.#user)}` };
    return undiciTransport({
      baseUrl: this.relay.url,
      ...(certificate ? { tls: { ca, ...certificate } } : { tls: { ca }, headers }),
    });
  }
}
