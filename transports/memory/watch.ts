import { formatGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { CancelTimer } from "../../lib/support/clock.ts";
import { type Answer, UNCACHED } from "./answer.ts";
import { ByteStream } from "./byte_stream.ts";
import { type Call, untilReached } from "./call.ts";
import type { Change, Viewer } from "./change.ts";
import type { Subscriber } from "./collection.ts";
import { type EventForm, eventForm } from "./forms.ts";
import { watchFrame } from "./json_text.ts";
import { isAmong, type ListOptions, listOptions, notARevision, revisionOf } from "./list_options.ts";
import { servedObject } from "./object_version.ts";
import { expired, internalError, StatusError } from "./status_error.ts";

const BOOKMARK_MS = 60_000;
/** A watch that is about to end says how far it got, this long before. */
const FAREWELL_MS = [2000, 1000];
const SHORTEST_TIMEOUT_MS = 30 * 60_000;

/** GET of a collection with `watch`. */
export function watchObjects(call: Call): Answer {
  const options = listOptions(call);
  const revision = revisionOf(options.resourceVersion);
  if (revision === undefined) throw internalError(notARevision(options.resourceVersion));
  const form = eventForm(call);
  return {
    status: 200,
    headers: { ...UNCACHED, "content-type": "application/json" },
    body: form ? watchStream(call, { revision, options, form }) : emptyStream(),
  };
}

function watchStream(call: Call, { revision, ...view }: View & { revision: number }): ByteStream {
  const watch = new Watch(call, view);
  watch.start(revision);
  return watch.stream;
}

function emptyStream(): ByteStream {
  const stream = new ByteStream();
  stream.end();
  return stream;
}

/** Which objects a watch shows, and how. */
interface View {
  readonly options: ListOptions;
  readonly form: EventForm;
}

/** One open watch. */
class Watch implements Subscriber {
  readonly stream = new ByteStream();
  readonly #call: Call;
  readonly #options: ListOptions;
  readonly #form: EventForm;
  readonly #viewer: Viewer;
  readonly #deadline: number;
  /** Events up to this revision are none of this watch's. */
  #from = 0;
  #cancelBookmark: CancelTimer = () => {};

  constructor(call: Call, { options, form }: View) {
    const { resource, cluster } = call;
    const { clock, random } = cluster;
    const timeoutMs = (options.timeoutSeconds ?? 0) * 1000 || SHORTEST_TIMEOUT_MS * (1 + random());
    this.#call = call;
    this.#options = options;
    this.#form = form;
    this.#viewer = { resource, form, isIn: (version) => isAmong(options.filter, version) };
    this.#deadline = clock.now() + timeoutMs;
    this.stream.onClose(clock.setTimeout(() => this.stream.end(), timeoutMs));
  }

  /** Sends what came before, and subscribes to what comes. */
  start(revision: number): void {
    const { sendInitialEvents } = this.#options;
    const { collection, resource } = this.#call;
    if (sendInitialEvents ?? revision === 0) {
      this.#startWithState(revision).catch((error) => this.#refuse(error));
    } else if (revision === 0) {
      this.#follow(this.#call.cluster.store.revision);
    } else if (revision < collection.floor) {
      const why = resource.cached
        ? `too old resource version: ${revision} (${collection.floor})`
        : "The resourceVersion for the provided watch is too old.";
      this.#refuse(expired(why));
    } else {
      const frames = collection.changesAfter(revision).flatMap((change) => change.frame(this.#viewer) ?? []);
      this.stream.sendPacked(frames);
      this.#follow(revision);
    }
  }

  changed(change: Change): void {
    if (change.revision <= this.#from) return;
    const frame = change.frame(this.#viewer);
    if (frame) this.stream.send(frame);
  }

  closed(): void {
    this.stream.end();
  }

  async #startWithState(notOlderThan: number): Promise<void> {
    const { cluster, collection, resource } = this.#call;
    await untilReached(this.#call, notOlderThan);
    const { revision } = cluster.store;
    const frames = collection
      .values()
      .filter(this.#viewer.isIn)
      .map((version) => watchFrame("ADDED", this.#form.shown(servedObject(version, resource))));
    this.stream.sendPacked(frames);
    if (this.#options.bookmarks && cluster.watchList)
      this.stream.send(this.#bookmark({ isInitialEnd: true }));
    this.#follow(revision);
  }

  #follow(from: number): void {
    this.#from = from;
    this.stream.onClose(this.#call.collection.subscribe(this));
    if (!this.#options.bookmarks || !this.#call.resource.cached) return;
    this.#armBookmark();
    this.stream.onClose(() => this.#cancelBookmark());
  }

  #armBookmark(): void {
    const { clock, store } = this.#call.cluster;
    const left = this.#deadline - clock.now();
    const farewells = FAREWELL_MS.map((before) => left - before).filter((delay) => delay > 0);
    const next = Math.min(BOOKMARK_MS, ...farewells);
    if (farewells.length === 0) return;
    this.#cancelBookmark = clock.setTimeout(() => {
      // A real server's revision moves by itself, so that each minute has its bookmark; a short quiet watch has none.
      const isDue = next === BOOKMARK_MS ? store.revision >= this.#from : store.revision > this.#from;
      if (isDue) this.stream.send(this.#bookmark({ isInitialEnd: false }));
      this.#armBookmark();
    }, next);
  }

  #refuse(error: unknown): void {
    if (error instanceof StatusError) {
      this.stream.send(watchFrame("ERROR", error.status));
      this.stream.end();
    } else this.stream.fail(error);
  }

  #bookmark({ isInitialEnd }: { isInitialEnd: boolean }): Uint8Array {
    const { cluster, resource } = this.#call;
    const resourceVersion = String(cluster.store.revision);
    const { kind, bookmarkAnnotations } = resource;
    const end = isInitialEnd && { "k8s.io/initial-events-end": "true" };
    const annotations = (end || bookmarkAnnotations) && { annotations: { ...bookmarkAnnotations, ...end } };
    const apiVersion = formatGroupVersion(resource);
    const object = resource.custom
      ? { apiVersion, kind, metadata: { ...annotations, resourceVersion } }
      : { kind, apiVersion, metadata: { resourceVersion, ...annotations }, ...resource.zero };
    return watchFrame("BOOKMARK", this.#form.shown(object));
  }
}
