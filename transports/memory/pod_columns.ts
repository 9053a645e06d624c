import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { listAt, NONE, textAt } from "./cells.ts";
import { AGE, age, type Column, column, NAME, wide } from "./table.ts";

/** The columns of pods. */
export const POD_COLUMNS: readonly Column[] = [
  NAME,
  column(
    "Ready",
    (pod) => `${containers(pod).filter(isReady).length}/${listAt(pod, "spec.containers").length}`,
  ),
  column("Status", podStatus),
  column("Restarts", restarts),
  AGE,
  wide("IP", (pod) => String(listAt(pod, "status.podIPs")[0]?.ip ?? NONE)),
  wide("Node", (pod) => textAt(pod, "spec.nodeName", NONE)),
  wide("Nominated Node", (pod) => textAt(pod, "status.nominatedNodeName", NONE)),
  wide("Readiness Gates", readinessGates),
];

/** In one word what a pod is doing: its phase, or what its containers have to say that is more telling. */
function podStatus(pod: KubernetesObject): string {
  const isOver = ["Succeeded", "Failed"].includes(textAt(pod, "status.phase"));
  if (pod.metadata?.deletionTimestamp !== undefined && !isOver) return "Terminating";
  const usual = textAt(pod, "status.reason", textAt(pod, "status.phase"));
  const starting = initStatus(pod);
  if (starting !== undefined) return starting;
  // The first container with something to say is heard.
  const told = containers(pod).flatMap((container) => {
    const { waiting, terminated } = statesOf(container);
    if (waiting?.reason) return [String(waiting.reason)];
    return terminated ? [ending(terminated)] : [];
  })[0];
  if (told === undefined) return usual;
  const isRunning = containers(pod).some((container) => isReady(container));
  if (told !== "Completed" || !isRunning) return told;
  return isConditionTrue(pod, "Ready") ? "Running" : "NotReady";
}

/** What the containers that come first are doing; undefined where they are done or there are none. */
function initStatus(pod: KubernetesObject): string | undefined {
  const total = listAt(pod, "spec.initContainers").length;
  const statuses = listAt(pod, "status.initContainerStatuses");
  const current = statuses.findIndex((status) => statesOf(status).terminated?.exitCode !== 0);
  const status = statuses[current];
  if (status === undefined) return undefined;
  const { waiting, terminated } = statesOf(status);
  if (terminated) return `Init:${ending(terminated)}`;
  const reason = waiting?.reason;
  return reason && reason !== "PodInitializing" ? `Init:${reason}` : `Init:${current}/${total}`;
}

function ending({ reason, signal, exitCode }: JsonObject): string {
  if (reason) return String(reason);
  return signal ? `Signal:${signal}` : `ExitCode:${exitCode}`;
}

function restarts(pod: KubernetesObject, now: Date): string {
  const statuses = containers(pod);
  const total = statuses.reduce((sum, { restartCount }) => sum + Number(restartCount ?? 0), 0);
  const last = statuses
    .flatMap(({ lastState }) =>
      isJsonObject(lastState) && isJsonObject(lastState.terminated) ? [lastState.terminated.finishedAt] : [],
    )
    .sort()
    .at(-1);
  return total === 0 || last === undefined ? String(total) : `${total} (${age(last, now)} ago)`;
}

function readinessGates(pod: KubernetesObject): string {
  const gates = listAt(pod, "spec.readinessGates");
  if (gates.length === 0) return NONE;
  const open = gates.filter(({ conditionType }) => isConditionTrue(pod, String(conditionType)));
  return `${open.length}/${gates.length}`;
}

function containers(pod: KubernetesObject): readonly JsonObject[] {
  return listAt(pod, "status.containerStatuses");
}

function isReady(container: JsonObject): boolean {
  const { state } = container;
  return container.ready === true && isJsonObject(state) && isJsonObject(state.running);
}

function statesOf({ state }: JsonObject): {
  waiting: JsonObject | undefined;
  terminated: JsonObject | undefined;
} {
  const { waiting, terminated } = isJsonObject(state) ? state : {};
  return {
    waiting: isJsonObject(waiting) ? waiting : undefined,
    terminated: isJsonObject(terminated) ? terminated : undefined,
  };
}

function isConditionTrue(pod: KubernetesObject, type: string): boolean {
  return listAt(pod, "status.conditions").some((one) => one.type === type && one.status === "True");
}
