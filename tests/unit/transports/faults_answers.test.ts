import { expect } from "@std/expect";
import { describe, it } from "@std/testing/bdd";
import {
  ANSWER_NAMES,
  type AnswerName,
  ERROR_FRAME_NAMES,
  type ErrorFrameName,
  faults,
  withFaults,
} from "../../../transports/faults.ts";
import { ScriptedTransport } from "../../fixtures/scripted_transport.ts";
import { readAll } from "../../fixtures/transport_contract/observe.ts";

const PODS = "/api/v1/namespaces/t/pods";
const DEPLOYMENTS = "/apis/apps/v1/namespaces/t/deployments";
const USER = 'User \\"system:serviceaccount:default:default\\"';

const JSON_FIELDS = { "cache-control": "no-cache, private", "content-type": "application/json" };
const TEXT_FIELDS = {
  "cache-control": "no-cache, private",
  "content-type": "text/plain; charset=utf-8",
  "x-content-type-options": "nosniff",
};

interface Expected {
  status: number;
  fields: Record<string, string>;
  body: string;
}

/** A Status as the server writes it: the fields between its status and its code. */
function failure(code: number, fields: string, metadata = "{}"): string {
  const head = `{"kind":"Status","apiVersion":"v1","metadata":${metadata},"status":"Failure"`;
  return `${head},${fields},"code":${code}}`;
}

// Taken from a kube-apiserver 1.35.4, but for the users, versions and names; those marked (R) from its sources.
const TOO_LARGE =
  '"message":"Timeout: Too large resource version: 9999999, current: 9999998","reason":"Timeout","details":' +
  '{"causes":[{"reason":"ResourceVersionTooLarge","message":"Too large resource version"}],"retryAfterSeconds":1}';

const SAID: Record<AnswerName, Expected & { path?: string }> = {
  unauthorized: {
    status: 401,
    fields: JSON_FIELDS,
    body: failure(401, '"message":"Unauthorized","reason":"Unauthorized"'),
  },
  forbidden: {
    status: 403,
    fields: { ...JSON_FIELDS, "x-content-type-options": "nosniff" },
    body: failure(
      403,
      `"message":"pods is forbidden: ${USER} cannot list resource \\"pods\\" in API group \\"\\" in the namespace \\"t\\""` +
        ',"reason":"Forbidden","details":{"kind":"pods"}',
    ),
  },
  notFound: {
    status: 404,
    fields: JSON_FIELDS,
    body: failure(
      404,
      '"message":"the server could not find the requested resource","reason":"NotFound","details":{}',
    ),
  },
  pageNotFound: { status: 404, fields: TEXT_FIELDS, body: "404 page not found" },
  expired: {
    status: 410,
    fields: JSON_FIELDS,
    body: failure(
      410,
      '"message":"The resourceVersion for the provided list is too old.","reason":"Expired"',
    ),
  },
  // (R) The headers and the last byte of this one and the next.
  tooManyRequests: {
    status: 429,
    fields: { ...TEXT_FIELDS, "retry-after": "1" },
    body: "Too many requests, please try again later.",
  },
  shuttingDown: {
    status: 429,
    fields: {
      "content-type": "text/plain; charset=utf-8",
      "x-content-type-options": "nosniff",
      "retry-after": "5",
      connection: "close",
    },
    body: "The apiserver is shutting down, please try again later.",
  },
  storageInitializing: {
    status: 429,
    fields: { ...JSON_FIELDS, "retry-after": "1" },
    body: failure(
      429,
      '"message":"storage is (re)initializing","reason":"TooManyRequests","details":{"retryAfterSeconds":1}',
    ),
  },
  // (R) The message; its shape is that of every 500 without a reason.
  internalError: {
    status: 500,
    fields: JSON_FIELDS,
    body: failure(500, '"message":"etcdserver: leader changed"'),
  },
  starting: {
    status: 503,
    fields: { ...JSON_FIELDS, "retry-after": "5" },
    body: failure(
      503,
      '"message":"the request has been made before all known HTTP paths have been installed, please try again"' +
        ',"reason":"ServiceUnavailable","details":{"retryAfterSeconds":5}',
    ),
  },
  backendUnavailable: { status: 503, fields: TEXT_FIELDS, body: "service unavailable" },
  tooLargeResourceVersion: {
    path: `${PODS}?resourceVersion=9999999`,
    status: 504,
    fields: { ...JSON_FIELDS, "retry-after": "1" },
    body: failure(504, TOO_LARGE),
  },
  timeout: {
    status: 504,
    fields: { "cache-control": "no-cache, private", "content-type": "text/plain; charset=utf-8" },
    body:
      '{"metadata":{},"status":"Failure","message":"Timeout: request did not complete within the allotted timeout"' +
      ',"reason":"Timeout","details":{},"code":504}',
  },
};

const FIELDS = ["cache-control", "content-type", "x-content-type-options", "retry-after", "connection"];

async function answered(name: AnswerName, { path = PODS, method = "GET" } = {}): Promise<Expected> {
  const server = new ScriptedTransport();
  const transport = withFaults(server, { any: () => faults.answer(name) });
  const { status, headers, body } = await transport.request({ method, path });
  const fields = FIELDS.flatMap((field) => {
    const value = headers.get(field.toUpperCase());
    return value === null ? [] : [[field, value]];
  });
  expect(server.calls).toEqual([]);
  return { status, fields: Object.fromEntries(fields), body: await readAll(body) };
}

