import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import type { Sample } from "./sample.ts";
import { findGrowth, memoryTrend } from "./verdict.ts";

const MIB = 1024 * 1024;

/** Sixty samples, five seconds apart, of 20 MiB with the noise of a garbage collector. */
function run(change: (index: number) => Partial<Sample>): Sample[] {
  return Array.from({ length: 60 }, (_, index) => ({
    atSeconds: index * 5,
    calls: index * 250,
    memory: 20 * MIB + ((index * 7919) % 100) * 2048,
    residentSet: 100 * MIB,
    watchCount: 12,
    streamCount: 12,
    resources: { TCPSocketWrap: 12, Timeout: 1 },
    ...change(index),
  }));
}

describe("findGrowth", () => {
  it("finds nothing in a run that is flat, also where it warms up first", () => {
    expect(findGrowth(run(() => ({})))).toEqual([]);
    expect(findGrowth(run((index) => (index < 20 ? { memory: (10 + index / 2) * MIB } : {})))).toEqual([]);
  });

  it("does not take a few outliers for a trend", () => {
    expect(findGrowth(run((index) => (index > 55 ? { memory: 24 * MIB } : {})))).toEqual([]);
  });

  it("finds memory that grows all the time", () => {
    const samples = run((index) => ({ memory: 20 * MIB + index * 50_000 }));
    expect(memoryTrend(samples).bytesPerCall).toBe(200);
    expect(findGrowth(samples)).toEqual([expect.stringContaining("memory grew by 1904 KiB")]);
  });

  it("does not judge the memory of a run that is over before it is warm", () => {
    const growing = (index: number) => ({ memory: 20 * MIB + index * 50_000 });
    const fewCalls = run((index) => ({ calls: index * 70, ...growing(index) }));
    const halfMinute = run((index) => ({ atSeconds: index / 2, ...growing(index) }));
    for (const samples of [fewCalls, halfMinute]) {
      expect([memoryTrend(samples).judged, findGrowth(samples)]).toEqual([false, []]);
    }
  });

  it("finds what is open, watched or streamed once too often", () => {
    const grown = {
      watchCount: 13,
      streamCount: 13,
      resources: { TCPSocketWrap: 13, Timeout: 1, FSReqPromise: 1 },
    };
    expect(findGrowth(run((index) => (index === 30 ? grown : {})))).toEqual([
      "after 150 s: 13 TCPSocketWrap where there were 12",
      "after 150 s: 1 FSReqPromise where there were 0",
      "after 150 s: 13 watchCount where there were 12",
      "after 150 s: 13 streamCount where there were 12",
    ]);
  });

  it("says nothing good of a run without samples", () => {
    expect(findGrowth(run(() => ({})).slice(0, 1))).toEqual(["there is nothing to compare"]);
  });
});
