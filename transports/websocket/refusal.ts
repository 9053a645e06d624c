import { TransportError } from "../../lib/kubernetes/errors.ts";
import type { Transport, TransportHeaders } from "../../lib/protocol/transport.ts";
import { linkedController } from "../../lib/support/abort.ts";
import type { HttpAnswer, HttpRequest } from "../http/http_transport.ts";

/**
 * What the server would have answered where a socket only says that it failed: a plain list tells whether the caller
 * may see the collection and whether there is one. For a streaming list a watch of a second tells besides whether the
 * server takes it.
 *
 * @param failure what the socket said
 * @throws {TransportError} when all of that is answered by 200: then it is the socket that does not get through
 */
export async function findRefusal(
  base: Transport,
  request: HttpRequest,
  { failure, signal }: { failure: unknown; signal: AbortSignal },
): Promise<HttpAnswer> {
  const headers: TransportHeaders = { ...Object.fromEntries(request.headers), accept: "application/json" };
  for (const question of questions(request.path)) {
    const asking = linkedController(signal);
    const response = await base.request({ ...question, method: "GET", headers, signal: asking.signal });
    if (response.status !== 200) {
      const chunks = response.body[Symbol.asyncIterator]();
      return {
        status: response.status,
        headers: response.headers,
        read: async () => (await chunks.next()).value,
      };
    }
    asking.abort(undefined);
    asking.unlink();
  }
  throw new TransportError(
    "Cannot open a WebSocket: the same request is answered without one; does all between here and there let it pass?",
    { cause: failure },
  );
}

function questions(path: string): { path: string; stream: boolean }[] {
  const [collection = "", query] = path.split(/\?(.*)/);
  const watch = new URLSearchParams(query);
  const list = new URLSearchParams({ limit: "1" });
  for (const name of ["fieldSelector", "labelSelector"]) {
    const selector = watch.get(name);
    if (selector !== null) list.set(name, selector);
  }
  const questions = [{ path: `${collection}?${list}`, stream: false }];
  if (watch.has("sendInitialEvents")) {
    watch.set("timeoutSeconds", "1");
    questions.push({ path: `${collection}?${watch}`, stream: true });
  }
  return questions;
}
