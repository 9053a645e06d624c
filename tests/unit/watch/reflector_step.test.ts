import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ApiError,
  type DependencyWatchError,
  NoVersionedResourceError,
  ProtocolError,
  ResourceUnwatchableError,
  type StatusDetails,
  TransportError,
} from "../../../lib/kubernetes/errors.ts";
import { type WatchedObject, watchedObject } from "../../../lib/kubernetes/object.ts";
import type { ObjectEvent } from "../../../lib/protocol/watch_event.ts";
import {
  initialState,
  type ReflectorEffect,
  type ReflectorInput,
  type ReflectorState,
} from "../../../lib/watch/reflector_state.ts";
import { step } from "../../../lib/watch/reflector_step.ts";

const NOW = 1_000_000;

const idle = initialState({ streamingList: true, plainJson: true, bookmarks: true });
/** The first start, with a streaming list and with a list. */
const streaming: ReflectorState = { ...idle, phase: "requesting" };
const collecting: ReflectorState = { ...streaming, phase: "collecting", openedAt: NOW - 60_000 };
const firstList: ReflectorState = { ...streaming, streamingList: false };
const firstWatch: ReflectorState = { ...firstList, plan: "watch", resourceVersion: "100" };
/** A stream that has been live, at version 100, on a watch that was opened a minute ago. */
const watching: ReflectorState = {
  ...firstWatch,
  phase: "watching",
  started: true,
  reported: "live",
  openedAt: NOW - 60_000,
  healthySince: NOW - 60_000,
};
const opening: ReflectorState = { ...watching, phase: "requesting" };
const relisting: ReflectorState = { ...opening, plan: "list", reported: "retrying" };
const restreaming: ReflectorState = { ...relisting, streamingList: true };
const recollecting: ReflectorState = { ...restreaming, phase: "collecting" };
const confirming: ReflectorState = { ...opening, phase: "confirming" };

function object(resourceVersion: string): WatchedObject {
  return watchedObject(
    { metadata: { name: "a", namespace: "t", resourceVersion } },
    { apiVersion: "v1", kind: "ConfigMap", content: "object" },
  )!;
}

function event(resourceVersion: string, type: ObjectEvent["type"] = "MODIFIED"): ObjectEvent {
  return { type, object: object(resourceVersion) };
}

function bookmark(resourceVersion: string, initialEventsEnd = false): ReflectorInput {
  return { type: "BOOKMARK", resourceVersion, initialEventsEnd };
}

function failed(error: DependencyWatchError): ReflectorInput {
  return { type: "failed", error, now: NOW };
}

function api(
  status: number,
  fields: { reason?: string; details?: StatusDetails; retryAfterMs?: number } = {},
) {
  return failed(new ApiError(`Cannot watch: ${status}`, { reason: "", details: {}, ...fields, status }));
}

const start: ReflectorInput = { type: "start" };
const opened: ReflectorInput = { type: "opened", now: NOW };
const listed: ReflectorInput = { type: "listed", items: [object("50")], resourceVersion: "90" };
const ended: ReflectorInput = { type: "ended", now: NOW };
const silent: ReflectorInput = { type: "silent", afterMs: 10_000, now: NOW };
const confirmed: ReflectorInput = { type: "confirmed", now: NOW };
const broken = failed(new TransportError("Cannot read: connection reset"));
const malformed = failed(new ProtocolError("Cannot decode: not JSON"));
const gone = failed(new NoVersionedResourceError("Widget"));
const unwatchable = failed(
  new ResourceUnwatchableError({ group: "", version: "v1", resource: "bindings", namespaced: true }),
);
const tooLarge = api(504, {
  reason: "Timeout",
  details: { causes: [{ reason: "ResourceVersionTooLarge" }] },
  retryAfterMs: 1000,
});

/** An effect in words. */
function words(effect: ReflectorEffect): string {
  switch (effect.do) {
    case "apply":
    case "collect":
      return `${effect.do} ${effect.event.type} ${effect.event.object.resourceVersion}`;
    case "replace":
      return `${effect.relisted ? "replace again" : "replace"} at ${effect.resourceVersion}`;
    case "report":
      return effect.state.state;
    case "list":
      return `list ${effect.resourceVersion || "freshest"}`;
    case "watch":
      return `${effect.initialEvents ? "stream" : "watch"} ${effect.resourceVersion || "freshest"}`;
    case "wait":
      return `wait ${effect.failures}${effect.atLeastMs > 0 ? ` at least ${effect.atLeastMs}` : ""}`;
    case "confirmKind":
      return "confirm kind";
  }
}

