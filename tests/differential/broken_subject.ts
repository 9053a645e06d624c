import type { Transport } from "../../mod.ts";
import type { Subject } from "./servers.ts";

/** A server that lies a little: it drops a label from every answer. A comparison that does not tell is none. */
export function brokenSubject(subject: Subject): Subject {
  const { transport } = subject;
  const broken: Transport = {
    async request(request) {
      const response = await transport.request(request);
      return { ...response, body: withoutLabel(response.body) };
    },
    close: () => transport.close(),
  };
  return { ...subject, transport: broken };
}

async function* withoutLabel(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of body) text += decoder.decode(chunk, { stream: true });
  yield new TextEncoder().encode(text.replaceAll(/,"tier":"[^"]*"|"tier":"[^"]*",?/g, ""));
}
