import type { KubernetesObject } from "../../lib/kubernetes/object.ts";
import { isJsonObject, type JsonObject } from "../../lib/support/json.ts";
import type { ApiResource } from "./api_resource.ts";
import { fieldOfEach, listAt, NONE, numberAt, sizeAt, textAt, valueAt } from "./cells.ts";
import { NETWORK_COLUMNS } from "./network_columns.ts";
import { POD_COLUMNS } from "./pod_columns.ts";
import { SCALING_COLUMNS } from "./scaling_columns.ts";
import { STORAGE_COLUMNS } from "./storage_columns.ts";
import { AGE, age, type Column, CREATED_AT, column, count, NAME, wide } from "./table.ts";
import { WORKLOAD_COLUMNS } from "./workload_columns.ts";

const USUAL = [NAME, AGE];
const WITH_TIME = [NAME, CREATED_AT];
const WEBHOOKS = [NAME, count("Webhooks", (object) => listAt(object, "webhooks").length), AGE];
const BINDING = [
  NAME,
  column("Role", (object) => `${textAt(object, "roleRef.kind")}/${textAt(object, "roleRef.name")}`),
  AGE,
  wide("Users", (object) => fieldOfEach(subjects(object, "User"), "name").join(", ")),
  wide("Groups", (object) => fieldOfEach(subjects(object, "Group"), "name").join(", ")),
  wide("ServiceAccounts", (object) =>
    subjects(object, "ServiceAccount")
      .map(({ namespace, name }) => `${namespace}/${name}`)
      .join(", "),
  ),
];

/** The columns of built-in kinds, by group and resource, where they are not the usual ones. */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  ...NETWORK_COLUMNS,
  ...SCALING_COLUMNS,
  ...STORAGE_COLUMNS,
  ...WORKLOAD_COLUMNS,
  "/pods": POD_COLUMNS,
  "/namespaces": [NAME, column("Status", (object) => textAt(object, "status.phase")), AGE],
  "/configmaps": [
    NAME,
    column("Data", (object) => sizeAt(object, "data") + sizeAt(object, "binaryData")),
    AGE,
  ],
  "/secrets": [
    NAME,
    column("Type", (object) => textAt(object, "type")),
    column("Data", (object) => sizeAt(object, "data")),
    AGE,
  ],
  "/limitranges": WITH_TIME,
  "/resourcequotas": [
    NAME,
    column("Request", (object) => quotas(object, (resource) => !resource.startsWith("limits"))),
    column("Limit", (object) => quotas(object, (resource) => resource.startsWith("limits"))),
    AGE,
  ],
  "/nodes": [
    NAME,
    column("Status", nodeStatus),
    column("Roles", nodeRoles),
    AGE,
    column("Version", (object) => textAt(object, "status.nodeInfo.kubeletVersion")),
    wide("Internal-IP", (object) => nodeAddress(object, "InternalIP")),
    wide("External-IP", (object) => nodeAddress(object, "ExternalIP")),
    wide("OS-Image", (object) => textAt(object, "status.nodeInfo.osImage", "<unknown>")),
    wide("Kernel-Version", (object) => textAt(object, "status.nodeInfo.kernelVersion", "<unknown>")),
    wide("Container-Runtime", (object) =>
      textAt(object, "status.nodeInfo.containerRuntimeVersion", "<unknown>"),
    ),
  ],
  "/events": [
    column("Last Seen", (object, now) => age(lastSeen(object), now)),
    column("Type", (object) => textAt(object, "type")),
    column("Reason", (object) => textAt(object, "reason")),
    column("Object", eventObject),
    wide("Subobject", (object) => textAt(object, "involvedObject.fieldPath")),
    wide("Source", eventSource),
    column("Message", (object) => textAt(object, "message").trim()),
    wide("First Seen", (object, now) => age(firstSeen(object), now)),
    wide("Count", (object) => numberAt(object, "series.count") || numberAt(object, "count") || 1),
    wide("Name", (object) => object.metadata?.name ?? "", { format: "name" }),
  ],
  "admissionregistration.k8s.io/mutatingwebhookconfigurations": WEBHOOKS,
  "admissionregistration.k8s.io/validatingwebhookconfigurations": WEBHOOKS,
  "scheduling.k8s.io/priorityclasses": [
    NAME,
    count("Value", (object) => numberAt(object, "value")),
    column("Global-Default", (object) => valueAt(object, "globalDefault") === true, { type: "boolean" }),
    AGE,
    column("PreemptionPolicy", (object) => textAt(object, "preemptionPolicy")),
  ],
  "coordination.k8s.io/leases": [
    NAME,
    column("Holder", (object) => textAt(object, "spec.holderIdentity")),
    AGE,
  ],
  "rbac.authorization.k8s.io/roles": WITH_TIME,
  "rbac.authorization.k8s.io/clusterroles": WITH_TIME,
  "rbac.authorization.k8s.io/rolebindings": BINDING,
  "rbac.authorization.k8s.io/clusterrolebindings": BINDING,
  "apiextensions.k8s.io/customresourcedefinitions": WITH_TIME,
};

