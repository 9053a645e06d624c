import { checkpoint } from "../../lib/checkpoint/mod.ts";
import {
  DynamicWatcher,
  identifierOf,
  type KubernetesObject,
  type ObjectIdentifier,
  type RunSummary,
} from "../../mod.ts";
import type { HookOptions } from "./hook.ts";

/** A ConfigMap with this label is a policy: each pod of the selector in its data must say who owns it. */
const POLICY = "example.com/policy";
const OWNER = "example.com/owner";

const policies = { version: "v1", kind: "ConfigMap", namespace: "default", selector: POLICY };
const pods = { version: "v1", kind: "Pod", namespace: "default" };
/** What follows the policies; no such object exists. */
const engine = { group: "example.com", version: "v1", kind: "Engine", name: "policies" };

interface Policy extends KubernetesObject {
  readonly data?: { readonly selector?: string };
}

/** What the policy engine works with. */
export interface PolicyOptions extends HookOptions {
  /** Is told the names of the pods that break a policy. */
  readonly report: (policy: string, offenders: readonly string[]) => unknown;
}

/** One call of a policy engine, whose dependencies follow from what it reads. */
export async function runPolicies({ transport, store, signal, report }: PolicyOptions): Promise<RunSummary> {
  const dynamicWatcher = new DynamicWatcher({
    transport,
    cache: true,
    checkpoint: checkpoint(store, { key: "policies" }),
    reconcile: (watcher, { signal }) =>
      watcher.kind === engine.kind ? follow(signal) : judge(watcher, signal),
  });

  /** Makes each policy a watcher of itself; only those that are new are reconciled for that. */
  async function follow(signal: AbortSignal): Promise<void> {
    const found = await dynamicWatcher.query(engine, (query) => query.list<Policy>(policies), { signal });
    for (const policy of found.map(identifierOf)) await dynamicWatcher.addWatcher(policy, policy, { signal });
  }

  async function judge(watcher: ObjectIdentifier, signal: AbortSignal): Promise<void> {
    const offenders = await dynamicWatcher.query(
      watcher,
      async (query) => {
        const policy = await query.get<Policy>(watcher);
        if (policy?.metadata?.labels?.[POLICY] === undefined) return undefined;
        const found = await query.list<KubernetesObject>({ ...pods, selector: policy.data?.selector ?? "" });
        return found.filter(({ metadata }) => metadata?.labels?.[OWNER] === undefined);
      },
      { signal },
    );
    // No memory outlives a call, so a policy that has gone takes itself out.
    if (!offenders) return dynamicWatcher.removeWatcher(watcher);
    await report(
      watcher.name ?? "",
      offenders.map(({ metadata }) => metadata?.name ?? ""),
    );
  }

  try {
    await dynamicWatcher.start({ signal });
    // In a cold start nothing depends on anything yet; in a warm one all of it has come back.
    if (dynamicWatcher.watchCount === 0) dynamicWatcher.reconciler.trigger([engine]);
    return await dynamicWatcher.runUntilIdle({ timeoutMs: 20_000, signal });
  } finally {
    await dynamicWatcher.stop();
  }
}
