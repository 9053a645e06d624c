import * as v from "valibot";
import { aFunction, checkInputs } from "../kubernetes/inputs.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";
import { linkedController } from "../support/abort.ts";
import { value } from "../support/checked.ts";
import { delay, epochMs } from "../support/clock.ts";
import type { Checkpoint, RunSnapshot } from "../watchers/checkpoint_contract.ts";
import { decodeBody, encodeBody, type SnapshotContext } from "./checkpoint_body.ts";
import { type CheckpointStore, type KeyValueStore, keyValueStore } from "./checkpoint_store.ts";
import { type ClusterQuestions, clusterIdentity, newestVersion, resourceName } from "./cluster_state.ts";
import { open, seal } from "./envelope.ts";
import { CheckpointRefusedError, CheckpointStoreError } from "./errors.ts";

/** Options of `checkpoint`. */
export interface CheckpointOptions {
  /** Under which key the store has it: one for each function and API server. Default "kubernetes-dependency-watches". */
  readonly key?: string | undefined;
  /** The time in milliseconds since 1970, for what is due later. Default: the runtime's own. */
  readonly now?: (() => number) | undefined;
}

/** What a store had, when it could be gone on from. */
type Kept = SnapshotContext & { readonly snapshot: RunSnapshot };

const inputs = {
  key: v.optional(value((input) => typeof input === "string" && input !== "", "it must be a text")),
  now: v.optional(aFunction),
};
const DEFAULT_KEY = "kubernetes-dependency-watches";
/** How long the API server may take to say who it is. */
const LONGEST_QUESTION_MS = 5_000;

/**
 * Keeps what a DynamicWatcher knows when it stops, for the next one that starts with the same store and key.
 *
 * @param store has get, set and delete, as a Map has, or getItem, setItem and removeItem, as unstorage and the web's
 * Storage have; with promises or without
 * @throws InvalidInputError for another store, and for an option at fault
 *
 * @example
 * ```ts
 * import { DynamicWatcher } from "kubernetes-dependency-watches";
 * import { checkpoint } from "kubernetes-dependency-watches/serverless";
 * import { memoryApiServer } from "kubernetes-dependency-watches/transports/memory";
 *
 * const transport = memoryApiServer().transport();
 * const store = new Map<string, string>();
 * const secret = { version: "v1", kind: "Secret", namespace: "default", name: "db" };
 * const app = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
 *
 * async function hook() {
 *   const dynamicWatcher = new DynamicWatcher({ transport, reconcile() {}, checkpoint: checkpoint(store) });
 *   await dynamicWatcher.start();
 *   await dynamicWatcher.addWatcher(app, secret);
 *   return dynamicWatcher.runUntilIdle({ timeoutMs: 10_000 });
 * }
 * (await hook()).start; // "cold"
 * (await hook()).start; // "warm"
 * ```
 */
export function checkpoint(store: CheckpointStore, options: CheckpointOptions = {}): Checkpoint {
  checkInputs("keep a checkpoint", inputs, options);
  const { key = DEFAULT_KEY, now = epochMs } = options;
  const entry = new StoreEntry(keyValueStore(store), key);
  let cluster: string | undefined;
  return {
    async load({ transport, logger, clock, signal }) {
      const limited = linkedController(signal);
      delay(clock, LONGEST_QUESTION_MS, limited).then(limited.abort, () => undefined);
      const questions = { transport, signal: limited.signal };
      try {
        const [value, identity] = await Promise.all([entry.read(), clusterIdentity(questions)]);
        cluster = identity;
        if (value === null || value === undefined) return {};
        const kept = keptOf(value, { now: now(), cluster });
        cluster ??= kept.cluster;
        return { snapshot: await upToDate(kept.snapshot, questions) };
      } catch (error) {
        if (!(error instanceof CheckpointRefusedError)) throw error;
        logger.warn(error.message, error);
        return { refused: error };
      } finally {
        limited.abort(undefined);
        limited.unlink();
      }
    },
    async save(snapshot) {
      const body = encodeBody(snapshot, { takenAt: now(), cluster });
      const [, , , served, , due] = body;
      await (served.length + due.length > 0 ? entry.write(seal(body)) : entry.remove());
    },
  };
}

/** @throws CheckpointRefusedError */
function keptOf(value: unknown, { now, cluster }: { now: number; cluster: string | undefined }): Kept {
  const kept = decodeBody(open(value), { now });
  if (cluster === undefined || kept.cluster === undefined || cluster === kept.cluster) return kept;
  throw new CheckpointRefusedError("server", "it tells of another cluster");
}

/** The snapshot with what is newest by now; what is ahead of that, as before a restored backup, is to be listed. */
async function upToDate(snapshot: RunSnapshot, questions: ClusterQuestions): Promise<RunSnapshot> {
  const asked = new Map<string, Promise<string | undefined>>();
  const served = Array.from(snapshot.served, async (one) => {
    const name = resourceName(one.watched);
    const asking = asked.get(name) ?? newestVersion(questions, one);
    asked.set(name, asking);
    const newest = await asking;
    const ahead = newest !== undefined && (compareResourceVersions(one.resourceVersion, newest) ?? 0) > 0;
    return { ...one, newestVersion: newest, resourceVersion: ahead ? "" : one.resourceVersion };
  });
  return { ...snapshot, served: await Promise.all(served) };
}

/** One entry of a store, with its failures as our own. */
class StoreEntry {
  readonly #store: KeyValueStore;
  readonly #key: string;

  constructor(store: KeyValueStore, key: string) {
    this.#store = store;
    this.#key = key;
  }

  async read(): Promise<unknown> {
    try {
      return await this.#store.get(this.#key);
    } catch (error) {
      throw new CheckpointStoreError("read", error);
    }
  }

  async write(value: string): Promise<void> {
    await this.#change(() => this.#store.set(this.#key, value));
  }

  async remove(): Promise<void> {
    await this.#change(() => this.#store.delete(this.#key));
  }

  async #change(change: () => unknown): Promise<void> {
    try {
      await change();
    } catch (error) {
      throw new CheckpointStoreError("write", error);
    }
  }
}
