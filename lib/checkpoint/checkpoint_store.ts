import { InvalidInputError } from "../kubernetes/errors.ts";

/** Where a checkpoint is kept, as a `Map` and many a client of a key-value store have it. Promises are awaited. */
export interface KeyValueStore {
  /** The text that was set, or what a JSON parser makes of it; null or undefined where nothing was. */
  get(key: string): unknown;
  /** All or nothing, as far as the store can: a torn value is found out, and costs a cold start. */
  set(key: string, value: string): unknown;
  /** Also where there is nothing. */
  delete(key: string): unknown;
}

/** The same where `set` is called `put`, as in a namespace of Workers KV. */
export interface PutStore extends Omit<KeyValueStore, "set"> {
  /** As `set`. */
  put(key: string, value: string): unknown;
}

/** The same by the names of the web's Storage and of unstorage, whose drivers and storages both fit. */
export interface ItemStore {
  /** As `get`. */
  getItem(key: string): unknown;
  /** As `set`. A driver that cannot write has none, and is refused. */
  setItem?(key: string, value: string, options: object): unknown;
  /** As `delete`. */
  removeItem?(key: string, options: object): unknown;
}

/** What `checkpoint` takes for a store. */
export type CheckpointStore = KeyValueStore | PutStore | ItemStore;

/**
 * The store by one set of names.
 *
 * @throws InvalidInputError for what has none
 */
export function keyValueStore(store: CheckpointStore): KeyValueStore {
  if (has(store, "get", "set", "delete")) return store as KeyValueStore;
  if (has(store, "get", "put", "delete")) {
    const put = store as PutStore;
    return {
      get: (key) => put.get(key),
      set: (key, value) => put.put(key, value),
      delete: (key) => put.delete(key),
    };
  }
  if (!has(store, "getItem", "setItem", "removeItem")) {
    const problem = "it must have get, set or put, and delete, or getItem, setItem and removeItem";
    throw new InvalidInputError("store", `Cannot keep a checkpoint in the store: ${problem}`);
  }
  const items = store as Required<ItemStore>;
  return {
    get: (key) => items.getItem(key),
    // A driver of unstorage reads its last argument.
    set: (key, value) => items.setItem(key, value, {}),
    delete: (key) => items.removeItem(key, {}),
  };
}

function has(store: object | null | undefined, ...methods: string[]): boolean {
  return methods.every(
    (name) => typeof (store as Record<string, unknown> | null | undefined)?.[name] === "function",
  );
}