/** Whether the API server has no columns for a built-in kind: then a table without rows has Go's nil there. */
export function isWithoutColumns(resource: ApiResource): boolean {
  return columnsOf(resource) === WITH_TIME;
}

/** What the tables of a kind show. */
export function columnsOf({ group, resource, columns }: ApiResource): readonly Column[] {
  return columns ?? COLUMNS[`${group}/${resource}`] ?? USUAL;
}

function subjects(object: KubernetesObject, kind: string): JsonObject[] {
  return listAt(object, "subjects").filter((subject) => subject.kind === kind);
}

/** What a quota has given and gives in all. */
function quotas(quota: KubernetesObject, isShown: (resource: string) => boolean): string {
  const [hard, used] = ["status.hard", "status.used"].map((path) => valueAt(quota, path));
  if (!isJsonObject(hard)) return "";
  const given = isJsonObject(used) ? used : {};
  const resources = Object.keys(hard).filter(isShown).sort();
  return resources.map((resource) => `${resource}: ${given[resource] ?? 0}/${hard[resource]}`).join(", ");
}

function nodeStatus(node: KubernetesObject): string {
  const condition = listAt(node, "status.conditions").find(({ type }) => type === "Ready");
  const status = condition ? (condition.status === "True" ? "Ready" : "NotReady") : "Unknown";
  return valueAt(node, "spec.unschedulable") === true ? `${status},SchedulingDisabled` : status;
}

function nodeRoles({ metadata }: KubernetesObject): string {
  const roles = Object.entries(metadata?.labels ?? {}).flatMap(([key, value]) => {
    if (key.startsWith("node-role.kubernetes.io/")) return [key.slice("node-role.kubernetes.io/".length)];
    return key === "kubernetes.io/role" && value !== "" ? [value] : [];
  });
  return (
    roles
      .filter((role) => role !== "")
      .sort()
      .join(",") || NONE
  );
}

function nodeAddress(node: KubernetesObject, type: string): string {
  return String(listAt(node, "status.addresses").find((address) => address.type === type)?.address ?? NONE);
}

function eventObject(event: KubernetesObject): string {
  const kind = textAt(event, "involvedObject.kind").toLowerCase();
  const name = textAt(event, "involvedObject.name");
  return name === "" ? kind : `${kind}/${name}`;
}

function eventSource(event: KubernetesObject): string {
  const component = textAt(event, "source.component", textAt(event, "reportingComponent"));
  const host = textAt(event, "source.host", textAt(event, "reportingInstance"));
  return host === "" ? component : `${component}, ${host}`;
}

function firstSeen(event: KubernetesObject): string {
  return textAt(event, "firstTimestamp", textAt(event, "eventTime"));
}

function lastSeen(event: KubernetesObject): string {
  return textAt(event, "series.lastObservedTime", textAt(event, "lastTimestamp", firstSeen(event)));
}
