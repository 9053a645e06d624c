import { InvalidInputError } from "../../lib/kubernetes/errors.ts";

/** Where a transport sends its requests. */
export interface BaseUrl {
  /** Scheme, host and port. */
  readonly origin: string;
  /** The base URL's own path, without a slash at its end; often "". */
  readonly prefix: string;
  /** Whether credentials may go there: https, or http that does not leave this machine (a proxy may be elsewhere). */
  readonly confidential: boolean;
}

/** What RFC 3986 allows in a path and its query; a fragment is never sent. */
const ENCODED_PATH = /^\/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/?]|%[0-9A-Fa-f]{2})*$/;
const LOOPBACK_HOST = /^(?:127\.\d+\.\d+\.\d+|\[::1\]|localhost)$/;

/**
 * Parses a transport's `baseUrl`.
 *
 * @param options `proxied`: whether requests go through a proxy
 * @throws {InvalidInputError} for what is no http or https URL, or has a user, a password, a query or a fragment;
 * the message does not repeat it
 */
export function parseBaseUrl(baseUrl: string, { proxied = false } = {}): BaseUrl {
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url?.protocol !== "https:" && url?.protocol !== "http:") {
    throw invalid("it is no http or https URL; give one such as https://10.0.0.1:6443");
  }
  if (url.username !== "" || url.password !== "") {
    throw invalid("it holds a user or a password; give them as credentials");
  }
  if (url.search !== "" || url.hash !== "") throw invalid("it has a query or a fragment; leave them out");
  return {
    origin: url.origin,
    prefix: url.pathname.replace(/\/+$/, ""),
    confidential: url.protocol === "https:" || (!proxied && LOOPBACK_HOST.test(url.hostname)),
  };
}

/**
 * What a request's line names: the base URL's own path and then `path` as it is, never resolved nor encoded again.
 *
 * @throws {InvalidInputError} for a path that is not encoded, or that does not start with a slash and so could
 * change the host
 */
export function requestTarget(base: BaseUrl, path: string): string {
  if (!ENCODED_PATH.test(path)) {
    throw new InvalidInputError(
      "path",
      "Cannot send a request: its path must start with / and have all else encoded, as encodeURIComponent does",
    );
  }
  return base.prefix + path;
}

function invalid(problem: string): InvalidInputError {
  return new InvalidInputError("baseUrl", `Cannot use baseUrl: ${problem}`);
}
