import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import { ApiError } from "../../../lib/kubernetes/errors.ts";
import {
  apiErrorFromAnswer,
  apiErrorFromStatus,
  isExpired,
  isResourceVersionTooLarge,
} from "../../../lib/kubernetes/status.ts";

function fromAnswer(status: number, body: string, headers: Record<string, string> = {}): ApiError {
  return apiErrorFromAnswer("list pods", { status, headers: new Headers(headers), body });
}

const FORBIDDEN = {
  kind: "Status",
  apiVersion: "v1",
  metadata: {},
  status: "Failure",
  message: 'pods is forbidden: User "alice" cannot list resource "pods" in API group "" in the namespace "t"',
  reason: "Forbidden",
  details: { kind: "pods" },
  code: 403,
};
const TOO_LARGE = {
  ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", reason: "Timeout", code: 504 },
  message: "Timeout: Too large resource version: 9999999, current: 229",
  details: {
    causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
    retryAfterSeconds: 1,
  },
};

describe("apiErrorFromAnswer", () => {
  it("takes message, reason and details from a Status", () => {
    const error = fromAnswer(403, JSON.stringify(FORBIDDEN));
    expect(error).toBeInstanceOf(ApiError);
    expect(error.code).toBe("API_ERROR");
    expect(error.message).toBe(`Cannot list pods: ${FORBIDDEN.message} (403)`);
    expect([error.status, error.reason, error.details]).toEqual([403, "Forbidden", { kind: "pods" }]);
    expect(error.retryAfterMs).toBe(undefined);
  });

  it("parses an indented body", () => {
    expect(fromAnswer(403, JSON.stringify(FORBIDDEN, null, 2)).reason).toBe("Forbidden");
  });

  it("parses a Status that comes as text and has no kind", () => {
    const body =
      '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout","reason":"Timeout","details":{},"code":504}';
    const error = fromAnswer(504, body, { "content-type": "text/plain; charset=utf-8" });
    expect(error.reason).toBe("Timeout");
    expect(error.message).toContain("request did not complete");
  });

  const texts: readonly (readonly [number, string, string])[] = [
    [404, "404 page not found\n", "NotFound"],
    [429, "Too many requests, please try again later.\n", "TooManyRequests"],
    [503, "service unavailable\n", "ServiceUnavailable"],
    [500, "", "InternalError"],
    [410, "gone", "Expired"],
    [418, "teapot", ""],
  ];
  for (const [code, text, reason] of texts) {
    it(`classifies ${code} ${JSON.stringify(text)} by its code`, () => {
      const error = fromAnswer(code, text, { "content-type": "text/plain" });
      expect([error.status, error.reason, error.details]).toEqual([code, reason, {}]);
      expect(error.message).toBe(`Cannot list pods: ${text.trim() || reason} (${code})`);
    });
  }

  it("takes the HTTP status where the body says another code", () => {
    expect(fromAnswer(503, JSON.stringify(FORBIDDEN)).status).toBe(503);
  });

  it("shows the body of JSON that is no Status", () => {
    for (const body of ['{"error":"no route"}', '["no route"]', '"no route"', "null"]) {
      expect(fromAnswer(502, body).message).toBe(`Cannot list pods: ${body} (502)`);
    }
  });

  it("quotes no more of a page than a line", () => {
    const { message } = fromAnswer(502, `<html>\n  <p>${"x".repeat(100_000)}</p></html>`);
    expect(message.length).toBeLessThan(260);
    expect(message).toContain("<html> <p>xxx");
    expect(message).toContain("… (502)");
  });

  it("cuts a message without end", () => {
    const body = JSON.stringify({ ...FORBIDDEN, message: "y".repeat(100_000) });
    expect(fromAnswer(403, body).message.length).toBeLessThan(1100);
  });

  it("says that a redirect is not followed", () => {
    expect(fromAnswer(302, "").message).toBe("Cannot list pods: a redirect is not followed (302)");
  });

  const waits: readonly (readonly [
    string,
    Record<string, string>,
    object | undefined,
    number | undefined,
  ])[] = [
    ["the header", { "retry-after": "5" }, undefined, 5000],
    ["the details", {}, { retryAfterSeconds: 2 }, 2000],
    ["the header before the details", { "retry-after": "5" }, { retryAfterSeconds: 2 }, 5000],
    ["a header of 0", { "retry-after": "0" }, undefined, 0],
    ["no date", { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }, undefined, undefined],
    ["no empty header", { "retry-after": "" }, undefined, undefined],
    ["no negative details", {}, { retryAfterSeconds: -1 }, undefined],
    ["no text in details", {}, { retryAfterSeconds: "soon" }, undefined],
  ];
  for (const [name, headers, details, retryAfterMs] of waits) {
    it(`waits for ${name}`, () => {
      const error = fromAnswer(429, JSON.stringify({ ...FORBIDDEN, details }), headers);
      expect(error.retryAfterMs).toBe(retryAfterMs);
    });
  }

  it("takes bad fields for absent ones and keeps the good", () => {
    const bad = { ...FORBIDDEN, reason: 7, details: { name: "x", group: 1, causes: ["?"], extra: true } };
    const error = fromAnswer(403, JSON.stringify(bad));
    expect(error.reason).toBe("Forbidden");
    expect(error.message).toContain("pods is forbidden");
    expect(error.details).toEqual({ name: "x" });
    expect(Object.keys(error.details)).toEqual(["name"]);
    for (const details of [null, 5, "text", []]) {
      expect(fromAnswer(403, JSON.stringify({ ...FORBIDDEN, details })).details).toEqual({});
    }
  });

  it("keeps the causes of an invalid object", () => {
    const causes = [{ reason: "FieldValueInvalid", message: "Invalid value", field: "spec.replicas" }];
    const error = fromAnswer(422, JSON.stringify({ ...FORBIDDEN, reason: "Invalid", details: { causes } }));
    expect(error.details.causes).toEqual(causes);
  });
});

