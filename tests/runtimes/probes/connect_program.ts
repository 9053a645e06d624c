// Runs inside a runtime: connect_program.ts MODULE FILE. Connects by `connect` of the module as each case in the file says,
// watches by the first of them, and prints a line of JSON for each. It waits for the end of its input before it ends.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { ApiClient, type Transport } from "../../../mod.ts";
import type { connect as connectOnNode } from "../../../runtime/node.ts";
import type { ConnectCase } from "./connect_case.ts";
import type { ConnectInput, ConnectOutcome } from "./connect_probe.ts";
import { causesOf, formatError, whoAmI } from "./observe.ts";

const [module = "", file = ""] = process.argv.slice(2);
const { connect }: { connect: typeof connectOnNode } = await import(module);
const { cases, watch }: ConnectInput = JSON.parse(await readFile(file, "utf8"));

let fetched = 0;
const ownFetch = globalThis.fetch;
globalThis.fetch = (...request) => {
  fetched += 1;
  return ownFetch(...request);
};

for (const one of cases) {
  fetched = 0;
  const { env = {} } = one;
  Object.assign(process.env, env);
  const outcome = await outcomeOf(one).catch(formatError);
  for (const name of Object.keys(env)) delete process.env[name];
  const by = outcome.startsWith("INVALID_INPUT") ? "nothing" : fetched > 0 ? "fetch" : "undici";
  print({ name: one.name, outcome, by });
}
fetched = 0;
const outcome = await watched(watch).catch(formatError);
print({ name: "watch", outcome, by: fetched > 0 ? "fetch" : "undici" });
for await (const _ of process.stdin);

async function outcomeOf({ kubeconfigText, files, stream }: ConnectCase): Promise<string> {
  const [first = {}, ...later] = files ?? [];
  await write(first);
  const { transport } = await connect(kubeconfigText === undefined ? {} : { kubeconfigText });
  try {
    const goesOn = stream ? await openStream(transport) : undefined;
    const outcomes = [await whoAmI(transport)];
    for (const lot of later) {
      await write(lot);
      outcomes.push(await whoAmI(transport));
    }
    if (goesOn) outcomes.push(await goesOn());
    return outcomes.join(", ");
  } finally {
    await transport.close();
  }
}

/** Opens a watch; what it answers makes something to be seen, and tells whether the watch has seen it. */
async function openStream(transport: Transport): Promise<() => Promise<string>> {
  const configMaps = "/api/v1/namespaces/default/configmaps";
  const run = crypto.randomUUID();
  const path = `${configMaps}?watch=1&labelSelector=run%3D${run}`;
  const { body } = await transport.request({ method: "GET", path, stream: true });
  return async () => {
    const metadata = { namespace: "default", name: run, labels: { run } };
    await new ApiClient(transport).create({ apiVersion: "v1", kind: "ConfigMap", metadata });
    const { done } = await body[Symbol.asyncIterator]().next();
    return done ? "the stream has ended" : "the stream goes on";
  };
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) await writeFile(path, text);
}

async function watched({ kubeconfigText, namespace }: ConnectInput["watch"]): Promise<string> {
  const { transport } = await connect({ kubeconfigText });
  const causes = await causesOf(transport, { kind: "ConfigMap", namespace }, { cache: true });
  await transport.close();
  return causes;
}

function print(line: ConnectOutcome): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
