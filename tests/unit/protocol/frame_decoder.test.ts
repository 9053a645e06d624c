import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { ProtocolError } from "../../../lib/kubernetes/errors.ts";
import { FrameDecoder } from "../../../lib/protocol/frame_decoder.ts";
import { anyCharacter } from "../../fixtures/any_character.ts";

const encoder = new TextEncoder();

function decodeAll(decoder: FrameDecoder, chunks: Iterable<Uint8Array>): string[] {
  const frames: string[] = [];
  for (const chunk of chunks) frames.push(...decoder.decode(chunk));
  return frames;
}

/** Cuts `bytes` at the given offsets, in order. */
function cutAt(bytes: Uint8Array, offsets: readonly number[]): Uint8Array[] {
  const cuts = offsets.map((offset) => offset % (bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...cuts].map((from, index) => bytes.slice(from, cuts[index] ?? bytes.length));
}

function refusal(decode: () => unknown): unknown {
  try {
    return decode();
  } catch (error) {
    return error;
  }
}

describe("FrameDecoder", () => {
  it("gives the frames back however their bytes are cut", () => {
    const frame = fc.json({ maxDepth: 2 }).map((json) => JSON.stringify({ text: json, more: "ä€😀\ufeff" }));
    const property = fc.property(
      fc.array(frame, { maxLength: 8 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      (frames, offsets) => {
        const bytes = encoder.encode(frames.map((one) => `${one}\n`).join(""));
        expect(decodeAll(new FrameDecoder(), cutAt(bytes, offsets))).toEqual(frames);
      },
    );
    fc.assert(property, { numRuns: 300 });
  });

  it("gives the frames back byte by byte, however strange their text", () => {
    const text = fc.string({ unit: anyCharacter, minLength: 1 }).filter((one) => !one.includes("\n"));
    const property = fc.property(fc.array(text, { maxLength: 5 }), (frames) => {
      const bytes = encoder.encode(frames.map((one) => `${one}\n`).join(""));
      expect(
        decodeAll(
          new FrameDecoder(),
          Array.from(bytes, (byte) => Uint8Array.of(byte)),
        ),
      ).toEqual(frames);
    });
    fc.assert(property, { numRuns: 60 });
  });

  it("gives a frame as soon as its newline is there, and no fragment", () => {
    const decoder = new FrameDecoder();
    expect(decoder.decode(encoder.encode('{"a":'))).toEqual([]);
    expect(decoder.decode(encoder.encode("1}"))).toEqual([]);
    expect(decoder.decode(encoder.encode('\n{"b":2}\n{"c"'))).toEqual(['{"a":1}', '{"b":2}']);
    expect(decoder.decode(new Uint8Array(0))).toEqual([]);
  });

  it("skips empty lines", () => {
    const decoder = new FrameDecoder();
    expect(decoder.decode(encoder.encode("\n\na\n\n"))).toEqual(["a"]);
    expect(decoder.decode(encoder.encode("\nb"))).toEqual([]);
    expect(decoder.decode(encoder.encode("\n"))).toEqual(["b"]);
  });

  it("leaves a byte order mark to the frame that it is in", () => {
    expect(new FrameDecoder().decode(encoder.encode("\ufeffa\n\ufeffb\n"))).toEqual(["\ufeffa", "\ufeffb"]);
  });

  it("copies what it keeps: a transport may use its chunk again", () => {
    const decoder = new FrameDecoder();
    const chunk = encoder.encode("x\nab");
    expect(decoder.decode(chunk)).toEqual(["x"]);
    chunk.fill(0x20);
    expect(decoder.decode(encoder.encode("c\n"))).toEqual(["abc"]);
  });

  it("forgets a large frame before a small one", () => {
    const decoder = new FrameDecoder();
    const large = "x".repeat(1_000_000);
    const chunks = [large.slice(0, 999_000), `${large.slice(999_000)}\nsm`, "all\n"];
    expect(
      decodeAll(
        decoder,
        chunks.map((chunk) => encoder.encode(chunk)),
      ),
    ).toEqual([large, "small"]);
  });

  it("takes frames of exactly the limit, in one chunk or more", () => {
    for (const chunks of [
      ["12345678\n12345678\n"],
      ["1234", "5678\n12", "345678\n"],
      ["12345678", "\n", "12345678\n"],
    ]) {
      const decoder = new FrameDecoder({ maxFrameBytes: 8 });
      expect(
        decodeAll(
          decoder,
          chunks.map((chunk) => encoder.encode(chunk)),
        ),
      ).toEqual(["12345678", "12345678"]);
    }
  });

  const tooLarge: readonly (readonly string[])[] = [
    ["123456789"],
    ["123456789\n"],
    ["12345678", "9"],
    ["1\n2345", "67891\n"],
    ["1\n123456789\n2\n"],
    ["ää", "ääx\n"],
  ];
  for (const chunks of tooLarge) {
    it(`refuses ${JSON.stringify(chunks)} over a limit of 8 bytes`, () => {
      const decoder = new FrameDecoder({ maxFrameBytes: 8 });
      const error = refusal(() =>
        decodeAll(
          decoder,
          chunks.map((chunk) => encoder.encode(chunk)),
        ),
      );
      expect(error).toBeInstanceOf(ProtocolError);
      expect((error as Error).message).toContain("limit of 8 bytes");
    });
  }

  it("has a limit of 32 MiB by default", () => {
    const decoder = new FrameDecoder();
    const mebibyte = new Uint8Array(1024 * 1024).fill(0x78);
    for (let count = 0; count < 32; count += 1) expect(decoder.decode(mebibyte)).toEqual([]);
    const error = refusal(() => decoder.decode(Uint8Array.of(0x78)));
    expect((error as Error).message).toContain("33554432 bytes");
  });

  it("costs the same per byte for a huge frame in small chunks", () => {
    // 16 MiB in pieces of 1 KiB: with a copy or a scan of all before for each, this would move 128 GiB.
    const decoder = new FrameDecoder();
    const kibibyte = new Uint8Array(1024).fill(0x78);
    for (let count = 0; count < 16 * 1024; count += 1) decoder.decode(kibibyte);
    const [frame] = decoder.decode(Uint8Array.of(0x0a));
    expect(frame?.length).toBe(16 * 1024 * 1024);
  });
});
