import type { WrittenAnswer } from "./answer.ts";
import { ByteStream } from "./byte_stream.ts";
import type { Connections } from "./connections.ts";

/** A fetch that asks one server, whatever the host of the URL is. */
export type FetchFunction = (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

const WITHOUT_BODY = [204, 304];

/** The way into a server by the web's own requests and responses: who asks is told by the Authorization header. */
export function fetchFunction(connections: Connections): FetchFunction {
  return async (input, init) => {
    // Without the signal, on which a Request would leave a listener; with it, it could also be lost.
    const request = new Request(input, { ...init, signal: null });
    const { method, url, headers } = request;
    const { pathname, search } = new URL(url);
    const answer = await connections.exchange(
      {
        method,
        path: pathname + search,
        headers,
        body: await request.text(),
        login: { authorization: headers.get("authorization") },
      },
      { signal: init?.signal ?? (input instanceof Request ? input.signal : undefined) },
    );
    return response(answer, method);
  };
}

function response({ status, headers, body }: WrittenAnswer, method: string): Response {
  if (WITHOUT_BODY.includes(status)) return new Response(null, { status, headers });
  if (body instanceof ByteStream) return new Response(readable(body), { status, headers });
  const bytes = new TextEncoder().encode(body);
  const length = { "content-length": String(bytes.length) };
  return new Response(method === "HEAD" ? null : bytes, { status, headers: { ...headers, ...length } });
}

function readable(body: ByteStream): ReadableStream<Uint8Array> {
  const chunks = body[Symbol.asyncIterator]();
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  };
  // Nothing is taken before it is asked for.
  return new ReadableStream(source, { highWaterMark: 0 });
}
