import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ANSWER_NAMES,
  type BodyFault,
  ERROR_FRAME_NAMES,
  type Fault,
  type FaultRequest,
  faults,
} from "../../../transports/faults.ts";
import { change, create, present, remove, Scene, startedServer } from "./faults_scene.ts";

/** Faults of any body. */
const BYTE_FAULTS: Record<string, BodyFault> = {
  bytewise: faults.bytewise(),
  "bytewise and slow": faults.bytewise({ delayMs: 1 }),
  "a cut at once": faults.cut(),
  "a cut inside": faults.cut({ afterBytes: 10 }),
  "an end at once": faults.end(),
  "an end inside": faults.end({ afterBytes: 10 }),
  "silence at once": faults.silence(),
  "silence inside": faults.silence({ afterBytes: 10 }),
  "garbage at once": faults.garbage(),
  "garbage inside": faults.garbage({ afterBytes: 10 }),
};

/** Faults of bodies that are frames. */
const FRAME_FAULTS: Record<string, BodyFault> = {
  "a cut between frames": faults.cut({ afterFrames: 1 }),
  "a cut inside of a later frame": faults.cut({ afterFrames: 1, afterBytes: 10 }),
  "an end between frames": faults.end({ afterFrames: 1 }),
  "silence between frames": faults.silence({ afterFrames: 1 }),
  "garbage inside of a later frame": faults.garbage({ afterFrames: 1, afterBytes: 10 }),
  ...Object.fromEntries(
    ERROR_FRAME_NAMES.flatMap((name) => [
      [`the error ${name}`, faults.errorFrame(name)],
      [`the error ${name} after a frame`, faults.errorFrame(name, { afterFrames: 1 })],
    ]),
  ),
  "an object without a resource version": faults.withoutResourceVersion(),
  "a later object without a resource version": faults.withoutResourceVersion({ afterFrames: 1 }),
  "an unknown type": faults.unknownType(),
  "a later unknown type": faults.unknownType({ afterFrames: 1 }),
  replay: faults.replay(),
  "replay in any order": faults.replay({ shuffled: true }),
};

const REQUEST_FAULTS: Record<string, Fault> = {
  refused: faults.refused(),
  unanswered: faults.unanswered(),
  "an answer that is lost": faults.answerLost(),
  "slow by 5 s": faults.slow(5_000),
  "slow by 100 s": faults.slow(100_000),
  "slow, then refused": faults.slow(5_000, faults.refused()),
  ...Object.fromEntries(ANSWER_NAMES.map((name) => [`the answer ${name}`, faults.answer(name)])),
  "a group that is unavailable": faults.groupUnavailable(""),
  "a page of HTML": faults.status(200, { body: "<html>", headers: { "content-type": "text/html" } }),
};

const LIST_FAULTS = { ...REQUEST_FAULTS, ...BYTE_FAULTS };
const WATCH_FAULTS = { ...LIST_FAULTS, ...FRAME_FAULTS };
/** Takes longer than all others together. */
const OVERSIZED = { "an oversized frame": faults.oversizedFrame() };

interface Place {
  readonly watchList: boolean;
  readonly isStart?: boolean;
  /** Whether the watch that resumes is told 410. */
  readonly isStale?: boolean;
  readonly cases: Record<string, Fault>;
  readonly isIt: (request: FaultRequest) => boolean;
}

function isWatch({ verb, query }: FaultRequest): boolean {
  return verb === "watch" && !query.has("sendInitialEvents");
}

function isStreamingList({ query }: FaultRequest): boolean {
  return query.has("sendInitialEvents");
}

function isList({ verb }: FaultRequest): boolean {
  return verb === "list";
}

const PLACES: Record<string, Place> = {
  "the discovery of a start": {
    watchList: true,
    isStart: true,
    cases: REQUEST_FAULTS,
    isIt: ({ verb }) => verb === "discovery",
  },
  "the streaming list of a start": {
    watchList: true,
    isStart: true,
    cases: WATCH_FAULTS,
    isIt: isStreamingList,
  },
  "the list of a start": { watchList: false, isStart: true, cases: LIST_FAULTS, isIt: isList },
  "the first watch behind a list": { watchList: false, isStart: true, cases: WATCH_FAULTS, isIt: isWatch },
  "a watch that resumes": { watchList: true, cases: { ...WATCH_FAULTS, ...OVERSIZED }, isIt: isWatch },
  "the streaming list after a 410": {
    watchList: true,
    isStale: true,
    cases: WATCH_FAULTS,
    isIt: isStreamingList,
  },
  "the list after a 410": { watchList: false, isStale: true, cases: LIST_FAULTS, isIt: isList },
};

/**
 * Expects that cache and reconciles know all that there is, and were told it once; that one stream is open, and that
 * it ends.
 */
async function expectNothingLost(scene: Scene, server = scene.server): Promise<void> {
  const now = await present(server);
  expect(scene.cached).toEqual(now);
  expect(scene.told).toEqual([...new Set(scene.told)]);
  for (const line of now) expect(scene.told).toContain(line);
  expect(server.openWatches).toBe(1);
  await scene.close();
  expect(server.openWatches).toBe(0);
  expect(scene.clock.pending).toBe(0);
}

