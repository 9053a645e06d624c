import { parseGroupVersion } from "../../lib/kubernetes/group_version.ts";
import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { fieldOfEach, labelsAt, listAt, NONE, numberAt, selectorAt, textAt, valueAt } from "./cells.ts";
import { humanDuration } from "./human_duration.ts";
import { AGE, age, type Column, column, count, NAME, wide } from "./table.ts";

const TEMPLATE = "spec.template.spec";

const REPLICAS = [
  NAME,
  count("Desired", (object) => numberAt(object, "spec.replicas")),
  count("Current", (object) => numberAt(object, "status.replicas")),
  count("Ready", (object) => numberAt(object, "status.readyReplicas")),
  AGE,
  ...containerColumns(TEMPLATE),
];

/** The columns of what runs pods, by group and resource. */
export const WORKLOAD_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  "apps/deployments": [
    NAME,
    column("Ready", ready),
    column("Up-to-date", (object) => numberAt(object, "status.updatedReplicas")),
    column("Available", (object) => numberAt(object, "status.availableReplicas")),
    AGE,
    ...containerColumns(TEMPLATE),
    wide("Selector", (object) => selectorAt(object, "spec.selector", "")),
  ],
  "apps/replicasets": [...REPLICAS, wide("Selector", (object) => selectorAt(object, "spec.selector", NONE))],
  "/replicationcontrollers": [...REPLICAS, wide("Selector", (object) => labelsAt(object, "spec.selector"))],
  "/podtemplates": [
    NAME,
    ...containerColumns("template.spec").map((shown) => ({ ...shown, priority: 0 })),
    column("Pod Labels", (object) => labelsAt(object, "template.metadata.labels")),
  ],
  "apps/controllerrevisions": [
    NAME,
    column("Controller", controller),
    column("Revision", (object) => numberAt(object, "revision")),
    AGE,
  ],
  "apps/statefulsets": [NAME, column("Ready", ready), AGE, ...containerColumns(TEMPLATE)],
  "apps/daemonsets": [
    NAME,
    count("Desired", (object) => numberAt(object, "status.desiredNumberScheduled")),
    count("Current", (object) => numberAt(object, "status.currentNumberScheduled")),
    count("Ready", (object) => numberAt(object, "status.numberReady")),
    count("Up-to-date", (object) => numberAt(object, "status.updatedNumberScheduled")),
    count("Available", (object) => numberAt(object, "status.numberAvailable")),
    column("Node Selector", (object) => labelsAt(object, `${TEMPLATE}.nodeSelector`)),
    AGE,
    ...containerColumns(TEMPLATE),
    wide("Selector", (object) => selectorAt(object, "spec.selector", NONE)),
  ],
  "batch/jobs": [
    NAME,
    column("Status", jobStatus),
    column("Completions", completions),
    column("Duration", (object, now) => {
      const start = Date.parse(textAt(object, "status.startTime"));
      if (Number.isNaN(start)) return "";
      const end = Date.parse(textAt(object, "status.completionTime"));
      return humanDuration((Number.isNaN(end) ? now.getTime() : end) - start);
    }),
    AGE,
    ...containerColumns(TEMPLATE),
    wide("Selector", (object) => selectorAt(object, "spec.selector", NONE)),
  ],
  "batch/cronjobs": [
    NAME,
    column("Schedule", (object) => textAt(object, "spec.schedule")),
    column("Timezone", (object) => textAt(object, "spec.timeZone", NONE)),
    column("Suspend", suspended, { type: "boolean" }),
    count("Active", (object) => listAt(object, "status.active").length),
    column("Last Schedule", (object, now) => {
      const last = valueAt(object, "status.lastScheduleTime");
      return last === undefined ? NONE : age(last, now);
    }),
    AGE,
    ...containerColumns(`spec.jobTemplate.${TEMPLATE}`),
    wide("Selector", (object) => selectorAt(object, "spec.jobTemplate.spec.selector", NONE)),
  ],
};

function containerColumns(podSpec: string): Column[] {
  return [
    wide("Containers", (object) => fieldOfEach(listAt(object, `${podSpec}.containers`), "name").join(",")),
    wide("Images", (object) => fieldOfEach(listAt(object, `${podSpec}.containers`), "image").join(",")),
  ];
}

function controller({ metadata }: KubernetesObject): string {
  const owner = metadata?.ownerReferences?.find((reference) => reference.controller === true);
  if (!owner) return NONE;
  const { group } = parseGroupVersion(owner.apiVersion);
  return `${owner.kind.toLowerCase()}${group && `.${group}`}/${owner.name}`;
}

function ready(object: KubernetesObject): string {
  return `${numberAt(object, "status.readyReplicas")}/${numberAt(object, "spec.replicas")}`;
}

function jobStatus(object: KubernetesObject): string {
  const holds = (type: string) =>
    listAt(object, "status.conditions").some((one) => one.type === type && one.status === "True");
  const ended = ["Complete", "Failed"].find(holds);
  if (ended !== undefined) return ended;
  if (object.metadata?.deletionTimestamp !== undefined) return "Terminating";
  return ["Suspended", "FailureTarget", "SuccessCriteriaMet"].find(holds) ?? "Running";
}

/** Without a number of completions, one of the parallel pods completes the job. */
function completions(object: KubernetesObject): string {
  const done = numberAt(object, "status.succeeded");
  if (valueAt(object, "spec.completions") !== undefined)
    return `${done}/${numberAt(object, "spec.completions")}`;
  const parallelism = numberAt(object, "spec.parallelism");
  return parallelism > 1 ? `${done}/1 of ${parallelism}` : `${done}/1`;
}

function suspended(object: KubernetesObject): string {
  const value = valueAt(object, "spec.suspend");
  if (typeof value !== "boolean") return "<unset>";
  return value ? "True" : "False";
}
