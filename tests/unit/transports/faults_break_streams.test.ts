import { expect } from "@std/expect";
import { beforeEach, describe, it } from "@std/testing/bdd";
import { type FaultRequest, faults, withFaults } from "../../../transports/faults.ts";
import { FakeClock, settle } from "../../fixtures/fake_clock.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";
import { Reading } from "./faults_reading.ts";

let clock: FakeClock;
let server: ScriptedTransport;

beforeEach(() => {
  clock = new FakeClock();
  server = new ScriptedTransport();
});

describe("FaultyTransport.breakStreams", () => {
  const pods = "/api/v1/pods?watch=1";
  const nodes = "/api/v1/nodes?watch=1";
  const open = "open";

  function ends(...streams: Reading[]): string[] {
    return streams.map(({ end }) => (typeof end === "string" ? end : (end.error as Error).message));
  }

  it("cuts the streams that are open, and tells how many", async () => {
    server.onCall = (call) => call.open().send("a");
    const list = () => faults.bytewise();
    const transport = withFaults(server, { list });
    const streams = [await Reading.open(transport), await Reading.open(transport, { path: nodes })];
    const plain = await Reading.open(transport, { stream: false, path: "/api/v1/pods" });
    expect(transport.breakStreams()).toBe(2);
    await settle();
    expect(ends(...streams, plain)).toEqual([
      "Cannot GET /api/v1/pods: its answer broke off (ECONNRESET)",
      "Cannot GET /api/v1/nodes: its answer broke off (ECONNRESET)",
      open,
    ]);
    expect(server.calls.map(({ aborted }) => aborted)).toEqual([true, true, false]);
    expect(transport.breakStreams()).toBe(0);
  });

  it("leaves those alone that `where` does not take", async () => {
    server.onCall = (call) => call.open().send("a");
    const transport = withFaults(server, {});
    const streams = [await Reading.open(transport), await Reading.open(transport, { path: nodes })];
    const where = ({ resource }: FaultRequest) => resource === "nodes";
    expect(transport.breakStreams(faults.end(), { where })).toBe(1);
    await settle();
    expect(ends(...streams)).toEqual([open, "over"]);
  });

  it("counts positions from where the reader is", async () => {
    server.onCall = (call) => call.open().send("a\nb\n");
    const transport = withFaults(server, {});
    const stream = await Reading.open(transport);
    transport.breakStreams(faults.end({ afterFrames: 1, afterBytes: 1 }));
    server.last(1).send("c\nd\n");
    await settle();
    expect([stream.text, stream.end]).toEqual(["a\nb\nc\nd", "over"]);
  });

  it("puts frames in between frames, also when the reader has a part of one", async () => {
    const transport = withFaults(server, {});
    const stream = await Reading.open(transport);
    const error = '{"type":"ERROR"';
    server.onCall = undefined;
    server.last(1).open().send("a\nb");
    await settle();
    transport.breakStreams(faults.errorFrame("expired"));
    await settle();
    expect(stream.text).toBe("a\nb");
    server.last(1).send("b\nc\n");
    await settle();
    expect(stream.text).toContain(`a\nbb\n${error}`);
    expect(stream.end).toBe("over");
  });

  it("lets a second fault befall what the first has held up or held back", async () => {
    server.onCall = (call) => call.open().send("abc");
    const transport = withFaults(server, {}, { clock });
    const slow = await Reading.open(transport, { path: pods });
    const held = await Reading.open(transport, { path: nodes });
    server.calls[0]?.send("def");
    server.calls[1]?.send("def");
    await settle();
    transport.breakStreams(faults.bytewise({ delayMs: 1000 }), {
      where: ({ resource }) => resource === "pods",
    });
    transport.breakStreams(faults.unknownType(), { where: ({ resource }) => resource === "nodes" });
    server.calls[0]?.send("ghi");
    server.calls[1]?.send("ghi");
    await clock.advance(1000);
    expect([slow.text, held.text]).toEqual(["abcdefg", "abcdef"]);
    transport.breakStreams(faults.end({ afterBytes: 1 }));
    await settle();
    expect([slow.text, held.text, ...ends(slow, held)]).toEqual(["abcdefgh", "abcdefg", "over", "over"]);
    expect(clock.pending).toBe(0);
  });

  it("silences a stream that is being read", async () => {
    server.onCall = (call) => call.open().send("abc");
    const transport = withFaults(server, {});
    const stream = await Reading.open(transport);
    transport.breakStreams(faults.silence());
    server.last(1).send("def");
    await settle();
    expect([stream.text, ...ends(stream)]).toEqual(["abc", open]);
    expect(server.last(1).aborted).toBe(true);
  });

  it("ends a silence, and gives back nothing that was lost in it", async () => {
    server.onCall = (call) => call.open().send("abc");
    const transport = withFaults(server, { watch: () => faults.silence({ afterBytes: 1 }) });
    const stream = await Reading.open(transport);
    transport.breakStreams(faults.garbage());
    await settle();
    expect(ends(stream)).toEqual([open]);
    transport.breakStreams(faults.end());
    await settle();
    expect([stream.text, ...ends(stream)]).toEqual(["a", "over"]);
  });
});
