import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { humanDuration } from "../../../../transports/memory/human_duration.ts";

const S = 1000;
const M = 60 * S;
const H = 60 * M;
const D = 24 * H;
const Y = 365 * D;

describe("humanDuration", () => {
  const cases: [durationMs: number, text: string][] = [
    [-3 * S, "<invalid>"],
    [-2 * S, "<invalid>"],
    [-1999, "0s"],
    [0, "0s"],
    [999, "0s"],
    [119 * S + 999, "119s"],
    [2 * M, "2m"],
    [2 * M + 1 * S, "2m1s"],
    [10 * M - 1, "9m59s"],
    [10 * M + 30 * S, "10m"],
    [3 * H - 1, "179m"],
    [3 * H, "3h"],
    [3 * H + 5 * M, "3h5m"],
    [8 * H - 1, "7h59m"],
    [8 * H + 5 * M, "8h"],
    [2 * D - 1, "47h"],
    [2 * D, "2d"],
    [2 * D + 3 * H, "2d3h"],
    [8 * D - 1, "7d23h"],
    [8 * D, "8d"],
    [2 * Y - 1, "729d"],
    [2 * Y, "2y"],
    [2 * Y + 30 * D, "2y30d"],
    [8 * Y - 1, "7y364d"],
    [8 * Y + 300 * D, "8y"],
  ];
  for (const [durationMs, text] of cases) {
    it(`tells ${durationMs} ms as ${text}`, () => expect(humanDuration(durationMs)).toBe(text));
  }
});
