import type { ConformanceCase, Outcome } from "./cases.ts";

/** What the table says beside its cases. */
export interface TableHead {
  /** Such as `kube-apiserver v1.35.4`. */
  readonly realServer: string;
  /** By which the table is written anew. */
  readonly command: string;
}

const MARKS: Readonly<Record<NonNullable<Outcome>, string>> = { passed: "pass", failed: "**FAIL**" };

/** The page that shows every case with its outcome on each server, by area and subject. */
export function formatTable(cases: readonly ConformanceCase[], { realServer, command }: TableHead): string {
  const areas = [...groupBy(cases, ({ area }) => area)];
  return [
    "# Conformance: one suite, two servers",
    "",
    "Every case below is one test that runs on the embedded API server (`transports/memory`) and on",
    `${realServer}, and expects the same of both: where clients go by the bytes (frames, Status bodies, headers, how`,
    "objects are written) byte by byte, with uids, times and resource versions replaced. What no case covers is compared at",
    "random by the differential test; what differs on purpose is listed in [differences.md](differences.md).",
    "",
    `This page is written by \`${command}\`, which fails where a case fails, or runs on one server without a reason.`,
    "",
    "| area | cases | embedded | real |",
    "|---|--:|--:|--:|",
    ...areas.map(([area, own]) => `| [${area}](#${anchor(area)}) | ${totals(own)} |`),
    `| **all** | ${totals(cases)} |`,
    ...areas.flatMap(([area, own]) => ["", `## ${capitalized(area)}`, ...areaTables(own)]),
    "",
  ].join("\n");
}

function areaTables(cases: readonly ConformanceCase[]): string[] {
  return [...groupBy(cases, ({ subject }) => subject)].flatMap(([subject, own]) => [
    "",
    `| ${subject === "" ? "case" : escaped(subject)} | embedded | real |`,
    "|---|---|---|",
    ...own.map(
      (one) => `| ${escaped(one.title)}${whyOne(one)} | ${mark(one.embedded)} | ${mark(one.real)} |`,
    ),
  ]);
}

function whyOne({ onlyOne }: ConformanceCase): string {
  return onlyOne === undefined ? "" : `: *only there, because ${escaped(onlyOne)}*`;
}

function mark(outcome: Outcome): string {
  return outcome === undefined ? "–" : MARKS[outcome];
}

function totals(cases: readonly ConformanceCase[]): string {
  const passed = (server: "embedded" | "real") => cases.filter((one) => one[server] === "passed").length;
  return `${cases.length} | ${passed("embedded")} | ${passed("real")}`;
}

/** Text that Markdown takes for nothing else. */
function escaped(text: string): string {
  return text.replace(/[\\|*_`[\]<>]/g, (character) => `\\${character}`);
}

function capitalized(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** As GitHub names a heading's place. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w -]/g, "")
    .replaceAll(" ", "-");
}

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
