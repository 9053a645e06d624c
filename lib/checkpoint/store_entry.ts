import { TimeoutError } from "../kubernetes/errors.ts";
import type { Clock } from "../support/clock.ts";
import type { KeyValueStore } from "./checkpoint_store.ts";
import { CheckpointStoreError } from "./errors.ts";
import { within } from "./time_limit.ts";

/** How long a store may take for one call: nobody waits for ever for one that hangs. */
const LONGEST_STORE_CALL_MS = 10_000;

/** What limits a call of the store. */
interface StoreCall {
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
}

/** One entry of a store, with its failures and its silence as our own. */
export class StoreEntry {
  readonly #store: KeyValueStore;
  readonly #key: string;

  constructor(store: KeyValueStore, key: string) {
    this.#store = store;
    this.#key = key;
  }

  read(call: StoreCall): Promise<unknown> {
    return limited("read", call, () => this.#store.get(this.#key));
  }

  async write(value: string, call: StoreCall): Promise<void> {
    await limited("write", call, () => this.#store.set(this.#key, value));
  }

  async remove(call: StoreCall): Promise<void> {
    await limited("write", call, () => this.#store.delete(this.#key));
  }
}

/** @throws CheckpointStoreError */
async function limited(verb: "read" | "write", call: StoreCall, work: () => unknown): Promise<unknown> {
  const timeout = (afterMs: number) =>
    new TimeoutError(`Cannot ${verb} the checkpoint: its store did not answer in ${afterMs} ms`, afterMs);
  try {
    return await within({ ...call, limitMs: LONGEST_STORE_CALL_MS, timeout }, async () => work());
  } catch (error) {
    throw new CheckpointStoreError(verb, error);
  }
}
