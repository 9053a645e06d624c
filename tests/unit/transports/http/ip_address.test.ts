import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ipBytes } from "../../../../transports/http/ip_address.ts";

const zeros = (count: number) => Array<number>(count).fill(0);

describe("ipBytes", () => {
  for (const [text, expected] of [
    ["10.0.200.255", [10, 0, 200, 255]],
    ["::", zeros(16)],
    ["::1", [...zeros(15), 1]],
    ["2001:db8::ff", [0x20, 0x01, 0x0d, 0xb8, ...zeros(11), 0xff]],
    ["1:2:3:4:5:6:7:8", [0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8]],
    ["fe80::", [0xfe, 0x80, ...zeros(14)]],
    ["::ffff:10.0.0.1", [10, 0, 0, 1]],
    ["::FFFF:a00:1", [10, 0, 0, 1]],
    ["", undefined],
    ["10.0.0", undefined],
    ["10.0.0.256", undefined],
    ["10.0.0.01", undefined],
    ["10.0.0.1.2", undefined],
    ["a.b.c.d", undefined],
    [":", undefined],
    ["::1::", undefined],
    ["1:2:3", undefined],
    ["::g", undefined],
    ["[::1]", undefined],
  ] as const) {
    it(`reads ${text} as ${expected}`, () => {
      expect(ipBytes(text)).toEqual(expected);
    });
  }
});
