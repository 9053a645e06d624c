import { jsonText, watchFrame } from "../memory/json_text.ts";
import {
  expired,
  expiredContinue,
  forbidden,
  forbiddenPath,
  internalError,
  noSuchResource,
  notFound,
  StatusError,
  tooLargeResourceVersion,
  unauthorized,
} from "../memory/status_error.ts";
import type { FaultRequest } from "./fault_request.ts";

/** An answer with its whole body. Header names are in lower case. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A transport does not know whom it speaks for. */
const USER = "system:serviceaccount:default:default";

const UNCACHED = { "cache-control": "no-cache, private" };
const JSON_FIELDS = { ...UNCACHED, "content-type": "application/json" };
const TEXT_FIELDS = { "content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff" };

/** What kube-apiserver 1.35 says, word for word, to the request that it is said to. */
const ANSWERS: Readonly<Record<AnswerName, (request: FaultRequest) => WholeAnswer>> = {
  /** 401. */
  unauthorized: () => inJson(unauthorized()),
  /** 403. */
  forbidden: (request) => inJson(refusal(request), { "x-content-type-options": "nosniff" }),
  /** 404 of an object, or of a resource that its group does not have. */
  notFound: (request) => inJson(missing(request)),
  /** 404 of a group that is not there, in plain text. */
  pageNotFound: () => inText(404, "404 page not found"),
  /** 410 of a list, or of one that goes on; of a watch, where the API server itself says it inside of the stream. */
  expired: (request) => inJson(outdated(request)),
  /** 429 in plain text: priority and fairness. */
  tooManyRequests: () =>
    inText(429, "Too many requests, please try again later.", { ...UNCACHED, "retry-after": "1" }),
  /** 429 in plain text: a server that ends. */
  shuttingDown: () =>
    inText(429, "The apiserver is shutting down, please try again later.", {
      "retry-after": "5",
      connection: "close",
    }),
  /** 429 in JSON: a resource that was just made, or made anew. */
  storageInitializing: () =>
    inJson(
      new StatusError(429, {
        message: "storage is (re)initializing",
        reason: "TooManyRequests",
        details: { retryAfterSeconds: 1 },
      }),
    ),
  /** 500, which names no reason. */
  internalError: () => inJson(internalError("etcdserver: leader changed")),
  /** 503 in JSON: a server that starts. */
  starting: () =>
    inJson(
      new StatusError(503, {
        message:
          "the request has been made before all known HTTP paths have been installed, please try again",
        reason: "ServiceUnavailable",
        details: { retryAfterSeconds: 5 },
      }),
    ),
  /** 503 in plain text: the backend of an aggregated group is away. */
  backendUnavailable: () => inText(503, "service unavailable"),
  /** 504 of a resource version that is in the future. */
  tooLargeResourceVersion: (request) => inJson(tooLarge(request)),
  /** 504 of a server without its etcd: JSON that calls itself plain text, and no Status. */
  timeout: () => ({
    status: 504,
    headers: { ...UNCACHED, "content-type": "text/plain; charset=utf-8" },
    body: `${jsonText({
      metadata: {},
      status: "Failure",
      message: "Timeout: request did not complete within the allotted timeout",
      reason: "Timeout",
      details: {},
      code: 504,
    })}\n`,
  }),
};

const ERROR_FRAMES: Readonly<Record<ErrorFrameName, (request: FaultRequest) => StatusError>> = {
  /** 410. */
  expired: outdated,
  /** 504, of a streaming list. */
  tooLargeResourceVersion: tooLarge,
  /** 500. */
  internalError: ({ resource, namespace }) => {
    const key = JSON.stringify(`/registry/${resource}/${namespace}`);
    const message = `etcd event received with PrevKv=nil (key=${key}, modRevision=1, type=DELETE)`;
    return new StatusError(500, {
      message: `Internal error occurred: ${message}`,
      reason: "InternalError",
      details: { causes: [{ message }] },
    });
  },
};

/** An answer that the API server is known for. */
export type AnswerName =
  | "unauthorized"
  | "forbidden"
  | "notFound"
  | "pageNotFound"
  | "expired"
  | "tooManyRequests"
  | "shuttingDown"
  | "storageInitializing"
  | "internalError"
  | "starting"
  | "backendUnavailable"
  | "tooLargeResourceVersion"
  | "timeout";

/** An error that the API server sends inside of a watch. */
export type ErrorFrameName = "expired" | "tooLargeResourceVersion" | "internalError";

/** The names of all answers, for those who pick one. */
export const ANSWER_NAMES = Object.keys(ANSWERS) as readonly AnswerName[];

/** The names of all errors inside of a watch, for those who pick one. */
export const ERROR_FRAME_NAMES = Object.keys(ERROR_FRAMES) as readonly ErrorFrameName[];

/** What the API server answers. */
export function serverAnswer(name: AnswerName, request: FaultRequest): WholeAnswer {
  return ANSWERS[name](request);
}

/** A frame with what the API server says inside of a watch. */
export function serverErrorFrame(name: ErrorFrameName, request: FaultRequest): Uint8Array {
  return watchFrame("ERROR", ERROR_FRAMES[name](request).status);
}

function refusal(request: FaultRequest): StatusError {
  const { verb, method, path, resource, subresource, group, namespace, name } = request;
  if (resource === "") return forbiddenPath(`User "${USER}" cannot ${method.toLowerCase()} path "${path}"`);
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  const where = namespace === "" ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const why = `User "${USER}" cannot ${verb} resource "${what}" in API group "${group}" ${where}`;
  return forbidden(request, { name, why });
}

/** A collection is missing only where its resource is. */
function missing(request: FaultRequest): StatusError {
  const { verb, name } = request;
  return name === "" || verb === "list" || verb === "watch" ? noSuchResource() : notFound(request, name);
}

function outdated({ verb, resource, query }: FaultRequest): StatusError {
  const token = query.get("continue");
  if (token !== null) return expiredContinue(inconsistentToken(token));
  if (verb !== "watch") return expired("The resourceVersion for the provided list is too old.");
  if (resource === "events") return expired("The resourceVersion for the provided watch is too old.");
  const asked = askedVersion(query);
  return expired(`too old resource version: ${asked} (${asked + 1})`);
}

function tooLarge({ resource, query }: FaultRequest): StatusError {
  const asked = askedVersion(query);
  const wait = resource === "events" ? {} : { retryAfterSeconds: 1 };
  return tooLargeResourceVersion(asked, { current: asked - 1, ...wait });
}

function askedVersion(query: URLSearchParams): number {
  return Number(query.get("resourceVersion")) || 1;
}

/** The token that goes on at whatever there is: the same place, without a version. One that is none stays. */
function inconsistentToken(token: string): string {
  try {
    const content = JSON.parse(atob(token.replaceAll("-", "+").replaceAll("_", "/")));
    const json = JSON.stringify({ ...content, rv: -1 });
    return btoa(json).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  } catch {
    return token;
  }
}

function inJson({ status }: StatusError, headers: WholeAnswer["headers"] = {}): WholeAnswer {
  const wait = status.details?.retryAfterSeconds;
  const retryAfter = wait === undefined ? {} : { "retry-after": String(wait) };
  return {
    status: status.code,
    headers: { ...JSON_FIELDS, ...retryAfter, ...headers },
    body: `${jsonText(status)}\n`,
  };
}

function inText(status: number, message: string, headers: WholeAnswer["headers"] = UNCACHED): WholeAnswer {
  return { status, headers: { ...TEXT_FIELDS, ...headers }, body: `${message}\n` };
}
