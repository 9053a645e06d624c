import type { StatusDetails } from "../../lib/kubernetes/errors.ts";
import { type Answer, jsonAnswer, textAnswer } from "./answer.ts";

/** A Status in the order of its keys. */
export interface Status {
  readonly kind: "Status";
  readonly apiVersion: "v1";
  readonly metadata: { readonly continue?: string };
  readonly status: "Failure";
  readonly message: string;
  readonly reason?: string;
  readonly details?: StatusDetails;
  readonly code: number;
}

/** One reason of a 422, in the words of the field validation. */
export interface InvalidCause {
  readonly reason:
    | "FieldValueInvalid"
    | "FieldValueRequired"
    | "FieldValueForbidden"
    | "FieldValueNotSupported"
    | "FieldValueTypeInvalid"
    | "FieldValueTooLong"
    | "FieldValueTooMany"
    | "FieldValueDuplicate";
  readonly message: string;
  readonly field: string;
}

interface GroupResource {
  readonly group: string;
  readonly resource: string;
}
type StatusFields = Pick<Status, "message" | "reason" | "details"> & { continueToken?: string };

/** A refusal that is answered with a Status. */
export class StatusError extends Error {
  readonly status: Status;

  constructor(code: number, { message, reason, details, continueToken }: StatusFields) {
    super(message);
    this.status = {
      kind: "Status",
      apiVersion: "v1",
      metadata: continueToken === undefined ? {} : { continue: continueToken },
      status: "Failure",
      message,
      ...(reason === undefined ? {} : { reason }),
      ...(details === undefined ? {} : { details }),
      code,
    };
  }

  answer(): Answer {
    const { code, details } = this.status;
    const answer = jsonAnswer(this.status, { status: code });
    if (details?.retryAfterSeconds === undefined) return answer;
    return { ...answer, headers: { ...answer.headers, "retry-after": String(details.retryAfterSeconds) } };
  }
}

/** A path that nothing serves: plain text, as from Go's own HTTP server. */
export class PageNotFoundError extends Error {
  answer(): Answer {
    return textAnswer("404 page not found\n", { status: 404 });
  }
}

/** `deployments.apps`, or `pods` for the core group. */
export function qualifiedResource({ group, resource }: GroupResource): string {
  return group === "" ? resource : `${resource}.${group}`;
}

export function badRequest(message: string): StatusError {
  return new StatusError(400, { message, reason: "BadRequest" });
}

export function unauthorized(): StatusError {
  return new StatusError(401, { message: "Unauthorized", reason: "Unauthorized" });
}

export function notFound(resource: GroupResource, name: string): StatusError {
  const message = `${qualifiedResource(resource)} "${name}" not found`;
  return new StatusError(404, { message, reason: "NotFound", details: objectDetails(resource, { name }) });
}

/** A resource, version or subresource that a built-in group does not have. */
export function noSuchResource(): StatusError {
  const message = "the server could not find the requested resource";
  return new StatusError(404, { message, reason: "NotFound", details: {} });
}

export function methodNotAllowed(): StatusError {
  const message = "the server does not allow this method on the requested resource";
  return new StatusError(405, { message, reason: "MethodNotAllowed", details: {} });
}

/** `name` is "" for a collection. */
export function forbidden(
  resource: GroupResource,
  { name, why, causes }: { name: string; why: string; causes?: StatusDetails["causes"] },
): StatusError {
  const what = name === "" ? qualifiedResource(resource) : `${qualifiedResource(resource)} "${name}"`;
  return new StatusError(403, {
    message: `${what} is forbidden: ${why}`,
    reason: "Forbidden",
    details: objectDetails(resource, { name, ...(causes && { causes }) }),
  });
}

/** A path that the user may not ask for; it is no resource's. */
export function forbiddenPath(why: string): StatusError {
  return new StatusError(403, { message: `forbidden: ${why}`, reason: "Forbidden", details: {} });
}

export function alreadyExists(
  resource: GroupResource,
  { name, isDeleting, isGenerated }: { name: string; isDeleting: boolean; isGenerated: boolean },
): StatusError {
  const exists = `${qualifiedResource(resource)} "${name}" already exists`;
  const details = objectDetails(resource, { name });
  const message = isDeleting ? `object is being deleted: ${exists}` : exists;
  if (!isGenerated) return new StatusError(409, { message, reason: "AlreadyExists", details });
  return new StatusError(409, {
    message: `${message}, the server was not able to generate a unique name for the object`,
    reason: "AlreadyExists",
    details: { ...details, retryAfterSeconds: 1 },
  });
}

