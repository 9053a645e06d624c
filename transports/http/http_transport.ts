import { InvalidInputError } from "../../lib/kubernetes/errors.ts";
import type {
  Credentials,
  Transport,
  TransportRequest,
  TransportResponse,
} from "../../lib/protocol/transport.ts";
import { type BaseUrl, parseBaseUrl, requestTarget } from "./base_url.ts";
import { Exchange } from "./exchange.ts";
import { type HeaderFields, headerFields, insecureError, mergeFields, refuseSecrets } from "./headers.ts";
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
}

/** The transport contract over an HTTP library: base URL, headers, credentials, aborts and errors. */
export class HttpTransport implements Transport {
  readonly #base: BaseUrl;
  readonly #headers: HeaderFields;
  readonly #credentials: Credentials | undefined;
  readonly #client: HttpClient;
  readonly #open = new Set<Exchange>();
  #closing: Promise<void> | undefined;

  /** @throws {InvalidInputError} for a base URL that is none, or that credentials must not go to */
  constructor({ baseUrl, headers = {}, credentials }: HttpTransportOptions, client: HttpClient) {
    this.#base = parseBaseUrl(baseUrl);
    this.#headers = headerFields(headers, "headers");
    this.#credentials = credentials;
    this.#client = client;
    if (this.#base.confidential) return;
    refuseSecrets(this.#headers, "headers");
    if (credentials) throw insecureError("credentials");
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const { response, exchange } = await this.#try(request, { rejected: false });
    if (response.status !== 401 || !this.#credentials) return response;
    exchange.stop();
    return (await this.#try(request, { rejected: true })).response;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    for (const exchange of this.#open) exchange.stop(exchange.error("the transport is closed"));
    await this.#client.close();
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

    const headers = await exchange.run(
      () => this.#headersFor(request, { rejected }),
      "there are no credentials for it",
    );
    const answer = await exchange.run(
      (signal) => this.#client.send({ method, origin, target, headers, body, stream }, signal),
      "no answer came",
    );
    return {
      response: {
        status: answer.status,
        headers: answer.headers,
        body: answerBody(answer, exchange),
      },
      exchange,
    };
  }

  async #headersFor(request: TransportRequest, { rejected }: { rejected: boolean }): Promise<HeaderFields> {
    const own = headerFields(request.headers ?? {}, "headers");
    if (!this.#base.confidential) refuseSecrets(own, "headers");
    const credentials = this.#credentials ? await this.#credentials.headers({ rejected }) : {};
    return mergeFields(
      headerFields(this.#client.defaultHeaders(request), "headers"),
      this.#headers,
      headerFields(credentials, "credentials"),
      own,
    );
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
