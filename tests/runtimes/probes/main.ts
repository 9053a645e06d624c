// npm run runtimes:probes [-- --write docs/runtimes.md]
//
// Has each runtime connect to a real API server in every way, and runs the core in workerd and in Chromium. What is written
// are the tables of both; the counts are kept for the matrix that `npm run runtimes -- --write` writes.
import process from "node:process";
import { parseArgs } from "node:util";
import { serve } from "../../../runtime/serve.ts";
import { memoryApiServer } from "../../../transports/memory/mod.ts";
import { startControlPlane } from "../../fixtures/control_plane.ts";
import { writeSection } from "../../fixtures/document_section.ts";
import { keepRecord } from "../run_record.ts";
import { runtimes, versionOf } from "../runtimes.ts";
import { connectCases } from "./connect_case.ts";
import { type ConnectOutcome, expectedOutcomes, mayBeLeft, probeConnect } from "./connect_probe.ts";
import { connectWorld } from "./connect_world.ts";
import { expectedCore, probeChromium, probeWorkerd } from "./core_probe.ts";
import { type Column, tableLines } from "./tables.ts";

const { values } = parseArgs({ options: { write: { type: "string" } } });
const tables = [await connectTable(), await coreTable()];
for (const { lines } of tables) console.log(`${lines.join("\n")}\n`);
if (values.write !== undefined) for (const table of tables) await writeSection(values.write, table);

async function connectTable(): Promise<{ name: string; lines: string[] }> {
  const tokenUser = "robot";
  const controlPlane = await startControlPlane({ users: [{ name: tokenUser }] });
  const world = await connectWorld(controlPlane, tokenUser);
  const cases = await connectCases(world);
  const expected = expectedOutcomes(cases);
  const columns: Column[] = [];
  try {
    for (const runtime of runtimes) {
      const run = await probeConnect(runtime, { controlPlane, cases });
      const cells = Object.fromEntries(run.outcomes.map((one) => [one.name, cell(one, expected)]));
      const ended = run.exitCode === 0 && run.complaints === "" && run.connectionsLeft <= mayBeLeft(runtime);
      const title = `${runtime.title} ${await versionOf(runtime)}`;
      columns.push({ runtime: title, cells });
      const wrong = run.outcomes.filter(({ name, outcome }) => outcome !== expected[name]);
      const failed = [
        ...wrong.map(({ name, outcome }) => `${name}: ${outcome}`),
        ...(ended ? [] : ["its end"]),
      ];
      await keep(title, { column: "connect(), kube-apiserver", count: run.outcomes.length + 1, failed });
    }
  } finally {
    await world.close();
    await controlPlane.stop();
  }
  const rows = Object.entries(expected).map(([name, outcome]): [string, string] => [name, outcome]);
  return { name: "connect", lines: tableLines({ heads: ["kubeconfig", "what comes of it"], rows }, columns) };
}

async function coreTable(): Promise<{ name: string; lines: string[] }> {
  const listening = await serve(memoryApiServer());
  const columns: Column[] = [];
  try {
    for (const probe of [probeWorkerd, probeChromium]) {
      const { runtime, outcomes } = await probe(listening.url);
      columns.push({ runtime, cells: Object.fromEntries(outcomes.map((one) => [one.name, one.outcome])) });
      const wrong = outcomes.filter(({ name, outcome }) => outcome !== expectedCore[name]);
      const failed = wrong.map(({ name, outcome }) => `${name}: ${outcome}`);
      await keep(runtime, { column: "the core in one file", count: outcomes.length, failed });
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

async function keep(
  runtime: string,
  { column, count, failed }: { column: string; count: number; failed: readonly string[] },
): Promise<void> {
  await keepRecord({ runtime, column, passed: count - failed.length, failed, skipped: [] });
  if (failed.length > 0) process.exitCode = 1;
}