/** What is done about `input`, and behind an arrow what follows the wait. */
function reaction(state: ReflectorState, input: ReflectorInput): string {
  const { state: next, effects } = step(state, input);
  const done = effects.map(words).join(", ") || "nothing";
  if (effects.at(-1)?.do !== "wait") return done;
  return `${done} -> ${step(next, { type: "waited" }).effects.map(words).join(", ")}`;
}

type Row = [
  what: string,
  state: ReflectorState,
  input: ReflectorInput,
  reaction: string,
  next?: Partial<ReflectorState>,
];

function table(title: string, rows: readonly Row[]): void {
  describe(title, () => {
    for (const [what, state, input, expected, next = {}] of rows) {
      it(`${what}: ${expected}`, () => {
        expect(reaction(Object.freeze(state), input)).toBe(expected);
        expect(step(state, input).state).toMatchObject(next);
      });
    }
  });
}

table("step: ERROR or HTTP 410", [
  ["on a watch", watching, api(410), "retrying, wait 1 -> list 100", { expired: true }],
  ["on opening a watch", opening, api(410), "retrying, wait 1 -> list 100"],
  ["told by its reason", watching, api(500, { reason: "Expired" }), "retrying, wait 1 -> list 100"],
  ["with streaming lists", { ...watching, streamingList: true }, api(410), "retrying, wait 1 -> stream 100"],
  ["after the relist", { ...watching, expired: true }, api(410), "retrying, wait 1 -> list freshest"],
  [
    "after an outage, whose failures count no more",
    { ...opening, failures: 9 },
    api(410),
    "retrying, wait 1 -> list 100",
  ],
  [
    "time and again",
    { ...opening, failures: 9, expired: true },
    api(410),
    "retrying, wait 10 -> list freshest",
  ],
  ["on the relist", relisting, api(410), "retrying, wait 1 -> list freshest"],
  ["on a streaming relist", recollecting, api(410), "retrying, wait 1 -> stream freshest"],
  ["on the first list", firstList, api(410), "retrying, wait 1 -> list freshest"],
  [
    "progress forgives it",
    { ...watching, expired: true },
    event("101"),
    "apply MODIFIED 101",
    { expired: false },
  ],
]);

table("step: a resource version that is too large (504)", [
  ["on a relist", relisting, tooLarge, "retrying, wait 1 at least 1000 -> list freshest"],
  ["in a streaming list", recollecting, tooLarge, "retrying, wait 1 at least 1000 -> stream freshest"],
  ["on a watch", watching, tooLarge, "retrying, wait 1 at least 1000 -> list freshest"],
  ["on the first list", firstList, tooLarge, "retrying, wait 1 at least 1000 -> list freshest"],
]);

for (const [name, input] of [
  ["502", api(502)],
  ["503", api(503)],
  ["504, maybe as text", api(504, { reason: "Timeout" })],
  ["connection refused, or closed without an answer", broken],
] as const) {
  table(`step: ${name}`, [
    ["on opening a watch", opening, input, "retrying, wait 1 -> watch 100"],
    ["on a relist", relisting, input, "retrying, wait 1 -> list 100"],
    ["on the first list", firstList, input, "blocked"],
    ["on the first streaming list", streaming, input, "blocked"],
    ["on the first watch", firstWatch, input, "blocked"],
  ]);
}

table("step: an answer that never comes", [
  ["to a watch", opening, silent, "retrying, wait 1 -> watch 100"],
  ["to a relist", relisting, silent, "retrying, wait 1 -> list 100"],
  ["to a streaming list", streaming, silent, "list freshest", { streamingList: false }],
  ["to the first list", firstList, silent, "blocked"],
]);

table("step: 503 before all known HTTP paths, 500", [
  ["Retry-After", opening, api(503, { retryAfterMs: 5000 }), "retrying, wait 1 at least 5000 -> watch 100"],
  ["500 on a list", relisting, api(500), "retrying, wait 1 -> list 100"],
  ["500 on opening a watch", opening, api(500), "retrying, wait 1 -> list 100"],
  ["500 inside a watch", watching, api(500, { reason: "InternalError" }), "retrying, wait 1 -> list 100"],
  [
    "500 in a streaming list",
    recollecting,
    api(500),
    "retrying, wait 1 -> list 100",
    { streamingList: false },
  ],
  ["another status", watching, api(409), "retrying, wait 1 -> list 100"],
  ["on the first start", streaming, api(500), "blocked"],
]);

