// What programs inside a runtime do with a transport, and how they tell of it. It needs nothing but the web's globals.
import { ApiClient, DependencyWatchError, DynamicWatcher, type Transport } from "../../../mod.ts";

/** A kind of objects that a program may make, watch and delete. */
export interface ProbedKind {
  readonly kind: "ConfigMap" | "Secret";
  readonly namespace: string;
}

/** What the DynamicWatcher of `causesOf` must tell. */
export const ALL_CAUSES = "ADDED, MODIFIED, DELETED";

/** Who the API server takes the transport for, with groups of its own, or the status in place of that. */
export async function whoAmI(transport: Transport): Promise<string> {
  const { status, body } = await transport.request({
    method: "POST",
    path: "/apis/authentication.k8s.io/v1/selfsubjectreviews",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  if (status !== 201) return String(status);
  const { username, groups = [] } = JSON.parse(text).status.userInfo;
  const own = groups.filter((group: string) => group !== "" && !group.startsWith("system:"));
  return own.length === 0 ? username : `${username} of ${own.join(", ")}`;
}

/** Opens a stream and reads what comes first: its status, 200 only when something came. */
export async function streamStatus(
  transport: Transport,
  { kind, namespace }: ProbedKind,
): Promise<number | "empty"> {
  const initial = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
  const path = `/api/v1/namespaces/${namespace}/${kind.toLowerCase()}s?watch=1&${initial}`;
  const { status, body } = await transport.request({ method: "GET", path, stream: true });
  const chunks = body[Symbol.asyncIterator]();
  const { done } = await chunks.next();
  await chunks.return?.();
  return done ? "empty" : status;
}

/**
 * Watches an object while it is made, changed and deleted, and tells the causes of the reconciles.
 *
 * @param options `cache`: whether whole objects come, and are looked at; `cut`: cuts all connections off once the object
 * is made
 */
export async function causesOf(
  transport: Transport,
  { kind, namespace }: ProbedKind,
  { cache = false, cut }: { cache?: boolean; cut?: (() => Promise<void>) | undefined } = {},
): Promise<string> {
  const client = new ApiClient(transport);
  const identifier = { version: "v1", kind, namespace, name: `probe-${Math.random().toString(36).slice(2)}` };
  const seen: string[] = [];
  let more = () => {};
  const watcher = new DynamicWatcher({
    transport,
    cache,
    logger: false,
    reconcile(_, { causes }) {
      seen.push(...causes.map(({ type }) => type));
      more();
    },
  });
  async function until(count: number): Promise<void> {
    while (seen.length < count) await new Promise<void>((resolve) => (more = resolve));
  }
  await watcher.start();
  await watcher.addWatcher({ version: "v1", kind: "Virtual", name: "me" }, identifier);
  const { version, name } = identifier;
  const made = await client.create({ apiVersion: version, kind, metadata: { namespace, name } });
  await until(1);
  await cut?.();
  const changed = { ...made, metadata: { ...made.metadata, labels: { changed: "true" } } };
  // Over a connection that was cut off while it was idle, the first one may fail.
  await client.update(changed).catch(() => client.update(changed));
  await until(2);
  if (cache) {
    const cached = watcher.getFromCache<{ metadata: { labels?: object } }>(identifier);
    if (JSON.stringify(cached?.metadata.labels) !== `{"changed":"true"}`)
      return "another object is in the cache";
  }
  await client.delete(identifier);
  await until(3);
  await watcher.stop();
  return seen.join(", ");
}

/** The code of an error, and the field that it names. */
export function formatError(error: unknown): string {
  if (!(error instanceof DependencyWatchError)) return String(error);
  return "field" in error ? `${error.code} ${error.field}` : error.code;
}

/** From now on counts the timers that are set and neither cleared nor over. */
export function countTimers(): () => number {
  const pending = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  function set(callback: () => void, ms?: number): unknown {
    const timer = setTimeout(() => {
      pending.delete(timer);
      callback();
    }, ms);
    pending.add(timer);
    return timer;
  }
  function clear(timer: ReturnType<typeof setTimeout>): void {
    pending.delete(timer);
    clearTimeout(timer);
  }
  Object.assign(globalThis, { setTimeout: set, clearTimeout: clear });
  return () => pending.size;
}

/** From now on counts the rejections that nobody handles; workerd reports some early, and takes them back. */
export function countUnhandled(): () => number {
  const unhandled = new Set<unknown>();
  globalThis.addEventListener("unhandledrejection", ({ promise }) => void unhandled.add(promise));
  globalThis.addEventListener("rejectionhandled", ({ promise }) => void unhandled.delete(promise));
  return () => unhandled.size;
}
