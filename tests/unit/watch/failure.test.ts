import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ApiError,
  type DependencyWatchError,
  NoVersionedResourceError,
  ProtocolError,
  ResourceUnwatchableError,
  TimeoutError,
  TransportError,
} from "../../../lib/kubernetes/errors.ts";
import { classifyFailure, type FailureKind, silenceError, streamError } from "../../../lib/watch/failure.ts";
import type { StreamSpec } from "../../../lib/watch/stream.ts";

const spec: StreamSpec = {
  resource: { group: "", version: "v1", resource: "configmaps" },
  kind: "ConfigMap",
  namespace: "t",
  content: "object",
};

function api(status: number, { reason = "", cause }: { reason?: string; cause?: string } = {}): ApiError {
  const details = cause === undefined ? {} : { causes: [{ reason: cause }] };
  return new ApiError(`Cannot list: no (${status})`, { status, reason, details, retryAfterMs: 5000 });
}

const CASES: readonly [FailureKind, string, DependencyWatchError][] = [
  ["refused", "400", api(400)],
  ["denied", "401", api(401)],
  ["denied", "403", api(403)],
  ["missing", "404", api(404)],
  ["missing", "405", api(405)],
  ["notAcceptable", "406", api(406)],
  ["expired", "410", api(410)],
  ["expired", "reason Expired", api(500, { reason: "Expired" })],
  ["notAcceptable", "415", api(415)],
  ["refused", "422", api(422)],
  ["throttled", "429", api(429)],
  ["broken", "500", api(500)],
  ["broken", "409", api(409)],
  ["broken", "302", api(302)],
  ["unavailable", "502", api(502)],
  ["unavailable", "503", api(503)],
  ["unavailable", "504", api(504, { reason: "Timeout" })],
  ["versionTooLarge", "504 too large", api(504, { reason: "Timeout", cause: "ResourceVersionTooLarge" })],
  ["disconnected", "no answer", new TransportError("Cannot connect")],
  ["disconnected", "silence", new TimeoutError("Cannot go on", 1)],
  ["broken", "no event", new ProtocolError("Cannot decode")],
  ["notServed", "no such kind", new NoVersionedResourceError("Widget")],
  [
    "notServed",
    "unwatchable",
    new ResourceUnwatchableError({ group: "", version: "v1", resource: "bindings", namespaced: true }),
  ],
];

describe("classifyFailure", () => {
  for (const [kind, name, error] of CASES) {
    it(`${name} is ${kind}`, () => expect(classifyFailure(error)).toBe(kind));
  }
});

describe("streamError", () => {
  for (const status of [401, 403]) {
    it(`${status} names the permissions, stays what it was, and says each thing once`, () => {
      const refusal = api(status, { reason: "Forbidden" });
      const error = streamError(refusal, spec);
      expect(error).toMatchObject({ status, reason: "Forbidden", retryAfterMs: 5000, code: "API_ERROR" });
      expect(error.message).toBe(`${refusal.message}; list and watch permissions are needed`);
      // What prints an error prints its cause as well.
      expect(error.cause).toBeUndefined();
    });
  }

  it("leaves other errors of ours alone", () => {
    for (const error of [api(404), api(500), new TransportError("Cannot connect")]) {
      expect(streamError(error, spec)).toBe(error);
    }
  });

  it("makes a TransportError of whatever else was thrown", () => {
    const cause = new TypeError("fetch failed");
    const error = streamError(cause, spec);
    expect(error).toBeInstanceOf(TransportError);
    expect(error.cause).toBe(cause);
  });
});

describe("silenceError", () => {
  it("says how long nothing came", () => {
    expect(silenceError(90_000)).toMatchObject({
      code: "TIMEOUT",
      afterMs: 90_000,
      message: "Cannot go on: the API server sent nothing for 90 s",
    });
  });
});
