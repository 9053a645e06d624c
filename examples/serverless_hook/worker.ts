import type { CheckpointStore } from "../../lib/checkpoint/mod.ts";
import { fetchTransport } from "../../transports/fetch.ts";
import { answerTo, runHook } from "./hook.ts";

/** The bindings of the worker. */
export interface Environment {
  readonly KUBERNETES_URL: string;
  readonly KUBERNETES_TOKEN?: string;
  /** A namespace of Workers KV. */
  readonly CHECKPOINTS: CheckpointStore;
}

/** The hook on Cloudflare Workers, called by a cron trigger. */
export default {
  async scheduled(
    _event: unknown,
    { KUBERNETES_URL, KUBERNETES_TOKEN, CHECKPOINTS }: Environment,
  ): Promise<void> {
    const transport = fetchTransport({
      baseUrl: KUBERNETES_URL,
      ...(KUBERNETES_TOKEN && { headers: { authorization: `Bearer ${KUBERNETES_TOKEN}` } }),
    });
    const summary = await runHook({ transport, store: CHECKPOINTS });
    console.log(answerTo(summary).body);
    // A call that fails is one that the platform shows.
    if (summary.error) throw summary.error;
  },
};
