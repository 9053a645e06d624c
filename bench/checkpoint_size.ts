/**
 * How many bytes a checkpoint has for each object.
 *
 *     node --import ./scripts/typescript.mjs bench/checkpoint_size.ts [--write docs/serverless.md]
 */
import { readFile, writeFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { checkpoint } from "../lib/checkpoint/mod.ts";
import { type RunSnapshot, type ServedSnapshot, systemClock } from "../mod.ts";
import { memoryApiServer } from "../transports/memory/mod.ts";

const OBJECTS = 10_000;
const NAMESPACES = 20;
const MARK = "checkpoint-size";

const pods = { group: "", version: "v1", resource: "pods", namespaced: true };
const app = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
let state = 7;

/** Names, uids and resource versions as the pods of Deployments have them. */
const versions = Array.from({ length: OBJECTS }, (_, index) => {
  const namespace = `team-${index % NAMESPACES}`;
  const deployment = `service-${index % 97}-${hex(10)}`;
  return [`${namespace}/${deployment}-${hex(5)}`, uuid(), String(48_000_000 + number(900_000))] as const;
});

const SHAPES: readonly (readonly [title: string, snapshot: RunSnapshot])[] = [
  ["under one selector", snapshotOf([{ ...served({ selector: "" }), versions }])],
  [
    "each watched by its name",
    snapshotOf(
      versions.map((version) => {
        const [namespace = "", name = ""] = version[0].split("/");
        return { ...served({ namespace, name }), versions: [version] };
      }),
    ),
  ],
];

const rows = await Promise.all(SHAPES.map(([title, snapshot]) => measure(title, snapshot)));
const table = [
  `| ${OBJECTS.toLocaleString("en")} objects | bytes | bytes an object | gzipped, an object |`,
  "|---|---|---|---|",
  ...rows,
].join("\n");
const { write } = parseArgs({ options: { write: { type: "string" } } }).values;
console.log(table);
if (write !== undefined) await replaceTable(write, table);

async function measure(title: string, snapshot: RunSnapshot): Promise<string> {
  const store = new Map<string, string>();
  const keeper = checkpoint(store);
  await keeper.save(snapshot, { clock: systemClock });
  const [text = ""] = store.values();
  const transport = memoryApiServer().transport();
  const { signal } = new AbortController();
  const { refused } = await keeper.load({ transport, logger: console, clock: systemClock, signal });
  if (refused) throw refused;
  const bytes = Buffer.byteLength(text);
  const each = (size: number) => (size / OBJECTS).toFixed(1);
  return `| ${title} | ${bytes.toLocaleString("en")} | ${each(bytes)} | ${each(gzipSync(text).length)} |`;
}

async function replaceTable(file: string, text: string): Promise<void> {
  const before = await readFile(file, "utf8");
  const place = new RegExp(`(<!-- ${MARK} -->\n)[\\s\\S]*(<!-- /${MARK} -->)`);
  if (!place.test(before)) throw new Error(`Cannot write the table: ${file} has no ${MARK} marks`);
  await writeFile(
    file,
    before.replace(place, (_, first, last) => `${first}${text}\n${last}`),
  );
}

function snapshotOf(all: readonly ServedSnapshot[]): RunSnapshot {
  return { served: all, watchers: [{ watcher: app, watched: all.map(({ watched }) => watched) }], due: [] };
}

function served(id: { namespace?: string; name?: string; selector?: string }) {
  return { watched: { version: "v1", kind: "Pod", ...id }, resource: pods, resourceVersion: "48900000" };
}

function number(below: number): number {
  state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
  return Math.floor((state / 2 ** 32) * below);
}

function hex(length: number): string {
  return Array.from({ length }, () => number(16).toString(16)).join("");
}

function uuid(): string {
  return [8, 4, 4, 4, 12].map(hex).join("-");
}
