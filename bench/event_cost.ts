/**
 * What an event costs, from the bytes of a watch to the reconcile, with few and with many objects in the cache.
 *
 * The runs of each size take turns, and what counts is the ratio within one turn: the machine's speed drops out.
 * Exits with 1 when an event with 10,000 objects has less than 0.9 of the speed that it has with 10.
 *
 *     npm run bench
 */
import { DynamicWatcher, type Transport, type TransportResponse } from "../mod.ts";

const SIZES = [10, 1_000, 10_000];
const TURNS = 9;
const EVENTS = 20_000;
const FRAMES_PER_CHUNK = 20;
const LEAST_RATIO = 0.9;
/** Gives frames of about 1.6 KB, as a common Pod has. */
const PADDING = "x".repeat(1_200);

const encoder = new TextEncoder();

function frame(type: string, index: number, resourceVersion: number): string {
  const name = `pod-${String(index).padStart(6, "0")}`;
  const metadata = {
    name,
    namespace: "default",
    uid: `uid-${index}`,
    resourceVersion: String(resourceVersion),
    labels: { app: "web", tier: "front" },
    annotations: { "example.com/note": PADDING },
  };
  const spec = {
    nodeName: "node-1",
    containers: [{ name: "main", image: "web:1", env: [{ name: "A", value: "b" }] }],
  };
  return `${JSON.stringify({ type, object: { kind: "Pod", apiVersion: "v1", metadata, spec, status: { phase: "Running" } } })}\n`;
}

function endOfInitialEvents(resourceVersion: number): string {
  const annotations = { "k8s.io/initial-events-end": "true" };
  const metadata = { resourceVersion: String(resourceVersion), annotations };
  return `${JSON.stringify({ type: "BOOKMARK", object: { kind: "Pod", apiVersion: "v1", metadata } })}\n`;
}

/** The same events for every size: changes of the first ten objects, in turn. */
const eventChunks: Uint8Array[] = [];
for (let at = 0; at < EVENTS; at += FRAMES_PER_CHUNK) {
  const frames = Array.from({ length: FRAMES_PER_CHUNK }, (_, i) =>
    frame("MODIFIED", (at + i) % 10, 1_000_000 + at + i),
  );
  eventChunks.push(encoder.encode(frames.join("")));
}

const DISCOVERY = {
  kind: "APIResourceList",
  groupVersion: "v1",
  resources: [{ name: "pods", kind: "Pod", namespaced: true, verbs: ["get", "list", "watch"] }],
};

/** An API server that plays one watch: `size` objects, and the events once `go` resolves. */
function playback(size: number, go: Promise<void>): Transport {
  async function* json(value: unknown): AsyncGenerator<Uint8Array> {
    yield encoder.encode(JSON.stringify(value));
  }
  async function* watch(signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    for (let index = 0; index < size; index += 1) yield encoder.encode(frame("ADDED", index, index + 1));
    yield encoder.encode(endOfInitialEvents(size));
    await go;
    yield* eventChunks;
    await new Promise((_, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason), { once: true }),
    );
  }
  function answer(body: AsyncIterable<Uint8Array>): TransportResponse {
    return { status: 200, headers: { get: () => "application/json" }, body };
  }
  return {
    async request({ path, signal }) {
      if (path.includes("watch=1")) return answer(watch(signal));
      if (path === "/api") return answer(json({ kind: "APIVersions", versions: ["v1"] }));
      if (path === "/apis") return answer(json({ kind: "APIGroupList", groups: [] }));
      return answer(json(DISCOVERY));
    },
    async close() {},
  };
}

/** Events per second, from the first byte of the first event to the reconcile after the last. */
async function eventsPerSecond(size: number): Promise<number> {
  let release = () => {};
  const go = new Promise<void>((resolve) => {
    release = resolve;
  });
  let seen = () => {};
  const done = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const last = String(1_000_000 + EVENTS - 1);
  const dynamicWatcher = new DynamicWatcher({
    transport: playback(size, go),
    cache: true,
    initialReconcile: false,
    reconcile: (_watcher, { causes }) => {
      if (causes.some((cause) => "after" in cause && cause.after?.resourceVersion === last)) seen();
    },
  });
  await dynamicWatcher.start();
  await dynamicWatcher.addWatcher(
    { version: "v1", kind: "ConfigMap", namespace: "default", name: "watcher" },
    { version: "v1", kind: "Pod", namespace: "default", selector: "app=web" },
  );
  globalThis.gc?.();
  const started = performance.now();
  release();
  await done;
  const seconds = (performance.now() - started) / 1_000;
  await dynamicWatcher.stop();
  return EVENTS / seconds;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

for (const size of SIZES) await eventsPerSecond(size);
const turns: number[][] = [];
for (let turn = 0; turn < TURNS; turn += 1) {
  // Every other turn runs backwards, so that no size always comes after the largest.
  const order = turn % 2 === 0 ? SIZES : SIZES.toReversed();
  const speeds = new Map<number, number>();
  for (const size of order) speeds.set(size, await eventsPerSecond(size));
  turns.push(SIZES.map((size) => speeds.get(size) ?? Number.NaN));
}

const rows = SIZES.map((size, column) => {
  const speeds = turns.map((turn) => turn[column] ?? Number.NaN);
  const ratios = turns.map((turn) => (turn[column] ?? Number.NaN) / (turn[0] ?? Number.NaN));
  return { size, speed: median(speeds), ratio: median(ratios) };
});

console.log(
  `${EVENTS} events of ${Math.round((eventChunks[0]?.length ?? 0) / FRAMES_PER_CHUNK)} bytes, median of ${TURNS} turns`,
);
console.log("objects   events/s   us/event   speed against 10 objects");
for (const { size, speed, ratio } of rows) {
  const cells = [
    String(size).padStart(7),
    speed.toFixed(0).padStart(11),
    (1e6 / speed).toFixed(1).padStart(11),
    ratio.toFixed(2).padStart(8),
  ];
  console.log(cells.join(""));
}
const worst = rows.at(-1)?.ratio ?? Number.NaN;
if (!(worst >= LEAST_RATIO)) {
  console.error(
    `Missed: with ${SIZES.at(-1)} objects the ratio is ${worst.toFixed(2)}, less than ${LEAST_RATIO}`,
  );
  process.exitCode = 1;
}