table("step: 429", [
  ["Retry-After", opening, api(429, { retryAfterMs: 7000 }), "retrying, wait 1 at least 7000 -> watch 100"],
  [
    "Retry-After of a day",
    opening,
    api(429, { retryAfterMs: 86_400_000 }),
    "retrying, wait 1 at least 60000 -> watch 100",
  ],
  ["as text, without it", opening, api(429), "retrying, wait 1 -> watch 100"],
  ["on a relist", relisting, api(429), "retrying, wait 1 -> list 100"],
  ["on the first start", streaming, api(429), "retrying, wait 1 -> stream freshest"],
  ["on the first watch", firstWatch, api(429), "retrying, wait 1 -> watch 100"],
]);

const justOpened: ReflectorState = { ...watching, openedAt: NOW - 999 };
const silentBefore: ReflectorState = { ...watching, silentBefore: true };

table("step: the end of a watch", [
  ["clean", { ...watching, heard: "frames" }, ended, "watch 100", { silentBefore: false, failures: 0 }],
  ["reset, EOF without the last chunk, a fragment", watching, broken, "watch 100", { reported: "live" }],
  ["silent beyond its timeout and the margin", watching, silent, "watch 100"],
  ["in under 1 s, empty", justOpened, ended, "retrying, wait 1 -> list 100"],
  ["in under 1 s, by a reset", justOpened, broken, "retrying, wait 1 -> list 100"],
  ["in under 1 s, replays only", { ...justOpened, heard: "frames" }, ended, "retrying, wait 1 -> list 100"],
  ["in under 1 s, progress", { ...justOpened, heard: "progress" }, ended, "watch 100", { shortBefore: true }],
  [
    "in under 1 s, progress, the second time",
    { ...justOpened, heard: "progress", shortBefore: true },
    ended,
    "retrying, wait 1 -> watch 100",
  ],
  ["without a frame", watching, ended, "watch 100", { silentBefore: true }],
  ["without a frame, twice", silentBefore, ended, "wait 1 -> list freshest", { silentBefore: false }],
  ["without a frame, twice, silent", silentBefore, silent, "wait 1 -> list freshest"],
  [
    "without a frame, twice, streaming",
    { ...silentBefore, streamingList: true },
    ended,
    "wait 1 -> stream freshest",
  ],
  ["without a frame, time and again", { ...silentBefore, failures: 4 }, ended, "wait 5 -> list freshest"],
  ["without a frame, twice, Events", { ...silentBefore, bookmarks: false }, ended, "watch 100"],
  ["with a frame after one without", { ...silentBefore, heard: "frames" }, ended, "watch 100"],
]);

table("step: truncated JSON, an unknown type, an object without version", [
  ["on a watch", watching, malformed, "retrying, wait 1 -> list 100", { resourceVersion: "100" }],
  [
    "in a streaming list",
    recollecting,
    malformed,
    "retrying, wait 1 -> list 100",
    { resourceVersion: "100" },
  ],
  ["in a list", relisting, malformed, "retrying, wait 1 -> list 100"],
  ["on the first start", streaming, malformed, "blocked"],
]);

table("step: a streaming list", [
  ["first of all", idle, start, "starting, stream freshest"],
  ["answered", streaming, opened, "nothing", { phase: "collecting", started: false }],
  [
    "an initial object, in any order",
    collecting,
    event("7", "ADDED"),
    "collect ADDED 7",
    { resourceVersion: "" },
  ],
  ["one below the floor", recollecting, event("7", "ADDED"), "collect ADDED 7", { resourceVersion: "100" }],
  [
    "the end bookmark",
    collecting,
    bookmark("90", true),
    "replace at 90, live",
    { plan: "watch", started: true },
  ],
  [
    "the floor resets downwards",
    recollecting,
    bookmark("90", true),
    "replace again at 90, live",
    { resourceVersion: "90" },
  ],
  ["422", streaming, api(422), "list freshest", { streamingList: false, failures: 0 }],
  ["400 to a relist", restreaming, api(400), "list 100", { streamingList: false }],
  ["no end bookmark within the deadline", collecting, silent, "list freshest", { streamingList: false }],
  ["ends without one", collecting, ended, "list freshest", { streamingList: false }],
  ["an ordinary bookmark", collecting, bookmark("90"), "list freshest", { streamingList: false }],
  ["breaks off", recollecting, broken, "retrying, wait 1 -> stream 100"],
  ["breaks off on the first start", collecting, broken, "blocked"],
]);

