import * as v from "valibot";
import { aFunction, checkInputs } from "../kubernetes/inputs.ts";
import { compareResourceVersions } from "../kubernetes/resource_version.ts";
import type { ServedSnapshot } from "../serve/serving.ts";
import { linkedController } from "../support/abort.ts";
import { value } from "../support/checked.ts";
import { epochMs } from "../support/clock.ts";
import type { Checkpoint, RunSnapshot } from "../watchers/checkpoint_contract.ts";
import { decodeBody, encodeBody, type SnapshotContext } from "./checkpoint_body.ts";
import { type CheckpointStore, keyValueStore } from "./checkpoint_store.ts";
import { type ClusterQuestions, clusterIdentity, newestVersion, resourceName } from "./cluster_state.ts";
import { open, seal } from "./envelope.ts";
import { CheckpointRefusedError } from "./errors.ts";
import { StoreEntry } from "./store_entry.ts";

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

/**
 * Keeps what a DynamicWatcher knows when it stops, for the next one that starts with the same store and key.
 *
 * @param store has get, set (or put) and delete, as a Map and Workers KV have, or getItem, setItem and removeItem, as
 * unstorage and the web's Storage have; with promises or without
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
      const whole = linkedController(signal);
      const questions = { transport, clock, signal: whole.signal };
      try {
        const [value, identity] = await Promise.all([entry.read(questions), clusterIdentity(questions)]);
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
        // What has failed leaves the rest without anybody who waits for it.
        whole.abort(undefined);
        whole.unlink();
      }
    },
    async save(snapshot, { clock }) {
      const body = encodeBody(snapshot, { takenAt: now(), cluster });
      const [, , , served, , due] = body;
      await (served.length + due.length > 0 ? entry.write(seal(body), { clock }) : entry.remove({ clock }));
    },
  };
}

/** @throws CheckpointRefusedError */
function keptOf(value: unknown, { now, cluster }: { now: number; cluster: string | undefined }): Kept {
  const kept = decodeBody(open(value), { now });
  if (cluster === undefined || kept.cluster === undefined || cluster === kept.cluster) return kept;
  throw new CheckpointRefusedError("server", "it tells of another cluster");
}

/** The snapshot with what is newest by now. */
async function upToDate(snapshot: RunSnapshot, questions: ClusterQuestions): Promise<RunSnapshot> {
  const asked = new Map<string, Promise<string | undefined>>();
  const served = Array.from(snapshot.served, (one) => {
    const name = resourceName(one.watched);
    const asking = asked.get(name) ?? newestVersion(questions, one);
    asked.set(name, asking);
    return goingOn(one, asking);
  });
  return { ...snapshot, served: await Promise.all(served) };
}

/** What is or may be ahead of what is newest, as before a restored backup, is to be listed. */
async function goingOn(served: ServedSnapshot, newest: Promise<string | undefined>): Promise<ServedSnapshot> {
  try {
    const newestVersion = await newest;
    const ahead =
      newestVersion !== undefined &&
      (compareResourceVersions(served.resourceVersion, newestVersion) ?? 0) > 0;
    return { ...served, newestVersion, ...(ahead && { resourceVersion: "" }) };
  } catch {
    return { ...served, resourceVersion: "" };
  }
}
