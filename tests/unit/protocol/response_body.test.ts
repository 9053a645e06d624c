import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, TransportError } from "../../../lib/kubernetes/errors.ts";
import { readApiError, readText } from "../../../lib/protocol/response_body.ts";
import type { TransportResponse } from "../../../lib/protocol/transport.ts";
import { type FakeAnswer, FakeApi, rejection, statusBody } from "../../fixtures/fake_api.ts";

function respond(answer: FakeAnswer, signal?: AbortSignal): Promise<TransportResponse> {
  return new FakeApi(() => answer).request({ method: "GET", path: "/", ...(signal && { signal }) });
}

function bytes(...chunks: readonly (readonly number[])[]): TransportResponse {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const chunk of chunks) yield Uint8Array.from(chunk);
  }
  return { status: 200, headers: new Headers(), body: body() };
}

describe("readText", () => {
  it("puts characters together that are cut by chunks", async () => {
    expect(await readText(bytes([0x61, 0xe2], [0x82], [0xac, 0x62]))).toBe("a€b");
  });

  it("tells each chunk", async () => {
    let chunks = 0;
    const onProgress = () => {
      chunks += 1;
    };
    expect(await readText(await respond({ text: ["a", "b", "c"] }), { onProgress })).toBe("abc");
    expect(chunks).toBe(3);
  });

  it("stops at its limit and lets go of the body", async () => {
    let ended = false;
    async function* endless(): AsyncGenerator<Uint8Array> {
      try {
        for (;;) yield new TextEncoder().encode("abcd");
      } finally {
        ended = true;
      }
    }
    const response = { status: 200, headers: new Headers(), body: endless() };
    expect(await readText(response, { maxBytes: 6 })).toBe("abcdab");
    expect(ended).toBe(true);
  });

  it("rejects with what the body breaks off with, and with the reason of an abort", async () => {
    const broken = new TransportError("Cannot read the body: reset");
    expect(await rejection(readText(await respond({ text: "a", breaksWith: broken })))).toBe(broken);
    const abort = new AbortController();
    const response = await respond({ text: ["a", "b"] }, abort.signal);
    const reason = new Error("enough");
    expect(await rejection(readText(response, { onProgress: () => abort.abort(reason) }))).toBe(reason);
  });
});

describe("readApiError", () => {
  it("reads the Status", async () => {
    const answer = statusBody(403, { reason: "Forbidden", message: "no" });
    const error = await readApiError("list pods", await respond(answer));
    expect(error).toBeInstanceOf(ApiError);
    expect([error.message, error.reason]).toEqual(["Cannot list pods: no (403)", "Forbidden"]);
  });

  it("knows the status of a body that breaks off", async () => {
    const breaksWith = new TransportError("Cannot read the body: reset");
    const response = await respond({ status: 503, headers: { "retry-after": "5" }, text: "{", breaksWith });
    const error = await readApiError("list pods", response);
    expect([error.status, error.reason, error.retryAfterMs]).toEqual([503, "ServiceUnavailable", 5000]);
  });

  it("reads no more than 64 KiB of a page without end", async () => {
    let pieces = 0;
    async function* endless(): AsyncGenerator<Uint8Array> {
      for (; ; pieces += 1) yield new Uint8Array(1024).fill(0x78);
    }
    const error = await readApiError("list pods", { status: 500, headers: new Headers(), body: endless() });
    expect(error.status).toBe(500);
    expect(pieces).toBeLessThan(65);
  });

  it("rejects with the reason of an abort", async () => {
    const abort = new AbortController();
    const response = await respond({ status: 500, text: ["a", "b"] }, abort.signal);
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await rejection(readApiError("list pods", response))).toBe(reason);
  });
});
