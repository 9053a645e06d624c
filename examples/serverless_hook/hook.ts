import { type CheckpointStore, checkpoint } from "../../lib/checkpoint/mod.ts";
import {
  ApiClient,
  DynamicWatcher,
  type KubernetesObject,
  type RunSummary,
  type Transport,
} from "../../mod.ts";

/** The annotation of the pod template that makes Kubernetes replace the pods when the settings change. */
export const SETTINGS_VERSION = "example.com/settings-version";

const app = { group: "apps", version: "v1", kind: "Deployment", namespace: "default", name: "web" };
const settings = { version: "v1", kind: "ConfigMap", namespace: "default", name: "web-settings" };

/** What a hook works with. */
export interface HookOptions {
  readonly transport: Transport;
  /** Keeps the checkpoint until the next call. */
  readonly store: CheckpointStore;
  readonly signal?: AbortSignal | undefined;
}

/** One call of the hook: rolls the Deployment out where its settings have changed since the last call. */
export async function runHook({ transport, store, signal }: HookOptions): Promise<RunSummary> {
  const client = new ApiClient(transport);
  const dynamicWatcher = new DynamicWatcher({
    transport,
    checkpoint: checkpoint(store),
    reconcile: async () => {
      const found = await client.get<KubernetesObject>(settings);
      const annotations = { [SETTINGS_VERSION]: found?.metadata?.resourceVersion ?? null };
      await client.patch(app, { spec: { template: { metadata: { annotations } } } }, { type: "merge" });
    },
  });
  try {
    await dynamicWatcher.start({ signal });
    await dynamicWatcher.addWatcher(app, settings, { signal });
    return await dynamicWatcher.runUntilIdle({ timeoutMs: 20_000, signal });
  } finally {
    // Where the setup has failed.
    await dynamicWatcher.stop();
  }
}

/**
 * What an HTTP caller is told: 200 when all is done, 202 when something is left for the next call, and 503 when the
 * time was over before all that is watched could be heard of.
 */
export function answerTo(summary: RunSummary): { readonly status: number; readonly body: string } {
  const { idle, remaining, error } = summary;
  const heardAll = !error && (idle || remaining > 0);
  const body = JSON.stringify(summary, (_, value) => (value instanceof Error ? String(value) : value));
  if (!heardAll) return { status: 503, body };
  return { status: remaining === 0 ? 200 : 202, body };
}

/** The hook as an HTTP handler of the web. */
export async function handle(request: Request, options: Omit<HookOptions, "signal">): Promise<Response> {
  if (request.method !== "POST") return new Response("POST calls the hook", { status: 405 });
  try {
    const { status, body } = answerTo(await runHook({ ...options, signal: request.signal }));
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  } catch (error) {
    return Response.json({ error: String(error) }, { status: 500 });
  }
}