table("step: list + watch", [
  ["first of all", { ...idle, streamingList: false }, start, "starting, list freshest"],
  ["the first list", firstList, listed, "replace at 90, watch 90", { resourceVersion: "90", started: false }],
  [
    "the first watch answered",
    firstWatch,
    opened,
    "live",
    { phase: "watching", started: true, openedAt: NOW },
  ],
  [
    "a relist, below the floor",
    relisting,
    listed,
    "replace again at 90, watch 90",
    { resourceVersion: "90" },
  ],
  [
    "a watch answered",
    { ...opening, heard: "progress" },
    opened,
    "nothing",
    { phase: "watching", heard: "nothing" },
  ],
  ["400 to a relist", relisting, api(400), "retrying, wait 1 -> list freshest"],
  ["400 to a watch", opening, api(400), "retrying, wait 1 -> list 100"],
  ["400 on the first start", firstList, api(400), "blocked"],
]);

for (const status of [401, 403]) {
  const denied: ReflectorState = { ...opening, denied: true };
  table(`step: ${status}`, [
    ["on the first start", streaming, api(status), "blocked"],
    ["on the first watch", firstWatch, api(status), "blocked"],
    ["while it runs", opening, api(status), "retrying, wait 0 at least 1000 -> watch 100"],
    ["on a relist", relisting, api(status), "retrying, wait 0 at least 1000 -> list 100"],
    ["still there 1 s later", denied, api(status), "blocked", { phase: "over", reported: "blocked" }],
    ["gone 1 s later", denied, opened, "nothing", { denied: false }],
    [
      "gone from a list",
      { ...relisting, denied: true },
      listed,
      "replace again at 90, watch 90",
      { denied: false },
    ],
    ["another failure instead", denied, api(503), "retrying, wait 1 -> watch 100", { denied: false }],
  ]);
}

for (const status of [404, 405]) {
  table(`step: ${status} on the collection`, [
    ["while it runs", opening, api(status), "retrying, confirm kind", { phase: "confirming" }],
    ["while it runs, again", { ...opening, failures: 1 }, api(status), "retrying, confirm kind"],
    ["on the first start", streaming, api(status), "retrying, confirm kind"],
    ["on the first start, again", { ...streaming, failures: 1 }, api(status), "blocked"],
  ]);
}

table("step: what discovery says then", [
  ["still served", confirming, confirmed, "wait 1 -> list 100"],
  ["just made", { ...confirming, ...streaming, phase: "confirming" }, confirmed, "wait 1 -> stream freshest"],
  ["gone", confirming, gone, "blocked", { phase: "over" }],
  ["not watchable", confirming, unwatchable, "blocked"],
  ["503", confirming, api(503), "retrying, wait 1 -> watch 100"],
  ["403", { ...confirming, denied: true }, api(403), "retrying, wait 1 -> watch 100"],
  ["404", confirming, api(404), "retrying, wait 1 -> watch 100"],
  ["406", { ...confirming, plainJson: false }, api(406), "retrying, wait 1 -> watch 100"],
  ["nothing", confirming, silent, "retrying, wait 1 -> watch 100"],
  ["503 on the first start", { ...streaming, phase: "confirming" }, api(503), "blocked"],
]);

for (const status of [406, 415]) {
  table(`step: ${status}`, [
    [
      "to metadata only",
      { ...streaming, plainJson: false },
      api(status),
      "stream freshest",
      { plainJson: true },
    ],
    ["to plain JSON", opening, api(status), "retrying, wait 1 -> watch 100"],
    ["to plain JSON on the first start", streaming, api(status), "blocked"],
  ]);
}

function above(floor: string): ReflectorState {
  return { ...watching, resourceVersion: floor };
}

