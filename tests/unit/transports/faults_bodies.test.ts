import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { TransportError } from "../../../lib/kubernetes/errors.ts";
import { type BodyFault, type FaultyTransport, faults, withFaults } from "../../../transports/faults.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";
import { Reading } from "./faults_reading.ts";

const GARBAGE = '\u00ff{"\u00c3(\u0000\n';
const BROKEN = "broken";

let clock: FakeClock;
let server: ScriptedTransport;
let fault: BodyFault | undefined;
let transport: FaultyTransport;

beforeEach(() => {
  clock = new FakeClock();
  server = new ScriptedTransport();
  server.onCall = (call) => call.open();
  fault = undefined;
  transport = withFaults(server, { any: () => fault }, { clock, random: () => 0 });
});

/** What came of chunks, and how it stands then. */
async function reading(chunks: readonly string[]): Promise<[chunks: string[], end: unknown]> {
  const stream = await Reading.open(transport);
  for (const chunk of chunks) {
    server.calls.at(-1)?.send(chunk);
    await settle();
  }
  const { end } = stream;
  if (typeof end === "string") return [stream.chunks, end];
  expect(end.error).toBeInstanceOf(TransportError);
  expect((end.error as Error).message).toBe("Cannot GET /api/v1/pods: its answer broke off (ECONNRESET)");
  expect((end.error as Error).cause).toMatchObject({ code: "ECONNRESET", message: "read ECONNRESET" });
  return [stream.chunks, BROKEN];
}

describe("a body under a fault", () => {
  const two = ["a\nb", "b\n"];
  const cases: [what: string, fault: BodyFault, sent: string[], got: string[], end: string][] = [
    ["bytewise", faults.bytewise(), ["ab", "c\n"], ["a", "b", "c", "\n"], "open"],
    ["cut at once", faults.cut(), two, [], BROKEN],
    ["cut between frames", faults.cut({ afterFrames: 1 }), two, ["a\n"], BROKEN],
    ["cut at the end of a chunk", faults.cut({ afterFrames: 2 }), two, ["a\nb", "b\n"], BROKEN],
    ["cut inside of a frame", faults.cut({ afterFrames: 1, afterBytes: 1 }), two, ["a\nb"], BROKEN],
    ["cut by bytes over chunks", faults.cut({ afterBytes: 4 }), two, ["a\nb", "b"], BROKEN],
    ["cut behind all that comes", faults.cut({ afterFrames: 3 }), two, two, "open"],
    ["an end at once", faults.end(), two, [], "over"],
    ["an end between frames", faults.end({ afterFrames: 1 }), two, ["a\n"], "over"],
    ["an end inside of a frame", faults.end({ afterFrames: 1, afterBytes: 1 }), two, ["a\nb"], "over"],
    ["silence at once", faults.silence(), two, [], "open"],
    ["silence inside of a frame", faults.silence({ afterBytes: 1 }), two, ["a"], "open"],
    ["garbage at once", faults.garbage(), two, [GARBAGE, "a\nb", "b\n"], "open"],
    ["garbage between frames", faults.garbage({ afterFrames: 1 }), two, ["a\n", GARBAGE, "b", "b\n"], "open"],
    [
      "garbage in a frame",
      faults.garbage({ afterFrames: 1, afterBytes: 1 }),
      two,
      ["a\nb", GARBAGE, "b\n"],
      "open",
    ],
    ["an oversized frame", faults.oversizedFrame({ bytes: 5 }), two, ["a    \n", "b", "b\n"], "open"],
    [
      "a later oversized frame",
      faults.oversizedFrame({ afterFrames: 1, bytes: 5 }),
      two,
      ["a\n", "bb   \n"],
      "open",
    ],
  ];
  for (const [what, cause, sent, got, end] of cases) {
    it(what, async () => {
      fault = cause;
      expect(await reading(sent)).toEqual([got, end]);
      expect(server.calls[0]?.aborted).toBe(end !== "open" || cause.type === "silence");
    });
  }

  it("a frame is oversized by default for whoever takes 32 MiB", () => {
    const { bytes } = faults.oversizedFrame() as { bytes: number };
    expect(bytes).toBeGreaterThan(32 * 1024 * 1024);
  });

  it("bytewise with a delay is a byte each time", async () => {
    fault = faults.bytewise({ delayMs: 10 });
    const stream = await Reading.open(transport);
    server.last(1).send("ab");
    await clock.advance(9);
    expect(stream.chunks).toEqual([]);
    await clock.advance(1);
    expect(stream.chunks).toEqual(["a"]);
    await clock.advance(9);
    expect(stream.chunks).toEqual(["a"]);
    await clock.advance(1);
    expect(stream.chunks).toEqual(["a", "b"]);
    expect(clock.pending).toBe(0);
  });

  it("what a source does is told as it is: its end, and its error", async () => {
    fault = faults.unknownType();
    const ended = await Reading.open(transport);
    server.last(1).send("a\nrest");
    server.last(1).end();
    const error = new Error("mine");
    const broken = await Reading.open(transport);
    server.last(2).break(error);
    await settle();
    expect([ended.text, ended.end]).toEqual(["a\nrest", "over"]);
    expect(broken.end).toEqual({ error });
  });
});