describe("apiErrorFromStatus", () => {
  it("makes an error of a Status inside a watch", () => {
    const error = apiErrorFromStatus("watch Pod", {
      ...{ kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure" },
      ...{ message: "too old resource version: 208 (210)", reason: "Expired", code: 410 },
    });
    expect(error.message).toBe("Cannot watch Pod: too old resource version: 208 (210) (410)");
    expect([error.status, error.reason]).toEqual([410, "Expired"]);
  });

  it("keeps what the server asks to wait", () => {
    expect(apiErrorFromStatus("watch Pod", TOO_LARGE).retryAfterMs).toBe(1000);
  });

  for (const object of [undefined, null, 5, "text", [], {}, { code: "410" }]) {
    it(`makes a 500 of ${JSON.stringify(object)}`, () => {
      const error = apiErrorFromStatus("watch Pod", object);
      expect([error.status, error.reason]).toEqual([500, "InternalError"]);
    });
  }
});

describe("isExpired", () => {
  it("goes by code or reason, not by the words", () => {
    expect(isExpired(fromAnswer(410, ""))).toBe(true);
    expect(isExpired(fromAnswer(410, JSON.stringify({ reason: "Gone" })))).toBe(true);
    expect(isExpired(apiErrorFromStatus("watch", { reason: "Expired" }))).toBe(true);
    expect(isExpired(fromAnswer(400, "The provided continue parameter is too old"))).toBe(false);
    expect(isExpired(new Error("Expired"))).toBe(false);
  });
});

describe("isResourceVersionTooLarge", () => {
  it("goes by the cause", () => {
    expect(isResourceVersionTooLarge(fromAnswer(504, JSON.stringify(TOO_LARGE)))).toBe(true);
    expect(isResourceVersionTooLarge(apiErrorFromStatus("watch", TOO_LARGE))).toBe(true);
    expect(isResourceVersionTooLarge(fromAnswer(504, JSON.stringify({ ...TOO_LARGE, details: {} })))).toBe(
      false,
    );
    expect(isResourceVersionTooLarge(fromAnswer(504, ""))).toBe(false);
    expect(isResourceVersionTooLarge(undefined)).toBe(false);
  });
});
