import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError, ProtocolError } from "../../../lib/kubernetes/errors.ts";
import { requestJson } from "../../../lib/protocol/request_json.ts";
import { FakeApi, held, rejection } from "../../fixtures/fake_api.ts";

const request = { verb: "read it", path: "/it" };

describe("requestJson", () => {
  it("gives the object, and asks for nothing that it was not told", async () => {
    const api = new FakeApi(() => ({ json: { a: 1 } }));
    expect((await requestJson(api, request)).body).toEqual({ a: 1 });
    expect(api.requests).toEqual([{ method: "GET", path: "/it" }]);
  });

  for (const status of [301, 304, 404, 503]) {
    it(`rejects with an ApiError for ${status}`, async () => {
      const error = await rejection(requestJson(new FakeApi(() => ({ status })), request));
      expect(error).toBeInstanceOf(ApiError);
      expect((error as ApiError).status).toBe(status);
    });
  }

  it("answers a status that is accepted, without its body", async () => {
    const api = new FakeApi(() => ({ status: 404, text: "404 page not found\n" }));
    const { status, body } = await requestJson(api, { ...request, accepts: [404] });
    expect([status, body]).toEqual([404, {}]);
  });

  it("rejects with a ProtocolError for a success that is a page", async () => {
    const error = await rejection(requestJson(new FakeApi(() => ({ text: "<html>" })), request));
    expect(error).toBeInstanceOf(ProtocolError);
  });

  it("tells that the answer has begun, and each piece of it, but nothing of a refusal", async () => {
    let progress = 0;
    const onProgress = () => {
      progress += 1;
    };
    await requestJson(new FakeApi(() => ({ text: ["{", "}"] })), request, { onProgress });
    expect(progress).toBe(3);
    await rejection(requestJson(new FakeApi(() => ({ status: 429, text: "no" })), request, { onProgress }));
    expect(progress).toBe(3);
  });

  it("rejects with the reason of an abort, and asks nothing after one", async () => {
    const abort = new AbortController();
    const api = new FakeApi(() => held<never>().promise);
    const pending = rejection(requestJson(api, request, { signal: abort.signal }));
    const reason = new Error("enough");
    abort.abort(reason);
    expect(await pending).toBe(reason);
    expect(await rejection(requestJson(api, request, { signal: abort.signal }))).toBe(reason);
    expect(api.requests.length).toBe(1);
  });
});
