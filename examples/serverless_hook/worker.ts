import type { KeyValueStore } from "../../lib/checkpoint/mod.ts";
import { fetchTransport } from "../../transports/fetch.ts";
import { runHook } from "./hook.ts";

/** The part of a Workers KV namespace that is needed. */
interface KeyValueNamespace {
  get(key: string): Promise<string | null>;
  put(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** The bindings of the worker. */
export interface Environment {
  readonly KUBERNETES_URL: string;
  readonly KUBERNETES_TOKEN?: string;
  readonly CHECKPOINTS: KeyValueNamespace;
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
    const store: KeyValueStore = {
      get: (key) => CHECKPOINTS.get(key),
      set: (key, value) => CHECKPOINTS.put(key, value),
      delete: (key) => CHECKPOINTS.delete(key),
    };
    const summary = await runHook({ transport, store });
    console.log(JSON.stringify(summary));
  },
};