async function messageOf(name: AnswerName, request: { path: string; method?: string }): Promise<string> {
  return JSON.parse((await answered(name, request)).body).message;
}

describe("faults.answer", () => {
  it("has the words for every name", () => {
    expect([...ANSWER_NAMES].sort()).toEqual(Object.keys(SAID).sort());
  });

  for (const name of ANSWER_NAMES) {
    it(`${name} is what kube-apiserver says, to the letter`, async () => {
      const { path = PODS, status, fields, body } = SAID[name];
      expect(await answered(name, { path })).toEqual({ status, fields, body: `${body}\n` });
    });
  }

  const user = 'User "system:serviceaccount:default:default"';
  const core = 'in API group ""';
  const refusals: [method: string, path: string, message: string][] = [
    [
      "GET",
      `${PODS}?watch=1`,
      `pods is forbidden: ${user} cannot watch resource "pods" ${core} in the namespace "t"`,
    ],
    [
      "GET",
      `${PODS}?fieldSelector=metadata.name%3Dx`,
      `pods "x" is forbidden: ${user} cannot list resource "pods" ${core} in the namespace "t"`,
    ],
    [
      "PUT",
      `${DEPLOYMENTS}/x/status`,
      `deployments.apps "x" is forbidden: ${user} cannot update resource "deployments/status" in API group "apps" in the namespace "t"`,
    ],
    [
      "GET",
      "/api/v1/nodes",
      `nodes is forbidden: ${user} cannot list resource "nodes" ${core} at the cluster scope`,
    ],
    ["GET", "/apis", `forbidden: ${user} cannot get path "/apis"`],
  ];
  for (const [method, path, message] of refusals) {
    it(`forbidden names what is not allowed: ${method} ${path}`, async () => {
      expect(await messageOf("forbidden", { method, path })).toBe(message);
    });
  }

  it("notFound names the object, where one is asked for", async () => {
    expect(await messageOf("notFound", { path: `${PODS}/x` })).toBe('pods "x" not found');
    const deployment = { path: `${DEPLOYMENTS}/x`, method: "DELETE" };
    expect(await messageOf("notFound", deployment)).toBe('deployments.apps "x" not found');
    const watch = { path: `${PODS}?watch=1&fieldSelector=metadata.name%3Dx` };
    expect(await messageOf("notFound", watch)).toBe("the server could not find the requested resource");
  });

  it("expired of a list that goes on has a token that goes on without a version", async () => {
    const token = "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MjA1LCJzdGFydCI6InRlc3QtMS9hXHUwMDAwIn0";
    const { body } = await answered("expired", { path: `${PODS}?limit=1&continue=${token}` });
    const { message, metadata } = JSON.parse(body);
    expect(message).toContain(
      "The provided continue parameter is too old to display a consistent list result.",
    );
    expect(JSON.parse(atob(metadata.continue))).toEqual({
      v: "meta.k8s.io/v1",
      rv: -1,
      start: "test-1/a\u0000",
    });
    const strange = await answered("expired", { path: `${PODS}?continue=%25` });
    expect(JSON.parse(strange.body).metadata).toEqual({ continue: "%" });
  });

  it("expired of a watch names the version that it was asked for", async () => {
    const path = `${PODS}?watch=1&resourceVersion=208`;
    expect(await messageOf("expired", { path })).toBe("too old resource version: 208 (209)");
  });
});

describe("faults.errorFrame", () => {
  const said: Record<ErrorFrameName, string> = {
    expired: failure(410, '"message":"too old resource version: 9999999 (10000000)","reason":"Expired"'),
    tooLargeResourceVersion: failure(504, TOO_LARGE),
    // (R)
    internalError: failure(
      500,
      '"message":"Internal error occurred: etcd event received with PrevKv=nil (key=\\"/registry/pods/t\\", modRevision=1, type=DELETE)"' +
        ',"reason":"InternalError","details":{"causes":[{"message":' +
        '"etcd event received with PrevKv=nil (key=\\"/registry/pods/t\\", modRevision=1, type=DELETE)"}]}',
    ),
  };

  it("has the words for every name", () => {
    expect([...ERROR_FRAME_NAMES].sort()).toEqual(Object.keys(said).sort());
  });

  for (const name of ERROR_FRAME_NAMES) {
    it(`${name} is a Status in a frame, and then the end`, async () => {
      expect(await watched(name, PODS)).toBe(`{"type":"ERROR","object":${said[name]}}\n`);
    });
  }

  it("expired is worded otherwise for Events", async () => {
    const { object } = JSON.parse(await watched("expired", "/api/v1/events"));
    expect(object.message).toBe("The resourceVersion for the provided watch is too old.");
  });

  async function watched(name: ErrorFrameName, path: string): Promise<string> {
    const server = new ScriptedTransport();
    server.onCall = (call) => call.open();
    const transport = withFaults(server, { watch: () => faults.errorFrame(name) });
    const query = "watch=1&resourceVersion=9999999";
    const { status, body } = await transport.request({
      method: "GET",
      path: `${path}?${query}`,
      stream: true,
    });
    expect(status).toBe(200);
    return readAll(body);
  }
});
