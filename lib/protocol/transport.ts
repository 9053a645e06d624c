/** Header values; a list is sent as that many headers of one name. */
export type TransportHeaders = Readonly<Record<string, string | readonly string[]>>;

/** One request to the API server. */
export interface TransportRequest {
  /** Such as `GET`. */
  method: string;
  /** Encoded, with its query; appended to the base URL's own path. */
  path: string;
  /** Besides those that the transport adds. */
  headers?: TransportHeaders;
  /** What goes out; text as UTF-8. */
  body?: string | Uint8Array;
  /** Rejects the request or its body with `signal.reason`, and frees the connection. */
  signal?: AbortSignal;
  /** Marks a long-lived answer: no body timeout, counted against `limits.streams`. */
  stream?: boolean;
}

/** The answer, whatever its status; a redirect is an answer too. */
export interface TransportResponse {
  /** The HTTP status code. */
  status: number;
  /** Asked by name, in any case. */
  headers: { get(name: string): string | null };
  /** The decompressed body. The caller reads it to its end or aborts the request. */
  body: AsyncIterable<Uint8Array>;
}

/**
 * What carries requests to an API server. Implement it to reach one by other means than fetch or undici.
 *
 * Any HTTP status resolves, 3xx included, which is never followed. No answer, or a body that breaks off, is a
 * TransportError with its `cause`. Whoever made a transport closes it.
 */
export interface Transport {
  /** Sends a request; resolves when the head of the answer is there. */
  request(request: TransportRequest): Promise<TransportResponse>;
  /** Ends every connection and what is under way. */
  close(): Promise<void>;
  /** `streams`: how many long-lived answers may be open at once, with all transports that have this very object. */
  readonly limits?: { streams?: number };
}

/**
 * Credentials of a transport: asked for headers before each request, and once more after a 401. `rejected` says then
 * that what they gave last is no good; `signal` aborts when the request does not need them any more.
 */
export interface Credentials {
  /** The headers for one request. */
  headers(options: { rejected: boolean; signal?: AbortSignal }): Promise<TransportHeaders>;
  /** Ends what they are doing; called when the first of the transports that share them is closed. */
  close?(): void;
}
