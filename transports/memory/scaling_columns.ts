import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import { listAt, NONE, numberAt, textAt, valueAt } from "./cells.ts";
import { AGE, type Column, column, count, NAME } from "./table.ts";

const UNKNOWN = "<unknown>";
/** How many metrics a cell shows. */
const MOST_SHOWN = 2;

/** The columns of what says how many pods there are, by group and resource. */
export const SCALING_COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  "autoscaling/horizontalpodautoscalers": [
    NAME,
    column(
      "Reference",
      (object) =>
        `${textAt(object, "spec.scaleTargetRef.kind")}/${textAt(object, "spec.scaleTargetRef.name")}`,
    ),
    column("Targets", targets),
    column("MinPods", (object) => String(valueAt(object, "spec.minReplicas") ?? "<unset>")),
    column("MaxPods", (object) => numberAt(object, "spec.maxReplicas")),
    column("Replicas", (object) => numberAt(object, "status.currentReplicas")),
    AGE,
  ],
  "policy/poddisruptionbudgets": [
    NAME,
    column("Min Available", (object) => String(valueAt(object, "spec.minAvailable") ?? "N/A")),
    column("Max Unavailable", (object) => String(valueAt(object, "spec.maxUnavailable") ?? "N/A")),
    count("Allowed Disruptions", (object) => numberAt(object, "status.disruptionsAllowed")),
    AGE,
  ],
};

function targets(autoscaler: KubernetesObject): string {
  const metrics = listAt(autoscaler, "spec.metrics");
  if (metrics.length === 0) return NONE;
  const current = listAt(autoscaler, "status.currentMetrics");
  const texts = metrics.slice(0, MOST_SHOWN).map((metric, at) => metricText(metric, current[at]));
  const more = metrics.length > MOST_SHOWN ? ` + ${metrics.length - MOST_SHOWN} more...` : "";
  return texts.join(", ") + more;
}

/** What a metric is and what it should be; that of a container or pod is told with its name. */
function metricText(metric: JsonObject, status: JsonObject | undefined): string {
  const type = String(metric.type ?? "");
  const { target, name } = fieldsOf(metric, type);
  const wanted = isJsonObject(target) ? target : {};
  const { current } = status?.type === type ? fieldsOf(status, type) : {};
  const now = isJsonObject(current) ? current : {};
  const text = (value: unknown) => (value === undefined ? UNKNOWN : String(value));
  if (type === "Resource" || type === "ContainerResource") {
    if (wanted.averageValue !== undefined) return `${name}: ${text(now.averageValue)}/${wanted.averageValue}`;
    const percent = now.averageUtilization === undefined ? UNKNOWN : `${now.averageUtilization}%`;
    return `${name}: ${percent}/${wanted.averageUtilization === undefined ? "<auto>" : `${wanted.averageUtilization}%`}`;
  }
  if (wanted.averageValue === undefined) return `${text(now.value)}/${text(wanted.value)}`;
  const average = `${text(now.averageValue)}/${wanted.averageValue}`;
  return type === "Pods" ? average : `${average} (avg)`;
}

/** Where a metric has what its type says: `containerResource` for ContainerResource. */
function fieldsOf(metric: JsonObject, type: string): JsonObject {
  const fields = metric[type.charAt(0).toLowerCase() + type.slice(1)];
  return isJsonObject(fields) ? fields : {};
}
