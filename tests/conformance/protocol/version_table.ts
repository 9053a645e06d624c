import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { OpenSession, Session } from "../session.ts";

const NEEDS_VERSION = "resourceVersionMatch is forbidden unless resourceVersion is provided";
const UNSUPPORTED = 'Unsupported value: "Bad": supported values: "Exact", "NotOlderThan", ""';
const NO_NUMBER = 'resourceVersion: Invalid value: "x": strconv.ParseUint: parsing "x": invalid syntax';

/** What is asked, with RV for the version after the first of three writes; and the answer: names, or status and words. */
const LISTS: readonly [query: string, answer: string][] = [
  // What there is: a*, b. A star: with its second version.
  ["", "a* b"],
  ["limit=1", "a* and 1 more"],
  ["resourceVersion=0", "a* b"],
  ["resourceVersion=0&limit=1", "a* b"],
  ["resourceVersion=RV", "a* b"],
  ["resourceVersion=RV&limit=1", "a at RV"],
  ["resourceVersion=x", `400 invalid resource version: ${NO_NUMBER}`],
  ["resourceVersion=-1", `400 invalid resource version: ${NO_NUMBER.replaceAll('"x"', '"-1"')}`],
  ["resourceVersionMatch=Exact", `422 resourceVersionMatch: Forbidden: ${NEEDS_VERSION}`],
  [
    "resourceVersionMatch=Exact&resourceVersion=0",
    '422 resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
  ],
  ["resourceVersionMatch=Exact&resourceVersion=RV", "a at RV"],
  ["resourceVersionMatch=Exact&resourceVersion=RV&limit=1", "a at RV"],
  ["resourceVersionMatch=Exact&resourceVersion=x", `400 invalid resource version: ${NO_NUMBER}`],
  ["resourceVersionMatch=NotOlderThan", `422 resourceVersionMatch: Forbidden: ${NEEDS_VERSION}`],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=0", "a* b"],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=0&limit=1", "a* b"],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=RV", "a* b"],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=RV&limit=1", "a* and 1 more"],
  ["resourceVersionMatch=NotOlderThan&resourceVersion=x", `400 invalid resource version: ${NO_NUMBER}`],
  [
    "resourceVersionMatch=Bad",
    `422 [resourceVersionMatch: Forbidden: ${NEEDS_VERSION}, resourceVersionMatch: ${UNSUPPORTED}]`,
  ],
  ["resourceVersionMatch=Bad&resourceVersion=0", `422 resourceVersionMatch: ${UNSUPPORTED}`],
  ["resourceVersionMatch=Bad&resourceVersion=RV", `422 resourceVersionMatch: ${UNSUPPORTED}`],
  ["resourceVersionMatch=Bad&resourceVersion=x", `422 resourceVersionMatch: ${UNSUPPORTED}`],
];

const GETS: readonly [query: string, answer: string][] = [
  ["", "a*"],
  ["resourceVersion=0", "a*"],
  ["resourceVersion=RV", "a*"],
  // A get looks at no match.
  ["resourceVersionMatch=Exact", "a*"],
  ["resourceVersionMatch=Exact&resourceVersion=RV", "a*"],
  ["resourceVersion=x", `500 ${NO_NUMBER}`],
];

const STREAMED = "sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
const UNSENT = "sendInitialEvents=false&resourceVersionMatch=NotOlderThan";

/** The first frames; a watch tells what the case then writes, c, last. */
const WATCHES: readonly [query: string, frames: string][] = [
  ["", "ADDED a*, ADDED b, ADDED c"],
  ["resourceVersion=0", "ADDED a*, ADDED b, ADDED c"],
  ["resourceVersion=RV", "ADDED b, MODIFIED a*, ADDED c"],
  [STREAMED, "ADDED a*, ADDED b, BOOKMARK end, ADDED c"],
  [`${STREAMED}&resourceVersion=0`, "ADDED a*, ADDED b, BOOKMARK end, ADDED c"],
  [`${STREAMED}&resourceVersion=RV`, "ADDED a*, ADDED b, BOOKMARK end, ADDED c"],
  [UNSENT, "ADDED c"],
  [`${UNSENT}&resourceVersion=RV`, "ADDED b, MODIFIED a*, ADDED c"],
];

interface Item {
  metadata: { name: string; annotations?: Record<string, string> };
  data?: object;
}

function named({ metadata, data }: Item): string {
  return metadata.name + (data ? "*" : "");
}

function frameText(line: string): string {
  const { type, object } = JSON.parse(line) as { type: string; object: Item };
  const isEnd = object.metadata.annotations?.["k8s.io/initial-events-end"] === "true";
  return `${type} ${isEnd ? "end" : named(object)}`;
}

export function versionTableCases(open: OpenSession): void {
  /** Two ConfigMaps, and a third write that gives the first one data. */
  async function withHistory(): Promise<{ api: Session; version: string }> {
    const api = await open();
    const { metadata } = await api.create(api.configMaps, { metadata: { name: "a" } });
    await api.create(api.configMaps, { metadata: { name: "b" } });
    const last = await api.patch(`${api.configMaps}/a`, { data: { x: "1" } });
    await api.cached(api.configMaps, last.metadata.resourceVersion);
    return { api, version: metadata.resourceVersion };
  }

  describe("resourceVersion and resourceVersionMatch", () => {
    for (const [query, answer] of LISTS) {
      it(`of a list, ?${query}: ${answer}`, async () => {
        const { api, version } = await withHistory();
        const { status, json } = await api.get(`${api.configMaps}?${query.replace("RV", version)}`);
        const { remainingItemCount, resourceVersion } = json.metadata;
        const said =
          status === 200
            ? [
                json.items.map((item) => named(item as unknown as Item)).join(" "),
                ...(remainingItemCount === undefined ? [] : [`and ${remainingItemCount} more`]),
                ...(resourceVersion === version ? ["at RV"] : []),
              ].join(" ")
            : `${status} ${json.message.replace('ListOptions.meta.k8s.io "" is invalid: ', "")}`;
        expect(said).toBe(answer);
      });
    }

    for (const [query, answer] of GETS) {
      it(`of a get, ?${query}: ${answer}`, async () => {
        const { api, version } = await withHistory();
        const { status, json } = await api.get(`${api.configMaps}/a?${query.replace("RV", version)}`);
        expect(status === 200 ? named(json as unknown as Item) : `${status} ${json.message}`).toBe(answer);
      });
    }

    for (const [query, frames] of WATCHES) {
      it(`of a watch, ?${query}: ${frames}`, async () => {
        const { api, version } = await withHistory();
        const watch = await api.watch(`${api.configMaps}?watch=1&${query.replace("RV", version)}`);
        await api.create(api.configMaps, { metadata: { name: "c" } });
        expect((await watch.take(frames.split(", ").length)).map(frameText).join(", ")).toBe(frames);
      });
    }
  });
}
