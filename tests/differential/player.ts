import { NormalForm } from "./normal_form.ts";
import { exchange, must, type Subject } from "./servers.ts";
import { Memory, type Step } from "./step.ts";
import { targetOf } from "./target.ts";

/** What a server said to one step. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** In normal form. */
  readonly text: string;
}

/** The headers on which clients depend. */
const HEADERS = ["content-type", "warning", "retry-after"];
const USER_AGENT = "differential/1.0";
const NOBODY = "?fieldSelector=metadata.name%3Dnobody";

/** Plays a sequence on one server, in a namespace that nobody else uses, and resolves with all that it says. */
export async function play(subject: Subject, steps: readonly Step[], namespace: string): Promise<Answer[]> {
  const { transport } = subject;
  await must(transport, "POST", "/api/v1/namespaces", { metadata: { name: namespace } });
  const memory = new Memory({ namespace });
  const normalForm = new NormalForm({ namespace });
  const answers: Answer[] = [];
  for (const [index, step] of steps.entries()) {
    const { method, path, headers, body } = memory.resolved(step, index);
    const { resource, collection, isWatch } = targetOf({ method, path });
    if (
      subject.lags &&
      method === "GET" &&
      collection !== undefined &&
      /resourceVersion=|watch=/.test(path)
    ) {
      // A read of the newest waits until the cache has all that was written.
      await exchange(transport, { method, path: collection + NOBODY });
    }
    const { status, header, text } = await exchange(transport, {
      ...{ method, path, stream: isWatch },
      headers: { "user-agent": USER_AGENT, ...headers },
      ...(body !== undefined && { body }),
    });
    memory.observe(text, resource);
    answers.push({
      status,
      headers: Object.fromEntries(HEADERS.map((name) => [name, normalForm.of(header(name) ?? "")])),
      text: normalForm.of(text),
    });
  }
  return answers;
}
