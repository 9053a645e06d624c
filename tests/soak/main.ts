// npm run soak -- [--minutes N] [--server real|embedded] [--leak memory|stream] [--write docs/soak.md]
import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { DynamicWatcher, type ReconcileContext, type ReconcileResult } from "../../mod.ts";
import { undiciTransport } from "../../transports/undici.ts";
import { controlPlaneAssets, skipReason } from "../fixtures/control_plane_assets.ts";
import { until } from "../fixtures/control_plane_until.ts";
import { writeSection } from "../fixtures/document_section.ts";
import { Random } from "../fixtures/random.ts";
import { Churn } from "./churn.ts";
import { type Leak, leakNow } from "./leak.ts";
import { exceeding, openResources, type Sample, takeSample } from "./sample.ts";
import { type ServerKind, SoakServer } from "./soak_server.ts";
import { formatRun } from "./soak_table.ts";
import { findGrowth } from "./verdict.ts";

const SAMPLES = 60;
/** On a machine that is busy with other things they take longer. */
const FEWEST_SAMPLES = 6;
/** Between two samples there must be time for something to happen. */
const SHORTEST_INTERVAL_MS = 1_500;

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "5" },
    server: { type: "string" },
    leak: { type: "string" },
    write: { type: "string" },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0)) throw new Error("Cannot run: --minutes must be a number above 0");
if (globalThis.gc === undefined) throw new Error("Cannot run: node needs --expose-gc");
const kind = oneOf<ServerKind>("server", values.server ?? (controlPlaneAssets() ? "real" : "embedded"), [
  "real",
  "embedded",
]);
if (kind === "real" && !controlPlaneAssets()) throw new Error(`Cannot run: ${skipReason}`);
const leak = values.leak === undefined ? undefined : oneOf<Leak>("leak", values.leak, ["memory", "stream"]);

const random = new Random(2);
const server = await SoakServer.start(kind);
const before = openResources();
const transport = undiciTransport(server.connection);
let reconciles = 0;
let resting = true;
const dynamicWatcher = new DynamicWatcher({
  transport,
  reconcile,
  cache: true,
  maxConcurrentReconciles: 4,
  logger: false,
});
const churn = new Churn(dynamicWatcher, random);
const started = performance.now();
const samples: Sample[] = [];
await dynamicWatcher.start();
await churn.ground();
await sample();

const endMs = minutes * 60_000;
const intervalMs = Math.max(SHORTEST_INTERVAL_MS, endMs / SAMPLES);
while (elapsedMs() < endMs || samples.length < FEWEST_SAMPLES) {
  await server.resume();
  churn.resume();
  resting = false;
  await delay(intervalMs);
  resting = true;
  await churn.pause();
  await server.pause();
  await sample();
}
const doings = await server.pause();
await dynamicWatcher.stop();
await transport.close();
await until(() => exceeding(before, openResources()).length === 0, {
  what: "all to end",
  timeoutMs: 5_000,
}).catch(() => {});
const left = exceeding(before, openResources());
const counts = { calls: churn.calls, reconciles, ...doings };
const problems = [
  ...findGrowth(samples),
  ...left.map((what) => `after the stop: ${what}`),
  ...Object.entries(counts).flatMap(([name, count]) => (count > 0 ? [] : [`there were no ${name}`])),
  ...churn.problems.map((error) => `a call was told: ${error}`),
];
await server.stop();

const lines = formatRun({ samples, counts, kind, minutes, left });
console.log(lines.join("\n"));
for (const problem of problems.slice(0, 20)) console.error(problem);
console.log(problems.length === 0 ? "flat" : `not flat: ${problems.length} problems`);
if (values.write !== undefined && problems.length === 0)
  await writeSection(values.write, { name: "soak", lines });
if (problems.length > 0) process.exitCode = 1;

async function sample(): Promise<void> {
  const ground = samples[0];
  const streams = ground?.streamCount ?? dynamicWatcher.watchCount;
  await until(() => dynamicWatcher.streamCount === streams, {
    what: "the streams of the ground state",
  }).catch(() => {});
  samples.push(
    await takeSample(dynamicWatcher, { ground, atSeconds: elapsedMs() / 1_000, calls: churn.calls }),
  );
}

/** What users' functions do: answer at once, wait, ask to be called again, fail. At rest only the first. */
async function reconcile(_watcher: object, context: ReconcileContext): Promise<ReconcileResult | undefined> {
  reconciles += 1;
  if (leak !== undefined) leakNow(leak, { context, transport });
  if (resting || random.chance(0.5)) return undefined;
  await delay(random.between(0, 5));
  if (random.chance(0.1)) throw new Error("a run that fails");
  return random.chance(0.2) ? { requeueAfterMs: random.between(1, 2_000) } : undefined;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const choice = choices.find((one) => one === text);
  if (choice === undefined) throw new Error(`Cannot run: --${name} must be ${choices.join(" or ")}`);
  return choice;
}

function elapsedMs(): number {
  return performance.now() - started;
}