table("step: a replayed or older version", [
  [
    "one newer",
    above("100"),
    event("101"),
    "apply MODIFIED 101",
    { resourceVersion: "101", heard: "progress" },
  ],
  ["a deletion", above("100"), event("101", "DELETED"), "apply DELETED 101", { resourceVersion: "101" }],
  ["more digits", above("999"), event("1000"), "apply MODIFIED 1000"],
  ["the floor itself", above("100"), event("100", "ADDED"), "nothing", { heard: "frames" }],
  ["older", above("100"), event("99", "ADDED"), "nothing", { resourceVersion: "100", heard: "frames" }],
  ["fewer digits", above("1000"), event("999"), "nothing"],
  ["no digits, the same", above("abc"), event("abc"), "nothing"],
  ["no digits, another", above("abd"), event("abc"), "apply MODIFIED abc", { resourceVersion: "abc" }],
  ["digits after none", above("abc"), event("7"), "apply MODIFIED 7", { resourceVersion: "7" }],
  ["a bookmark", above("100"), bookmark("105"), "nothing", { resourceVersion: "105", heard: "progress" }],
  ["an older bookmark", above("100"), bookmark("95"), "nothing", { resourceVersion: "100", heard: "frames" }],
]);

describe("step: errors", () => {
  it("are reported as they came", () => {
    for (const state of [opening, relisting, streaming]) {
      for (const input of [api(410), api(403), api(404), api(503), broken, malformed]) {
        const report = step(state, input).effects.find((effect) => effect.do === "report");
        expect(report?.state).toMatchObject({ error: input.type === "failed" && input.error });
      }
    }
  });
});

describe("step: failures in a row", () => {
  const troubled: ReflectorState = { ...opening, failures: 4, healthySince: undefined };

  it("grow without end", () => {
    let state = opening;
    for (let failures = 1; failures <= 20; failures += 1) {
      const result = step(state, api(503));
      expect(result.effects.at(-1)).toEqual({ do: "wait", failures, atLeastMs: 0 });
      state = step(result.state, { type: "waited" }).state;
    }
  });

  it("go on after a watch that did not last two minutes", () => {
    const { state } = step(troubled, opened);
    const result = step(state, { type: "ended", now: NOW + 119_999 });
    const again = step({ ...result.state }, { ...broken, now: NOW + 119_999 } as ReflectorInput);
    expect(again.state.failures).toBe(5);
  });

  it("begin anew after two minutes without one, over clean ends", () => {
    const first = step(troubled, opened);
    const end = step(first.state, { type: "ended", now: NOW + 60_000 });
    const second = step(end.state, { type: "opened", now: NOW + 60_000 });
    const result = step({ ...second.state, heard: "frames" }, {
      ...api(410),
      now: NOW + 120_000,
    } as ReflectorInput);
    expect(result.state.failures).toBe(1);
  });
});

describe("step: the last word", () => {
  const inputs = [
    ...[start, opened, listed, ended, silent, confirmed, broken, gone, api(410), api(404)],
    ...[event("101"), bookmark("101", true)],
    ...([{ type: "waited" }, { type: "stop" }] as const),
  ];

  for (const from of [idle, streaming, collecting, opening, watching, confirming]) {
    it(`is stop, while ${from.phase} (${from.plan})`, () => {
      const { state, effects } = step(from, { type: "stop" });
      expect(effects).toEqual([]);
      for (const input of inputs) expect(step(state, input)).toEqual({ state, effects: [] });
    });
  }

  it("is blocked", () => {
    const { state } = step(streaming, api(403));
    for (const input of inputs) expect(step(state, input)).toEqual({ state, effects: [] });
  });
});

describe("step: an event", () => {
  it("changes nothing but what it tells", () => {
    const state: ReflectorState = {
      ...{ ...watching, streamingList: true, plainJson: false, bookmarks: false, silentBefore: true },
      ...{ shortBefore: true, failures: 3, expired: true, denied: true },
    };
    const told = { resourceVersion: "101", heard: "progress", expired: false };
    expect(step(state, event("101")).state).toEqual({ ...state, ...told });
  });

  it("that is dropped makes no new state", () => {
    const heard = { ...watching, heard: "frames" } as const;
    expect(step(heard, event("99")).state).toBe(heard);
  });

  it("that is collected makes no new state", () => {
    expect(step(collecting, event("99")).state).toBe(collecting);
  });
});
