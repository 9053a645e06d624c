import type { ServerRequest, WrittenAnswer } from "./answer.ts";
import { ByteStream } from "./byte_stream.ts";
import type { Connections } from "./connections.ts";

/** A fetch that asks one server, whatever the host of the URL is. */
export type FetchFunction = (input: Request | URL | string, init?: RequestInit) => Promise<Response>;

const WITHOUT_BODY = [204, 304];

/** The way into a server by the web's own requests and responses: who asks is told by the Authorization header. */
export function fetchFunction(connections: Connections): FetchFunction {
  // Node forgets the signal of a Request that became garbage, so those that are being answered are kept.
  const kept = new Set<unknown>();
  return async (input, init) => {
    // A Request made here is not to leave a listener on the caller's signal, which is listened to below.
    const request = new Request(input, { ...init, signal: null });
    const body = await request.text();
    kept.add(input);
    const forget = () => kept.delete(input);
    try {
      const answer = await connections.exchange(incoming(request, body), {
        signal: init?.signal ?? (input instanceof Request ? input.signal : undefined),
      });
      if (answer.body instanceof ByteStream) answer.body.onClose(forget);
      else forget();
      return response(answer, request.method);
    } catch (error) {
      forget();
      throw error;
    }
  };
}

function incoming({ method, url, headers }: Request, body: string): Omit<ServerRequest, "signal"> {
  const { pathname, search } = new URL(url);
  const login = { authorization: headers.get("authorization") };
  return { method, path: pathname + search, headers, body, login };
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
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await chunks.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await chunks.return?.();
    },
  });
}