/** Changes before the fault; an object that came and went is not to come back. */
async function changeAll(scene: Scene): Promise<void> {
  const { server } = scene;
  await change(server, "c", 1);
  await create(server, "z");
  await scene.advance(0);
  await remove(server, "z");
  await scene.advance(0);
}

for (const [place, { watchList, isStart = false, isStale = false, cases, isIt }] of Object.entries(PLACES)) {
  describe(`DynamicWatcher, with a fault once in the way of ${place}, loses nothing:`, () => {
    for (const [what, fault] of Object.entries(cases)) {
      it(what, async () => {
        const scene = await Scene.open({ watchList });
        const { server, transport } = scene;
        let hits = 0;
        const hook = (request: FaultRequest) => {
          if (hits > 0 || !isIt(request)) return undefined;
          hits += 1;
          return fault;
        };
        if (isStart) scene.hook = hook;
        await scene.depend();
        await changeAll(scene);
        if (!isStart) expect(scene.told).toEqual(["c@8", "z@9", "z gone"]);

        scene.hook = hook;
        await change(server, "a", 1);
        if (isStale) server.restart();
        transport.breakStreams();
        await remove(server, "b");
        await create(server, "d");
        scene.requestCount = 0;
        await scene.advance(10_000);
        expect(scene.requestCount).toBeLessThanOrEqual(6);
        await change(server, "a", 2);
        await create(server, "e");
        await scene.advance(110_000);

        expect(hits).toBe(1);
        expect(scene.told).toContain("b gone");
        await expectNothingLost(scene);
      });
    }
  });
}

describe("DynamicWatcher, with a fault once in an open stream, loses nothing:", () => {
  for (const [what, fault] of Object.entries({ ...BYTE_FAULTS, ...FRAME_FAULTS, ...OVERSIZED })) {
    it(what, async () => {
      const scene = await Scene.open({ watchList: true });
      const { server, transport } = scene;
      await scene.depend();
      await changeAll(scene);

      expect(transport.breakStreams(fault)).toBe(1);
      await change(server, "a", 1);
      await remove(server, "b");
      await scene.advance(0);
      await create(server, "d");
      scene.requestCount = 0;
      await scene.advance(10_000);
      expect(scene.requestCount).toBeLessThanOrEqual(3);
      await change(server, "a", 2);
      await scene.advance(110_000);

      expect(scene.told).toContain("b gone");
      await expectNothingLost(scene);
    });
  }
});

/** These block an identifier when they stay: by themselves, or when discovery says them too. */
const DENIED = ["the answer unauthorized", "the answer forbidden"];
const GONE = [...DENIED, "the answer notFound", "the answer pageNotFound"];

function without(cases: Place["cases"], names: readonly string[]): Place["cases"] {
  return Object.fromEntries(Object.entries(cases).filter(([name]) => !names.includes(name)));
}

describe("DynamicWatcher, with a fault for five minutes, never runs hot and loses nothing:", () => {
  const places: [place: string, watchList: boolean, isIt: Place["isIt"], cases: Place["cases"]][] = [
    ["any request", true, () => true, without(REQUEST_FAULTS, GONE)],
    ["watches", true, isWatch, without(WATCH_FAULTS, DENIED)],
    ["streaming lists", true, isStreamingList, without(WATCH_FAULTS, DENIED)],
    ["lists", false, isList, without(LIST_FAULTS, DENIED)],
  ];
  for (const [place, watchList, isIt, cases] of places) {
    for (const [what, fault] of Object.entries(cases)) {
      it(`${place}: ${what}`, async () => {
        const scene = await Scene.open({ watchList });
        const { server, transport } = scene;
        await scene.depend();
        await changeAll(scene);

        scene.hook = (request) => (isIt(request) ? fault : undefined);
        server.restart();
        scene.requestCount = 0;
        await change(server, "a", 1);
        await remove(server, "b");
        for (let minute = 0; minute < 5; minute += 1) {
          await create(server, `m${minute}`);
          await scene.advance(60_000);
        }
        expect(scene.requestCount).toBeLessThanOrEqual(30);
        scene.hook = () => undefined;
        transport.breakStreams();
        await change(server, "a", 2);
        await scene.advance(110_000);

        expect(scene.told).toContain("b gone");
        await expectNothingLost(scene);
      });
    }
  }
});

describe("DynamicWatcher, with a server that goes back in time,", () => {
  for (const watchList of [true, false]) {
    it(`takes what the backup held for true, ${watchList ? "with" : "without"} streaming lists`, async () => {
      const scene = await Scene.open({ watchList });
      const { server, clock, transport } = scene;
      const backup = await startedServer({ clock, watchList });
      const before = await present(backup);
      expect(await present(server)).toEqual(before);
      await scene.depend();
      for (let n = 0; n < 20; n += 1) await change(server, "a", n);
      await remove(server, "b");
      await create(server, "d");
      await scene.advance(1000);

      const restored = faults.answeredBy(backup.transport());
      scene.hook = () => restored;
      transport.breakStreams();
      await scene.advance(250_000);
      expect(scene.cached).toEqual(before);
      expect(scene.told.slice(-3).sort()).toEqual([...before.slice(0, 2), "d gone"]);
      await change(backup, "c", 1);
      await scene.advance(1000);
      await expectNothingLost(scene, backup);
      expect(server.openWatches).toBe(0);
    });
  }
});
