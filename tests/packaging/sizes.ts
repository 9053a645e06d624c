// npm run sizes [-- --write docs/sizes.md]
//
// Measures the packed package beside @kubernetes/client-node: what a bundle weighs, how long an import takes, how many
// packages come with it. Exits with 1 when a budget is passed.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { parseArgs } from "node:util";
import { writeSection } from "../fixtures/document_section.ts";
import { bundleSize } from "./bundle_size.ts";
import { importTimesMs } from "./import_time.ts";
import { packagesBeside } from "./installed_packages.ts";
import { installInto, NPM_INSTALL, PACKAGE, packPackage, ROOT } from "./packed_package.ts";

const BUDGETS = {
  /** Of all that `.` exports, minified and gzipped, with every package inside. 25 is the goal: it may only go down. */
  gzippedKb: 33.8,
  /** Of the time that an import of client-node takes in the same run. */
  importShare: 0.1,
  /** In the installed tree. */
  packages: 6,
} as const;
const TURNS = 9;
/** What `.` brings along. */
const PACKAGES_INSIDE = ["eventemitter3", "fast-json-patch", "valibot"];

const CLIENT_NODE = "@kubernetes/client-node";
const CLIENTS = join(ROOT, "tests/clients");
// client-node runs on Node 22.19 and newer.
const NODE = join(ROOT, "tests/runtimes/node_modules/node24/bin/node");

const PROGRAMS = {
  everything: `export * from "${PACKAGE}";`,
  watcher: `export { DynamicWatcher } from "${PACKAGE}";`,
  informer: `export { CoreV1Api, KubeConfig, makeInformer } from "${CLIENT_NODE}";`,
} as const;

const { values } = parseArgs({ options: { write: { type: "string" } } });
const folder = await mkdtemp(join(tmpdir(), "sizes-"));
try {
  const archive = await packPackage(folder);
  const project = join(folder, "project");
  await installInto(project, { command: NPM_INSTALL, archive });
  const measured = await measure(project);
  const lines = tableLines(measured);
  console.log(lines.join("\n"));
  if (values.write !== undefined) await writeSection(values.write, { name: "sizes", lines });
  const passed = passedBudgets(measured);
  for (const line of passed) console.error(line);
  if (passed.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}

type Measured = Awaited<ReturnType<typeof measure>>;

async function measure(project: string) {
  const ours = { folder: project, platform: "neutral" } as const;
  const [ownMs = Number.NaN, theirMs = Number.NaN] = await importTimesMs(
    [
      { name: PACKAGE, folder: project },
      { name: CLIENT_NODE, folder: CLIENTS },
    ],
    { node: NODE, turns: TURNS },
  );
  return {
    everything: await bundleSize(PROGRAMS.everything, ours),
    ownCode: await bundleSize(PROGRAMS.everything, { ...ours, external: PACKAGES_INSIDE }),
    watcher: await bundleSize(PROGRAMS.watcher, ours),
    informer: await bundleSize(PROGRAMS.informer, { folder: CLIENTS, platform: "node" }),
    ...{ ownMs, theirMs },
    packages: await packagesBeside(PACKAGE, project),
    theirPackages: await packagesBeside(CLIENT_NODE, CLIENTS),
  };
}

function tableLines({
  everything,
  ownCode,
  watcher,
  informer,
  ownMs,
  theirMs,
  packages,
  theirPackages,
}: Measured): string[] {
  const { gzippedKb, importShare } = BUDGETS;
  return [
    `| what | ${PACKAGE} | ${CLIENT_NODE} | budget |`,
    "|---|---|---|---|",
    `| bundle of all exports, minified and gzipped | ${kb(everything.gzipped)} | | ${gzippedKb} KB |`,
    `| the same, minified only | ${kb(everything.minified)} | | |`,
    `| the same without ${PACKAGES_INSIDE.join(", ")}, minified and gzipped | ${kb(ownCode.gzipped)} | | |`,
    `| bundle of \`DynamicWatcher\`; of \`makeInformer\`, \`KubeConfig\`, \`CoreV1Api\`; minified and gzipped | ${kb(watcher.gzipped)} | ${kb(informer.gzipped)} | |`,
    `| the same, minified only | ${kb(watcher.minified)} | ${kb(informer.minified)} | |`,
    `| import, median of ${TURNS} processes | ${ownMs.toFixed(0)} ms | ${theirMs.toFixed(0)} ms | |`,
    `| import, share of the other's | ${(ownMs / theirMs).toFixed(2)} | 1 | ${importShare} |`,
    `| packages installed with it | ${packages.length} | ${theirPackages.length} | ${BUDGETS.packages} |`,
  ];
}

function passedBudgets({ everything, ownMs, theirMs, packages }: Measured): string[] {
  const passed = [];
  if (everything.gzipped > BUDGETS.gzippedKb * 1000) {
    passed.push(`Bundle: ${kb(everything.gzipped)}, the budget is ${BUDGETS.gzippedKb} KB`);
  }
  if (!(ownMs <= theirMs * BUDGETS.importShare)) {
    passed.push(
      `Import: ${ownMs.toFixed(1)} ms, ${BUDGETS.importShare} of ${theirMs.toFixed(1)} ms is the budget`,
    );
  }
  if (packages.length > BUDGETS.packages) {
    passed.push(`Packages: ${packages.join(", ")}; ${BUDGETS.packages} is the budget`);
  }
  return passed;
}

function kb(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} KB`;
}
