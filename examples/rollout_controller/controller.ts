import {
  ApiClient,
  ApiError,
  DynamicWatcher,
  type Frozen,
  identifierOf,
  type ObjectIdentifier,
  type Query,
  type ReconcileContext,
  type Transport,
} from "../../mod.ts";
import { type Contents, checksumOf, type Holding } from "./checksum.ts";
import { type PodTemplateLike, type Reference, referencesOf } from "./references.ts";
import type { Report } from "./report.ts";

/** A Deployment that says "true" here is rolled out when what its pods read changes. */
export const OPT_IN = "rollout.kdw.dev/restart-on-change";
/** Where the pod template carries the checksum; a new one makes Kubernetes replace the pods. */
export const CHECKSUM = "rollout.kdw.dev/checksum";

interface Deployment {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec?: { readonly template?: PodTemplateLike };
}

/** A Deployment that takes part, and what it depended on when it was last looked at. */
interface Member {
  readonly deployment: ObjectIdentifier;
  references: readonly Reference[];
}

export interface RolloutControllerOptions {
  readonly transport: Transport;
  /** Whose Deployments; undefined: those of all namespaces. */
  readonly namespace?: string | undefined;
  readonly report: (report: Report) => void;
}

/** A watcher that is no object of the cluster: it keeps track of which Deployments take part. */
const FLEET: ObjectIdentifier = {
  group: "rollout.kdw.dev",
  version: "v1",
  kind: "Fleet",
  name: "deployments",
};

/**
 * Rolls Deployments out when a ConfigMap or Secret changes that their pod template names.
 *
 * There are two kinds of watchers. The fleet depends on all Deployments and makes a watcher of each that takes part;
 * such a Deployment depends on itself and on exactly what its template names at the moment.
 */
export class RolloutController {
  readonly #watcher: DynamicWatcher;
  readonly #client: ApiClient;
  readonly #deployments: ObjectIdentifier;
  readonly #report: (report: Report) => void;
  readonly #members = new Map<string, Member>();

  constructor({ transport, namespace, report }: RolloutControllerOptions) {
    const logger = {
      warn: (message: string, error?: unknown) => report({ type: "trouble", message, error }),
      error: (message: string, error?: unknown) => report({ type: "trouble", message, error }),
    };
    this.#client = new ApiClient(transport, { logger });
    this.#deployments = { group: "apps", version: "v1", kind: "Deployment", namespace, selector: "" };
    this.#report = report;
    this.#watcher = new DynamicWatcher({
      transport,
      logger,
      cache: true,
      maxConcurrentReconciles: 4,
      reconcile: (watcher, context) =>
        watcher.kind === FLEET.kind ? this.#reconcileFleet() : this.#reconcileMember(watcher, context),
    });
  }

  /** How many things are watched: the set of all Deployments, each that takes part, and what these depend on. */
  get watchCount(): number {
    return this.#watcher.watchCount;
  }

  /** Resolves when the Deployments are watched; rejects when they cannot be, or with the reason of `signal`. */
  async start({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    await this.#watcher.start({ signal });
    await this.#watcher.addWatcher(FLEET, this.#deployments, { signal });
  }

  /** Ends all watches and waits for what is being written. */
  async stop(): Promise<void> {
    await this.#watcher.stop();
    this.#members.clear();
  }

  async #reconcileFleet(): Promise<void> {
    const deployments = await this.#watcher.query(FLEET, (query) =>
      query.list<Deployment>(this.#deployments),
    );
    const wanted = new Map(
      deployments
        .filter(takesPart)
        .map((deployment) => identifierOf(deployment))
        .map((deployment) => [keyOf(deployment), deployment]),
    );
    const gone = [...this.#members].filter(([key]) => !wanted.has(key));
    const fresh = [...wanted].filter(([key]) => !this.#members.has(key));
    await Promise.all([
      ...gone.map(([, { deployment }]) => this.#release(deployment)),
      ...fresh.map(([, deployment]) => this.#admit(deployment)),
    ]);
  }

  async #admit(deployment: ObjectIdentifier): Promise<void> {
    const key = keyOf(deployment);
    this.#members.set(key, { deployment, references: [] });
    try {
      await this.#watcher.addWatcher(deployment, deployment);
    } catch (error) {
      this.#members.delete(key);
      throw error;
    }
  }

  async #release(deployment: ObjectIdentifier): Promise<void> {
    this.#members.delete(keyOf(deployment));
    await this.#watcher.removeWatcher(deployment, { endBatch: true });
    this.#report({ type: "released", deployment });
  }

  async #reconcileMember(deployment: ObjectIdentifier, { causes, signal }: ReconcileContext): Promise<void> {
    const findings = await this.#watcher.query(deployment, (query) => readAll(query, deployment));
    if (!findings) return;
    const { current, references, holdings } = findings;
    this.#reportWatches(deployment, references);
    const missing = references.filter(({ optional }, index) => !optional && !holdings[index]?.contents);
    if (missing.length > 0) return this.#report({ type: "waits", deployment, missing });
    const checksum = await checksumOf(holdings);
    if (references.length === 0 || current.spec?.template?.metadata?.annotations?.[CHECKSUM] === checksum) {
      return this.#report({ type: "current", deployment });
    }
    const patch = {
      metadata: { resourceVersion: current.metadata.resourceVersion },
      spec: { template: { metadata: { annotations: { [CHECKSUM]: checksum } } } },
    };
    try {
      await this.#client.patch(deployment, patch, { type: "merge", signal });
    } catch (error) {
      // Somebody has written since, maybe this very controller: the event of that write is on its way.
      if (error instanceof ApiError && error.status === 409) return;
      throw error;
    }
    this.#report({ type: "rollout", deployment, checksum, causes });
  }

  #reportWatches(deployment: ObjectIdentifier, references: readonly Reference[]): void {
    const member = this.#members.get(keyOf(deployment));
    if (!member) return;
    const added = references.filter((reference) => !includes(member.references, reference));
    const dropped = member.references.filter((reference) => !includes(references, reference));
    member.references = references;
    if (added.length + dropped.length > 0) this.#report({ type: "watches", deployment, added, dropped });
  }
}

interface Findings {
  readonly current: Frozen<Deployment>;
  readonly references: readonly Reference[];
  readonly holdings: readonly Holding[];
}

/**
 * The Deployment, what its template names, and what that holds; it depends on all of it from then on. Undefined where
 * it takes part no longer: the fleet is about to release it.
 */
async function readAll(query: Query, deployment: ObjectIdentifier): Promise<Findings | undefined> {
  const current = await query.get<Deployment>(deployment);
  if (!current || !takesPart(current)) return undefined;
  const references = referencesOf(current.spec?.template ?? {});
  const holdings = await Promise.all(
    references.map(async ({ kind, name }) => {
      const identifier = { version: "v1", kind, namespace: deployment.namespace, name };
      return { kind, name, contents: await query.get<Contents>(identifier) };
    }),
  );
  return { current, references, holdings };
}

function takesPart({ metadata }: Deployment): boolean {
  return metadata.annotations?.[OPT_IN] === "true";
}

function keyOf({ namespace, name }: ObjectIdentifier): string {
  return `${namespace}/${name}`;
}

function includes(references: readonly Reference[], { kind, name }: Reference): boolean {
  return references.some((reference) => reference.kind === kind && reference.name === name);
}
