import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ByteStream } from "../../../../transports/memory/byte_stream.ts";

const bytes = (text: string) => new TextEncoder().encode(text);

async function readAll(stream: ByteStream): Promise<string[]> {
  const chunks: string[] = [];
  for await (const chunk of stream) chunks.push(new TextDecoder().decode(chunk));
  return chunks;
}

describe("ByteStream", () => {
  it("keeps what is sent until it is read, and ends after it", async () => {
    const stream = new ByteStream();
    stream.send(bytes("a"));
    stream.send(bytes("b"));
    stream.end();
    stream.send(bytes("too late"));
    expect(await readAll(stream)).toEqual(["a", "b"]);
  });

  it("gives a waiting reader what is sent next", async () => {
    const stream = new ByteStream();
    const reading = readAll(stream);
    stream.send(bytes("a"));
    stream.end();
    expect(await reading).toEqual(["a"]);
  });

  it("loses what was not read when it fails, and rejects a waiting and a later reader", async () => {
    const reason = new Error("cut");
    const waited = new ByteStream();
    const waiting = readAll(waited);
    waited.fail(reason);
    await expect(waiting).rejects.toBe(reason);

    const stream = new ByteStream();
    stream.send(bytes("a"));
    stream.fail(reason);
    await expect(readAll(stream)).rejects.toBe(reason);
  });

  it("packs frames and cuts them at 2048 bytes, also inside a character", async () => {
    const stream = new ByteStream();
    stream.sendPacked([bytes("x".repeat(2047)), bytes("é\n")]);
    stream.end();
    const sizes: number[] = [];
    const decoder = new TextDecoder();
    let text = "";
    for await (const chunk of stream) {
      sizes.push(chunk.length);
      text += decoder.decode(chunk, { stream: true });
    }
    expect(sizes).toEqual([2048, 2]);
    expect(text).toBe(`${"x".repeat(2047)}é\n`);
  });

  it("sends nothing for no frames", async () => {
    const stream = new ByteStream();
    stream.sendPacked([]);
    stream.end();
    expect(await readAll(stream)).toEqual([]);
  });

  for (const [how, close] of Object.entries({
    "its end": (stream: ByteStream) => stream.end(),
    "a failure": (stream: ByteStream) => stream.fail(new Error("cut")),
    "the reader's leaving": (stream: ByteStream) => stream[Symbol.asyncIterator]().return?.(),
  })) {
    it(`says once that it is closed, at ${how}`, async () => {
      const stream = new ByteStream();
      let closed = 0;
      stream.onClose(() => {
        closed += 1;
      });
      await close(stream);
      stream.end();
      expect(closed).toBe(1);
      stream.onClose(() => {
        closed += 1;
      });
      expect(closed).toBe(2);
    });
  }
});