describe("a frame that is changed", () => {
  const added = '{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":"5"}}}\n';
  const bookmark = '{"type":"BOOKMARK","object":{"kind":"Pod","metadata":{"resourceVersion":"4"}}}\n';
  const changes: [what: string, fault: BodyFault, changed: string][] = [
    [
      "loses its resource version",
      faults.withoutResourceVersion(),
      '{"type":"ADDED","object":{"kind":"Pod","metadata":{"name":"a"}}}\n',
    ],
    [
      "gets an unknown type",
      faults.unknownType(),
      '{"type":"MOVED","object":{"kind":"Pod","metadata":{"name":"a","resourceVersion":"5"}}}\n',
    ],
  ];
  for (const [what, cause, changed] of changes) {
    it(`${what} if it is of an object, and only the first`, async () => {
      fault = cause;
      const half = added.length / 2;
      const [chunks] = await reading([bookmark, `x\n${added.slice(0, half)}`, added.slice(half) + added]);
      expect(chunks.join("")).toBe(`${bookmark}x\n${changed}${added}`);
    });
  }

  it("is the one behind afterFrames", async () => {
    fault = faults.withoutResourceVersion({ afterFrames: 2 });
    const [chunks] = await reading([bookmark + added, added]);
    expect(chunks.join("")).toBe(bookmark + added + changes[0]?.[2]);
  });
});

describe("faults.replay", () => {
  const path = "/api/v1/pods?watch=1&labelSelector=a";

  function frame(name: string, resourceVersion: string, type = "ADDED"): string {
    return `${JSON.stringify({ type, object: { metadata: { name, resourceVersion } } })}\n`;
  }

  /** What a watch gets before anything new, when another one had four frames and a part. */
  async function replayed(query: string, headers = {}): Promise<string> {
    await Reading.open(transport, { path: `${path}&resourceVersion=1` });
    server.last(1).send(frame("a", "5") + frame("b", "10") + frame("", "11", "BOOKMARK"));
    server.last(1).send(`${frame("c", "12").slice(0, 9)}`);
    server.last(1).send(`${frame("c", "12").slice(9)}${frame("d", "13")}{"type`);
    await settle();
    fault ??= faults.replay();
    return (await Reading.open(transport, { path: path + query, headers })).text;
  }

  it("brings again what came up to the version that a watch resumes from", async () => {
    const seen = frame("a", "5") + frame("b", "10") + frame("c", "12");
    expect(await replayed("&resourceVersion=12&timeoutSeconds=1")).toBe(seen);
  });

  it("shuffles", async () => {
    const ranks = [0.5, 0.9, 0.1];
    transport = withFaults(server, { any: () => fault }, { random: () => ranks.shift() ?? 0 });
    const stream = replayed("&resourceVersion=12");
    fault = undefined;
    await settle();
    fault = faults.replay({ shuffled: true });
    expect(await stream).toBe(frame("c", "12") + frame("a", "5") + frame("b", "10"));
  });

  it("comes before what is new, and is not remembered twice", async () => {
    const first = await replayed("&resourceVersion=12");
    server.last(2).send(frame("e", "14"));
    await settle();
    const again = await Reading.open(transport, { path: `${path}&resourceVersion=14` });
    expect(again.text).toBe(first + frame("d", "13") + frame("e", "14"));
  });

  const others: [what: string, query: string, headers?: object][] = [
    ["that begins anew", ""],
    ["that takes any version", "&resourceVersion=0"],
    ["that asks for initial events", "&resourceVersion=12&sendInitialEvents=true"],
    ["of another selector", "b&resourceVersion=12"],
    ["in another form", "&resourceVersion=12", { accept: "application/json;as=Table;g=meta.k8s.io;v=v1" }],
    ["from a version that is no number", "&resourceVersion=x"],
  ];
  for (const [what, query, headers] of others) {
    it(`brings nothing to a watch ${what}`, async () => {
      expect(await replayed(query, headers)).toBe("");
    });
  }

  it("remembers the last 100 frames of a collection", async () => {
    const frames = Array.from({ length: 120 }, (_, index) => frame("a", `${1000 + index}`));
    await Reading.open(transport, { path });
    for (const one of frames) server.last(1).send(one);
    for (let turn = 0; turn < 20; turn += 1) await settle();
    fault = faults.replay();
    const stream = await Reading.open(transport, { path: `${path}&resourceVersion=5000` });
    for (let turn = 0; turn < 20; turn += 1) await settle();
    expect(stream.chunks).toEqual(frames.slice(20));
  });
});
