import { TransportError } from "../../lib/kubernetes/errors.ts";
import type { Transport } from "../../lib/protocol/transport.ts";
import { linkedController } from "../../lib/support/abort.ts";
import { headerFields, mergeFields } from "../http/headers.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "../http/http_transport.ts";

/** A plain request in the place of one whose socket failed. */
interface Question {
  readonly path: string;
  readonly stream: boolean;
}

/** Asks the questions of one request, at least what `path` asks for. */
export interface Inquiry {
  readonly path: string;
  ask(question: Question, signal: AbortSignal): Promise<HttpAnswer>;
}

const JSON_ONLY = new Map([["accept", ["application/json"]]]);

/** Asks over `client` as the very user that the socket was for: a 401 is that of the socket's own login. */
export function inquiryBy(client: HttpClient, request: HttpRequest): Inquiry {
  const headers = mergeFields(request.headers, JSON_ONLY);
  return {
    path: request.target,
    ask: ({ path, stream }, signal) => client.send({ ...request, target: path, headers, stream }, signal),
  };
}

/** Asks over a transport that has a login of its own, and may be elsewhere: it gets nothing of the socket's. */
export function inquiryOver(base: Transport, { asked }: HttpRequest): Inquiry {
  const headers = Object.fromEntries(mergeFields(headerFields(asked.headers ?? {}, "headers"), JSON_ONLY));
  return {
    path: asked.path,
    async ask(question, signal) {
      const {
        status,
        headers: told,
        body,
      } = await base.request({ ...question, method: "GET", headers, signal });
      const chunks = body[Symbol.asyncIterator]();
      return { status, headers: told, read: async () => (await chunks.next()).value };
    },
  };
}

/**
 * What the server would have answered where a socket only says that it failed: a plain list tells whether the caller
 * may see the collection and whether there is one. For a streaming list a watch of a second tells besides whether the
 * server takes it.
 *
 * @param failure what the socket said
 * @throws {TransportError} when all of that is answered by 200: then it is the socket that does not get through
 */
export async function findRefusal(
  { path, ask }: Inquiry,
  { failure, signal }: { failure: unknown; signal: AbortSignal },
): Promise<HttpAnswer> {
  for (const question of questions(path)) {
    signal.throwIfAborted();
    const asking = linkedController(signal);
    const answer = await ask(question, asking.signal);
    if (answer.status !== 200) return answer;
    asking.abort(undefined);
    asking.unlink();
  }
  throw new TransportError(
    "Cannot open a WebSocket: the same request is answered without one; does all between here and there let it pass?",
    { cause: failure },
  );
}

function questions(path: string): Question[] {
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
