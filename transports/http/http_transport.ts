import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import type {
  Credentials,
  Transport,
  TransportRequest,
  TransportResponse,
} from "../../lib/protocol/transport.ts";
import { type BaseUrl, parseBaseUrl, requestTarget } from "./base_url.ts";
import { Exchange } from "./exchange.ts";
import {
  areSame,
  type HeaderFields,
  headerFields,
  insecureError,
  mergeFields,
  refuseSecrets,
} from "./headers.ts";
import type { HttpTransportOptions } from "./options.ts";

/** A request as it goes over the wire. */
export interface HttpRequest {
  readonly method: string;
  readonly origin: string;
  /** Path and query, the base URL's own path in front. */
  readonly target: string;
  readonly headers: HeaderFields;
  readonly body: string | Uint8Array | undefined;
  readonly stream: boolean;
  /** As it was asked for, without what the transport adds. */
  readonly asked: TransportRequest;
}

/** The answer to a HttpRequest. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: TransportResponse["headers"];
  /** The next bytes of the decompressed body, undefined at its end. Absent when there is no body. */
  readonly read?: (() => Promise<Uint8Array | undefined>) | undefined;
}

/** What one HTTP library does of a transport. */
export interface HttpClient {
  /** Whether requests go through a proxy. */
  readonly proxied?: boolean;
  /** Those of its connections: one object for all clients that share them. */
  readonly limits?: Transport["limits"];
  /** Headers that it sends unless something else is said. */
  defaultHeaders(request: TransportRequest): Record<string, string>;
  /** Rejects when no answer comes. Frees the connection when `signal` aborts, also with the body unread. */
  send(request: HttpRequest, signal: AbortSignal): Promise<HttpAnswer>;
  /** Called once, when nothing is under way. */
  close(): Promise<void>;
}

interface Try {
  readonly response: TransportResponse;
  readonly exchange: Exchange;
  /** What the credentials gave for it. */
  readonly given: HeaderFields;
}

/** The transport contract over an HTTP library: base URL, headers, credentials, aborts and errors. */
export class HttpTransport implements Transport {
  declare readonly limits?: { streams?: number };
  readonly #options: HttpTransportOptions;
  readonly #base: BaseUrl;
  readonly #headers: HeaderFields;
  readonly #credentials: Credentials | undefined;
  readonly #client: HttpClient;
  readonly #open = new Set<Exchange>();
  #closing: Promise<void> | undefined;
  /** What the credentials gave last: the same fields until they give something else, or were renewed. */
  #login: { given: HeaderFields } = { given: new Map() };

  /** @throws {InvalidInputError} for a base URL that is none, or that credentials must not go to */
  constructor(options: HttpTransportOptions, client: HttpClient) {
    const { baseUrl, headers = {}, credentials, maxStreams } = options;
    const limits = maxStreams === undefined ? client.limits : { streams: maxStreams };
    if (limits) this.limits = limits;
    this.#options = options;
    this.#base = parseBaseUrl(baseUrl, { proxied: client.proxied ?? false });
    this.#headers = headerFields(headers, "headers");
    this.#credentials = credentials;
    this.#client = client;
    if (this.#base.confidential) return;
    refuseSecrets(this.#headers, "headers");
    if (credentials) throw insecureError("credentials");
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    for (let tries = 1, rejected = false; ; tries++) {
      const { response, exchange, given } = await this.#try(request, { rejected });
      if (response.status !== 401 || !this.#credentials || rejected) return response;
      exchange.stop();
      // Rejected is what was sent. What another request may have got meanwhile is to be shown first, once.
      rejected = tries === 2 || given === this.#login.given;
    }
  }

  /** Another transport with the same base URL, headers and credentials, over what `adapt` makes of the client. */
  over(adapt: (client: HttpClient, baseUrl: string) => HttpClient): HttpTransport {
    const other = new HttpTransport(this.#options, adapt(this.#client, this.#options.baseUrl));
    // What one of them renewed, the other need not.
    other.#login = this.#login;
    return other;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const exchange of this.#open) exchange.stop(exchange.error("the transport is closed"));
    try {
      this.#credentials?.close?.();
    } finally {
      await this.#client.close();
    }
  }

  async #try(request: TransportRequest, { rejected }: { rejected: boolean }): Promise<Try> {
    const { method, path, body, signal, stream = false } = request;
    if (!/^[A-Z]+$/.test(method)) {
      throw new InvalidInputError("method", "Cannot send a request: its method must be one such as GET");
    }
    const { origin, prefix } = this.#base;
    const target = requestTarget(this.#base, path);
    const name = `${method} ${path.replace(/\?.*/, "")} at ${origin}${prefix}`;
    const exchange = new Exchange(name, { signal, open: this.#open });
    if (this.#closing) exchange.stop(exchange.error("the transport is closed"));

    const { headers, given } = await exchange.run(
      (signal) => this.#headersFor(request, { rejected, signal }),
      "there are no credentials for it",
      { messages: false },
    );
    const answer = await exchange.run(
      (signal) =>
        this.#client.send({ method, origin, target, headers, body, stream, asked: request }, signal),
      "no answer came",
    );
    return {
      response: {
        status: answer.status,
        headers: answer.headers,
        body: answerBody(answer, exchange),
      },
      exchange,
      given,
    };
  }

  async #headersFor(
    request: TransportRequest,
    options: { rejected: boolean; signal: AbortSignal },
  ): Promise<{ readonly headers: HeaderFields; readonly given: HeaderFields }> {
    const own = headerFields(request.headers ?? {}, "headers");
    if (!this.#base.confidential) refuseSecrets(own, "headers");
    const credentials = this.#credentials ? await this.#credentials.headers(options) : {};
    const fields = headerFields(credentials, "credentials");
    const login = this.#login;
    if (options.rejected || !areSame(fields, login.given)) login.given = fields;
    const { given } = login;
    const defaults = headerFields(this.#client.defaultHeaders(request), "headers");
    return { headers: mergeFields(defaults, this.#headers, given, own), given };
  }
}

/** The chunks of an answer. Its exchange is over with the last of them, or when the reader wants no more. */
function answerBody({ read }: HttpAnswer, exchange: Exchange): AsyncIterableIterator<Uint8Array> {
  let done = false;
  function finish(): IteratorReturnResult<undefined> {
    done = true;
    exchange.end();
    return { done, value: undefined };
  }
  if (!read) finish();
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    async next() {
      if (done || !read) return finish();
      const value = await exchange.run(read, "its answer broke off");
      return value === undefined ? finish() : { done: false, value };
    },
    async return() {
      exchange.stop();
      return finish();
    },
  };
}
