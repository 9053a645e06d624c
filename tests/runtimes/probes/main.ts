// npm run runtimes:probes [-- --write docs/runtimes.md]
//
// Has each runtime reach a real API server in every way, by connect() and by each transport, and runs the core in workerd and
// in Chromium. What is written are the tables of all. Exits with 1 where something is not as the tests want it.
import process from "node:process";
import { parseArgs } from "node:util";
import { serve } from "../../../runtime/serve.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { type ControlPlane, startControlPlane } from "../../fixtures/control_plane.ts";
import { writeSection } from "../../fixtures/document_section.ts";
import { runtimes, versionOf } from "../runtimes.ts";
import { connectCases } from "./connect_case.ts";
import { type ConnectOutcome, expectedOutcomes, mayBeLeft, probeConnect } from "./connect_probe.ts";
import { connectWorld } from "./connect_world.ts";
import { expectedCore, probeChromium, probeWorkerd } from "./core_probe.ts";
import { type Column, tableLines } from "./tables.ts";
import { TOKEN_USER } from "./transport_cases.ts";
import { probeTransportsInChromium } from "./transport_page_probe.ts";
import { probeTransports, type TransportRun } from "./transport_probe.ts";
import { transportFailures, transportLines } from "./transport_table.ts";
import { probeTransportsInWorkerd } from "./transport_worker_probe.ts";
import { TransportWorld } from "./transport_world.ts";

const { values } = parseArgs({ options: { write: { type: "string" } } });
const tables = [...(await apiServerTables()), await coreTable()];
for (const { lines } of tables) console.log(`${lines.join("\n")}\n`);
if (values.write !== undefined) for (const table of tables) await writeSection(values.write, table);

interface Table {
  readonly name: string;
  readonly lines: readonly string[];
}

async function apiServerTables(): Promise<Table[]> {
  const controlPlane = await startControlPlane({ users: [{ name: TOKEN_USER }] });
  try {
    return [await connectTable(controlPlane), await transportTable(controlPlane)];
  } finally {
    await controlPlane.stop();
  }
}

async function connectTable(controlPlane: ControlPlane): Promise<Table> {
  const world = await connectWorld(controlPlane, TOKEN_USER);
  const cases = await connectCases(world);
  const expected = expectedOutcomes(cases);
  const columns: Column[] = [];
  try {
    for (const runtime of runtimes) {
      const run = await probeConnect(runtime, { controlPlane, cases });
      const cells = Object.fromEntries(run.lines.map((one) => [one.name, cell(one, expected)]));
      const ended = run.exitCode === 0 && run.complaints === "" && run.left <= mayBeLeft(runtime);
      const title = `${runtime.title} ${await versionOf(runtime)}`;
      columns.push({ runtime: title, cells });
      const wrong = run.lines.filter(({ name, outcome }) => outcome !== expected[name]);
      fail(title, [
        ...wrong.map(({ name, outcome }) => `${name}: ${outcome}`),
        ...(ended ? [] : [`its end: ${run.left} connections, exit code ${run.exitCode}, ${run.complaints}`]),
      ]);
    }
  } finally {
    await world.close();
  }
  const rows = Object.entries(expected).map(([name, outcome]): [string, string] => [name, outcome]);
  return { name: "connect", lines: tableLines({ heads: ["kubeconfig", "what comes of it"], rows }, columns) };
}

async function transportTable(controlPlane: ControlPlane): Promise<Table> {
  const world = await TransportWorld.start(controlPlane);
  const runs: TransportRun[] = [];
  try {
    const probes = runtimes.map((runtime) => (world: TransportWorld) => probeTransports(runtime, world));
    for (const probe of [...probes, probeTransportsInWorkerd, probeTransportsInChromium]) {
      const run = await probe(world);
      runs.push(run);
      fail(run.runtime, transportFailures(run, world.cases));
    }
  } finally {
    await world.close();
  }
  return { name: "transports", lines: transportLines(world.cases, runs) };
}

async function coreTable(): Promise<Table> {
  const listening = await serve(memoryApiServer());
  const columns: Column[] = [];
  try {
    for (const probe of [probeWorkerd, probeChromium]) {
      const { runtime, outcomes } = await probe(listening.url);
      columns.push({ runtime, cells: Object.fromEntries(outcomes.map((one) => [one.name, one.outcome])) });
      const wrong = outcomes.filter(({ name, outcome }) => outcome !== expectedCore[name]);
      fail(
        runtime,
        wrong.map(({ name, outcome }) => `${name}: ${outcome}`),
      );
    }
  } finally {
    await listening.close();
  }
  const rows = Object.keys(expectedCore).map((name): [string] => [name]);
  return { name: "core", lines: tableLines({ heads: ["DynamicWatcher over"], rows }, columns) };
}

/** What carried the requests, where all is as expected. */
function cell({ name, outcome, by }: ConnectOutcome, expected: Readonly<Record<string, string>>): string {
  if (outcome !== expected[name]) return `**${outcome}**`;
  return by === "nothing" ? "refused" : by;
}

/** What fails is told beside the tables, in which it stands as it was seen. */
function fail(runtime: string, failures: readonly string[]): void {
  for (const failure of failures) console.error(`${runtime}, ${failure}`);
  if (failures.length > 0) process.exitCode = 1;
}