/** A write that was asked for under a condition that does not hold. */
export function conflict(resource: GroupResource, { name, why }: { name: string; why: string }): StatusError {
  const message = `Operation cannot be fulfilled on ${qualifiedResource(resource)} "${name}": ${why}`;
  return new StatusError(409, { message, reason: "Conflict", details: objectDetails(resource, { name }) });
}

/** A body that is longer than the server takes. */
export function requestTooLarge(limit: number): StatusError {
  const message = `Request entity too large: limit is ${limit}`;
  return new StatusError(413, { message, reason: "RequestEntityTooLarge" });
}

export function expired(message: string): StatusError {
  return new StatusError(410, { message, reason: "Expired" });
}

const CONTINUE_TOO_OLD =
  "The provided continue parameter is too old to display a consistent list result. You can start a new list " +
  "without the continue parameter, or use the continue token in this response to retrieve the remainder of the " +
  "results. Continuing with the provided token results in an inconsistent list - objects that were created, " +
  "modified, or deleted between the time the first chunk was returned and now may show up in the list.";

/** A page of a list that is forgotten; with `continueToken` the list goes on, though at another moment. */
export function expiredContinue(continueToken: string): StatusError {
  return new StatusError(410, { message: CONTINUE_TOO_OLD, reason: "Expired", continueToken });
}

/** No form of the answer is one that the client takes. */
export function notAcceptable(message: string, { details }: { details?: object } = {}): StatusError {
  return new StatusError(406, { message, reason: "NotAcceptable", ...(details && { details }) });
}

export function unsupportedMediaType(message: string, { details }: { details?: object } = {}): StatusError {
  return new StatusError(415, { message, reason: "UnsupportedMediaType", ...(details && { details }) });
}

/** A body that is none of what the server reads. Only JSON is read here, whatever the words say. */
export function unknownFormat(): StatusError {
  const types = "application/json, application/yaml, application/vnd.kubernetes.protobuf";
  return unsupportedMediaType(
    `the body of the request was in an unknown format - accepted media types include: ${types}`,
  );
}

/** A 422: `kind` and `group` as the validated type names itself. */
export function invalid(
  { group, kind, name }: { group: string; kind: string; name: string },
  causes: readonly InvalidCause[],
): StatusError {
  // The API server names a cause as often as it was found, and says it once.
  const problems = [...new Set(causes.map(({ field, message }) => `${field}: ${message}`))];
  const qualified = group === "" ? kind : `${kind}.${group}`;
  const said = problems.length === 1 ? problems[0] : `[${problems.join(", ")}]`;
  return new StatusError(422, {
    message: `${qualified} "${name}" is invalid: ${said}`,
    reason: "Invalid",
    details: objectDetails({ group, resource: kind }, { name, causes }),
  });
}

/** A JSON Patch that does not fit its object; nothing tells the ways apart. */
export function patchRefused(): StatusError {
  const message = "the server rejected our request due to an error in our request";
  return new StatusError(422, { message, reason: "Invalid", details: {} });
}

/** An error that the API server gives no reason for. */
export function internalError(message: string): StatusError {
  return new StatusError(500, { message });
}

/** Events have no watch cache, and then no time to wait is named. */
export function tooLargeResourceVersion(
  asked: number,
  { current, retryAfterSeconds }: { current: number; retryAfterSeconds?: number },
): StatusError {
  return new StatusError(504, {
    message: `Timeout: Too large resource version: ${asked}, current: ${current}`,
    reason: "Timeout",
    details: {
      causes: [{ reason: "ResourceVersionTooLarge", message: "Too large resource version" }],
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
    },
  });
}

function objectDetails(
  { group, resource }: GroupResource,
  { name, causes }: { name: string; causes?: StatusDetails["causes"] },
): StatusDetails {
  return {
    ...(name === "" ? {} : { name }),
    ...(group === "" ? {} : { group }),
    ...(resource === "" ? {} : { kind: resource }),
    ...(causes === undefined ? {} : { causes }),
  };
}
