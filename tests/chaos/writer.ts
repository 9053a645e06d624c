import { setTimeout as delay } from "node:timers/promises";
import type { ApiResponse, ControlPlane } from "../fixtures/control_plane.ts";
import { Random } from "../fixtures/random.ts";
import { type ChaosKind, GROUPS, labelsOf, marksOf, pathOf, type Target, targetsOf } from "./population.ts";

/** What the server said of an object last: its resource version, or that it is gone. */
type Acknowledged = string | "gone";

const LONGEST_ANSWER_MS = 2_000;
const PAUSE_AFTER_FAILURE_MS = 20;
/** How often a mark is tried: a server that is back may still refuse the first request. */
const TRIES = 50;

/** Creates, changes and deletes objects without a pause, past the relay, and remembers what the server acknowledged. */
export class Writer {
  readonly #controlPlane: ControlPlane;
  readonly #namespace: string;
  readonly #random: Random;
  readonly #record = new Map<string, Acknowledged>();
  #targets: readonly Target[];
  #count = 0;
  #failures = 0;
  #running = false;
  #done: Promise<void> = Promise.resolve();

  constructor(controlPlane: ControlPlane, namespace: string) {
    this.#controlPlane = controlPlane;
    this.#namespace = namespace;
    this.#random = new Random(1, namespace);
    this.#targets = targetsOf(namespace);
  }

  /** How many writes the server has acknowledged. */
  get count(): number {
    return this.#count;
  }

  /** How many were answered by an error, or not at all. */
  get failures(): number {
    return this.#failures;
  }

  /** What the server acknowledged last, by path; what may have happened unseen is not in it. */
  get record(): ReadonlyMap<string, Acknowledged> {
    return this.#record;
  }

  /** Makes all objects. */
  async fill(): Promise<void> {
    for (const target of this.#targets) await this.#putAtLast(target, { group: this.#random.pick(GROUPS) });
  }

  start(): void {
    this.#running = true;
    this.#done = this.#run();
  }

  /** Resolves when the last write is over. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  /** For each watched identifier, a change that concerns it. Throws where the server does not take it. */
  async mark(): Promise<void> {
    await Promise.all(
      marksOf(this.#namespace).map(async ({ kind, name, group }) => {
        const target = this.#targets.find(
          (candidate) => candidate.kind.kind === kind && candidate.name === name,
        ) as Target;
        await this.#putAtLast(target, { group });
      }),
    );
  }

  /** Forgets the objects of a kind; from now on they are written as `kind` says, or not at all. */
  replaceKind(resource: string, kind: ChaosKind | undefined): void {
    const [gone, kept] = [true, false].map((is) =>
      targetsOf(this.#namespace).filter((target) => (target.kind.resource === resource) === is),
    ) as [Target[], Target[]];
    for (const target of gone) this.#record.delete(this.#pathOf(target));
    this.#targets = kind ? [...kept, ...gone.map(({ name }) => ({ kind, name }))] : kept;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const target = this.#random.pick(this.#targets);
      const written = this.#random.chance(0.2)
        ? await this.#delete(target)
        : await this.#put(target, this.#random.chance(0.5) ? { group: this.#random.pick(GROUPS) } : {});
      if (!written) await delay(PAUSE_AFTER_FAILURE_MS);
    }
  }

  async #putAtLast(target: Target, fields: { group: string }): Promise<void> {
    for (let tries = 1; !(await this.#put(target, fields)); tries += 1) {
      if (tries === TRIES) throw new Error(`Cannot write ${this.#pathOf(target)}: the server refuses it`);
      await delay(PAUSE_AFTER_FAILURE_MS);
    }
  }

  /** Changes the object, or makes it where it is not there. */
  async #put(target: Target, { group }: { group?: string }): Promise<boolean> {
    const annotations = { tick: String(this.#count) };
    const patch = { metadata: { annotations, ...(group && { labels: labelsOf(this.#namespace, group) }) } };
    const answer = await this.#send("PATCH", target, patch);
    if (answer?.status !== 404) return this.#acknowledge(target, answer);
    const labels = labelsOf(this.#namespace, group ?? this.#random.pick(GROUPS));
    const { apiVersion, kind, body: rest } = target.kind;
    const body = { apiVersion, kind, ...rest, metadata: { name: target.name, annotations, labels } };
    return this.#acknowledge(target, await this.#send("POST", target, body));
  }

  async #delete(target: Target): Promise<boolean> {
    const answer = await this.#send("DELETE", target);
    if (answer?.status === 404) return true;
    return this.#acknowledge(target, answer, { gone: true });
  }

  #acknowledge(target: Target, answer: ApiResponse | undefined, { gone = false } = {}): boolean {
    const path = this.#pathOf(target);
    if (answer === undefined || answer.status > 299) {
      this.#record.delete(path);
      this.#failures += 1;
      return false;
    }
    this.#record.set(path, gone ? "gone" : answer.json.metadata.resourceVersion);
    this.#count += 1;
    return true;
  }

  async #send(method: string, target: Target, body?: object): Promise<ApiResponse | undefined> {
    const path = method === "POST" ? pathOf(target.kind, this.#namespace) : this.#pathOf(target);
    const signal = AbortSignal.timeout(LONGEST_ANSWER_MS);
    return this.#controlPlane.request(method, path, { body, signal }).catch(() => undefined);
  }

  #pathOf({ kind, name }: Target): string {
    return `${pathOf(kind, this.#namespace)}/${name}`;
  }
}
