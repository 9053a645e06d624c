// Runs inside a runtime: connect_program.ts MODULE FILE. Connects by `connect` of the module as each case in the file says,
// watches by the first of them, and prints a line of JSON for each. It waits for the end of its input before it ends.
import { readFile, writeFile } from "node:fs/promises";
import process from "node:process";
import { ApiClient, DependencyWatchError, DynamicWatcher, type Transport } from "../../../mod.ts";
import type { connect as connectOnNode } from "../../../runtime/node.ts";
import type { ConnectCase } from "./connect_case.ts";
import type { ConnectInput, ConnectOutcome } from "./connect_probe.ts";

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
  const outcome = await outcomeOf(one).catch(formatError);
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
  const { transport } = await connect({ kubeconfigText });
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

async function whoAmI(transport: Transport): Promise<string> {
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

/** Watches a ConfigMap while it is made and changed, and tells the causes of the reconciles. */
async function watched({ kubeconfigText, namespace }: ConnectInput["watch"]): Promise<string> {
  const { transport } = await connect({ kubeconfigText });
  const client = new ApiClient(transport);
  const settings = { version: "v1", kind: "ConfigMap", namespace, name: "settings" };
  const seen: string[] = [];
  let more = () => {};
  const watcher = new DynamicWatcher({
    transport,
    cache: true,
    reconcile(_, { causes }) {
      seen.push(...causes.map(({ type }) => type));
      more();
    },
  });
  async function until(count: number): Promise<void> {
    while (seen.length < count) await new Promise<void>((resolve) => (more = resolve));
  }
  await watcher.start();
  await watcher.addWatcher({ version: "v1", kind: "Virtual", name: "me" }, settings);
  const made = await client.create({
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: { namespace, name: "settings" },
    data: { a: "1" },
  });
  await until(1);
  await client.update({ ...made, data: { a: "2" } });
  await until(2);
  const { data } = watcher.getFromCache<{ data: { a: string } }>(settings) ?? {};
  await watcher.stop();
  await transport.close();
  return `${seen.join(", ")}: ${data?.a}`;
}

function formatError(error: unknown): string {
  if (!(error instanceof DependencyWatchError)) return String(error);
  return "field" in error ? `${error.code} ${error.field}` : error.code;
}

function print(line: ConnectOutcome): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
